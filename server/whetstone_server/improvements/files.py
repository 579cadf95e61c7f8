"""Several files replaced together, and their steps written down: all of it, or nothing, whatever happens meanwhile.

What is about to be done is on disk before the first file is touched, in an intent. The new texts are written beside
the files, and each takes the place of its file while the old one keeps a second name. The records of the history are
what decides: once they are there it was done. Whoever writes next looks for an intent first; where the records are
missing, files that hold the new text get back the very file that was there, and a file that somebody else has written
since is left alone and named.
"""

from __future__ import annotations

import logging
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from whetstone_server.errors import InputError
from whetstone_server.folders import sync_folder
from whetstone_server.improvements.disk import put, write_new
from whetstone_server.improvements.texts import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from whetstone_server.improvements.history import History, Writing
    from whetstone_server.improvements.record import Record, Step

log = logging.getLogger(__name__)


class Replacement(NamedTuple):
    """One file's bytes that are to become others."""

    file: Path
    before: bytes
    after: bytes


class Target(msgspec.Struct, frozen=True):
    """One file of an intent. All names are whole paths."""

    file: str
    """With symbolic links followed: what they lead to is replaced, and they stay links."""
    before: str
    """SHA-256 of its bytes before, in hexadecimal."""
    after: str
    new: str
    """Where the new text is written."""
    old: str
    """The second name of the file that was there."""


class Intent(msgspec.Struct, frozen=True):
    """What is about to be done."""

    writing: str
    """The name that its records carry."""
    targets: tuple[Target, ...]


def replace_together(writing: Writing, replacements: Sequence[Replacement], steps: Sequence[Step]) -> None:
    """Replace every file and take every step, or do nothing.

    Mode and, where allowed, owner of files stay. Raises `InputError` when a file is read-only or no longer holds
    `before`, or when there is no room.
    """
    history = writing.history
    intent = _intent(replacements)
    for replacement, target in zip(replacements, intent.targets, strict=True):
        check_writable(Path(target.file), replacement.file)
        _check_same(replacement, target)
    steps = [msgspec.structs.replace(step, writing=intent.writing) for step in steps]
    try:
        _replace(writing, replacements, intent, steps)
    except OSError as error:
        _settle_now(history)
        where = f"{error.filename}: " if error.filename else ""
        raise InputError(f"{where}{error.strerror or error}, so nothing was changed") from error
    except BaseException:
        _settle_now(history)
        raise
    try:
        settle(history, writing.records)
    except OSError as error:  # it is done all the same; whoever writes next tidies up
        log.warning("%s could not be tidied up: %s", history.intent_file, error)


def _replace(writing: Writing, replacements: Sequence[Replacement], intent: Intent, steps: Sequence[Step]) -> None:
    history = writing.history
    put(history.intent_file, history.key.sealed(msgspec.json.encode(intent)))
    for replacement, target in zip(replacements, intent.targets, strict=True):
        write_beside(replacement, target)
    for replacement, target in zip(replacements, intent.targets, strict=True):
        exchange(replacement, target)
    _sync(intent)
    writing.append(*steps)


def _settle_now(history: History) -> None:
    """Take back what failed. Raises `InputError` when the system does not let us: whoever writes next does it then."""
    try:
        settle(history, history.records())
    except OSError as error:
        raise InputError(
            f"writing failed, and so did putting back what was there ({error}); "
            "`whetstone improvements list` does that as soon as the system allows it"
        ) from error


def check_writable(file: Path, shown: Path) -> None:
    """Raise `InputError` about the `shown` file when it is there and may not be written."""
    if not os.access(file, os.W_OK) and os.access(file, os.F_OK):
        raise InputError(f"{shown} is read-only, so it was left alone; make it writable and try again")


def settle(history: History, records: Sequence[Record]) -> None:
    """Bring what an intent began to its end, or take it back, as `records` say; does nothing where there is none.

    A file that somebody else has written since is left alone and named in the log. Raises `InputError` when the
    intent is not one of ours.
    """
    intent = _pending(history)
    if intent is None:
        return
    if not any(record.writing == intent.writing for record in reversed(records)):
        for target in intent.targets:
            take_back(target, history.texts.read)
    for name in (name for target in intent.targets for name in (target.new, target.old)):
        Path(name).unlink(missing_ok=True)
    _sync(intent)
    history.intent_file.unlink()
    sync_folder(history.intent_file.parent)


def _pending(history: History) -> Intent | None:
    try:
        sealed = history.intent_file.read_bytes()
    except FileNotFoundError:
        return None
    payload = history.key.opened(sealed)
    if payload is None:
        raise InputError(
            f"{history.intent_file} was not written by Whetstone, or with another key, so nothing is done; "
            "see whether your files are as they should be, and move it away"
        )
    return msgspec.json.decode(payload, type=Intent)


def _intent(replacements: Sequence[Replacement]) -> Intent:
    name = secrets.token_hex(8)
    targets = [target_of(replacement, f"{name}-{number}") for number, replacement in enumerate(replacements)]
    return Intent(name, tuple(targets))


def target_of(replacement: Replacement, name: str) -> Target:
    """Return where a replacement takes place; `name` tells what lies beside the file from all others there."""
    file = Path(os.path.realpath(replacement.file))
    beside = file.with_name(f".whetstone-{name}")
    before, after = name_of(replacement.before), name_of(replacement.after)
    return Target(str(file), before, after, f"{beside}.new", f"{beside}.old")


def _check_same(replacement: Replacement, target: Target) -> None:
    """Raise `InputError` when somebody has written to the file in the meantime."""
    try:
        same = Path(target.file).read_bytes() == replacement.before
    except OSError as error:
        raise InputError(f"{replacement.file} cannot be read: {error.strerror}; nothing was changed") from error
    if not same:
        raise InputError(f"{replacement.file} changed just now, so it was left alone; try again")


def write_beside(replacement: Replacement, target: Target) -> None:
    """Write the new text, on disk down to the last byte, with mode and owner of the file."""
    status = Path(target.file).stat()
    write_new(Path(target.new), replacement.after)
    if hasattr(os, "chown"):
        with suppress(PermissionError):  # only root may give a file to somebody else
            os.chown(target.new, status.st_uid, status.st_gid)
    Path(target.new).chmod(stat.S_IMODE(status.st_mode))  # last, because a change of owner clears bits of it


def exchange(replacement: Replacement, target: Target) -> None:
    """Put the new text in the place of the file, which keeps its second name; `InputError` when it has changed."""
    _check_same(replacement, target)
    with suppress(OSError):  # some file systems have no second names; then the text itself is written back
        os.link(target.file, target.old)
    Path(target.new).replace(target.file)
    old = Path(target.old)
    if old.exists() and old.read_bytes() != replacement.before:
        raise InputError(f"{replacement.file} changed just now, so it was left alone; try again")


def take_back(target: Target, text: Callable[[str], bytes]) -> None:
    """Give a file that holds the new text what it held before; `text` knows texts by their hashes."""
    file, old = Path(target.file), Path(target.old)
    held = name_of(file.read_bytes()) if file.is_file() else None
    if held == target.after:
        if old.exists():
            old.replace(file)
            return
        status = file.stat()
        Path(target.new).unlink(missing_ok=True)
        write_new(Path(target.new), text(target.before))
        Path(target.new).chmod(stat.S_IMODE(status.st_mode))
        Path(target.new).replace(file)
    elif held != target.before:
        log.warning("%s was being rewritten when that was broken off, and somebody else changed it: see to it", file)


def _sync(intent: Intent) -> None:
    for folder in _folders(target.file for target in intent.targets):
        sync_folder(folder)


def _folders(files: Iterable[str]) -> list[Path]:
    return list(dict.fromkeys(Path(file).parent for file in files))
