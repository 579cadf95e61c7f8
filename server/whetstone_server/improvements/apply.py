"""Writes what was proven into the user's file: whole or not at all, only over the text that it was proven for.

Effect: replaces one file, after the text before it was kept. Nothing else of Whetstone writes into a project.
"""

from __future__ import annotations

import ast
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from whetstone_codegen import Edit, applied
from whetstone_server.errors import InputError
from whetstone_server.folders import sync_folder
from whetstone_server.scan.source import UnreadableError, declared_encoding, in_utf_8

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from whetstone_codegen import Rewrite
    from whetstone_server.improvements.prove import Proof


class Keeper(Protocol):
    """What keeps the text before an improvement, so that it can be taken back."""

    def applied(self, improvement: str, path: Path, before: bytes, after: bytes) -> object:
        """Keep that `improvement` turned the file's bytes from `before` into `after`."""
        ...


class Written(NamedTuple):
    """What became of the proofs about one file."""

    applied: tuple[Proof, ...]
    held: tuple[Proof, ...]
    """Proven for a text that is no longer there: find and prove them again."""


def apply(proofs: Sequence[Proof], keeper: Keeper) -> Written:
    """Write the rewrites of `proofs`, all `faster` and about one file, and return which could stand side by side.

    Of several rewrites of one function the one with the surest gain is written. Raises `InputError`, and leaves the
    file alone, when it no longer has the text that the proofs are about or cannot be written.
    """
    path, source = proofs[0].candidate.path, proofs[0].candidate.source
    stored = StoredText(path)
    if stored.source != source or any(proof.candidate.source != source for proof in proofs):
        raise InputError(f"{path} has changed since its rewrite was proven, so it was left alone; prove it again")
    taken, texts = _side_by_side(source, proofs)
    steps = [stored.raw, *(stored.encoded(text) for text in texts)]

    def keep() -> None:
        for proof, before, after in zip(taken, steps, steps[1:], strict=False):
            keeper.applied(proof.improvement or "", path, before, after)

    replace_file(path, steps[-1], expected=stored.raw, keep=keep)
    return Written(tuple(taken), tuple(proof for proof in proofs if proof not in taken))


def _side_by_side(source: bytes, proofs: Sequence[Proof]) -> tuple[list[Proof], list[bytes]]:
    """Return the proofs whose rewrites can stand in one text, and the text after each of them."""
    taken: list[Proof] = []
    texts: list[bytes] = []
    for proof in sorted(proofs, key=_surest):
        try:
            text = combined(source, [_rewrite(each) for each in (*taken, proof)])
        except ValueError:
            continue
        taken.append(proof)
        texts.append(text)
    return taken, texts


def _surest(proof: Proof) -> float:
    return -proof.verdict.speedup.low if proof.verdict.speedup else 0.0


def _rewrite(proof: Proof) -> Rewrite:
    """Return the rewrite, for which there must be a verdict of `faster` and a way back."""
    if proof.verdict.answer != "faster" or proof.rewrite is None:
        raise AssertionError("only what was proven faster is ever written")
    if proof.improvement is None:
        raise InputError(
            f"{proof.candidate.path} was left alone: there would be no way back, because the proof could not be kept; "
            "set WHETSTONE_HOME to a folder that can be written"
        )
    return proof.rewrite


def combined(source: bytes, rewrites: Sequence[Rewrite]) -> bytes:
    """Return `source` with every rewrite made; raises `ValueError` when they touch the same function or do not fit."""
    if len(rewrites) == 1:
        return rewrites[0].text
    imports = [edit for rewrite in rewrites for edit in rewrite.edits if edit.span.start == edit.span.end]
    functions = [edit for rewrite in rewrites for edit in rewrite.edits if edit.span.start < edit.span.end]
    text = applied(source, (*functions, *_merged(imports, rewrites)))
    try:
        ast.parse(text.decode("utf-8-sig"))
    except (SyntaxError, ValueError) as error:
        raise ValueError("together the rewrites do not parse") from error
    return text


def _merged(insertions: Sequence[Edit], rewrites: Sequence[Rewrite]) -> tuple[Edit, ...]:
    """Return one insertion per place with each import line once; the blank lines around them are the first one's."""
    wanted = {each for rewrite in rewrites for each in rewrite.imports}
    if len({each.bound for each in wanted}) < len(wanted):
        raise ValueError("two rewrites want different things under one name")
    merged: dict[int, Edit] = {}
    for edit in insertions:
        other = merged.get(edit.span.start)
        merged[edit.span.start] = edit if other is None else Edit(edit.span, _with_lines(other.text, edit.text))
    return tuple(merged.values())


def _with_lines(text: str, other: str) -> str:
    """Return the import lines of both texts, sorted, between the line ends that stand around those of `text`."""
    body = text.strip("\r\n")
    lead, _, trail = text.partition(body)
    newline = "\r\n" if "\r\n" in text else "\n"
    return lead + newline.join(sorted({*body.splitlines(), *other.strip("\r\n").splitlines()})) + trail


class StoredText:
    """A Python file as it lies on disk, and as the UTF-8 text that everything here works on."""

    def __init__(self, path: Path) -> None:
        try:
            self.raw = path.read_bytes()
            self.source = in_utf_8(self.raw)
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
        except UnreadableError as error:
            raise InputError(f"{path} cannot be read: {error}") from error

    def encoded(self, source: bytes) -> bytes:
        """Return a UTF-8 text in the encoding of the file; its byte order mark is part of both."""
        return source if self.source is self.raw else source.decode().encode(declared_encoding(self.raw))


def replace_file(path: Path, content: bytes, *, expected: bytes, keep: Callable[[], None]) -> None:
    """Put `content` in the place of the file's bytes in one step that a crash cannot cut in two.

    A symbolic link stays a link: what it leads to is replaced. Mode and, where allowed, owner stay. `keep` is called
    when nothing but the last step is left. Raises `InputError` when the file is read-only or no longer `expected`.
    """
    target = Path(os.path.realpath(path))
    if not os.access(target, os.W_OK):
        raise InputError(f"{path} is read-only, so it was left alone; make it writable and prove again")
    try:
        temporary = _written_beside(target, content)
    except OSError as error:
        raise InputError(
            f"{target.parent} cannot be written: {error.strerror or error}; {path} was left alone"
        ) from error
    try:
        _check_same(target, expected)
        keep()
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def _check_same(target: Path, expected: bytes) -> None:
    """Raise `InputError` when somebody has written to the file in the meantime."""
    if target.read_bytes() != expected:
        raise InputError(f"{target} changed just now, so it was left alone; prove it again")


def _written_beside(target: Path, content: bytes) -> Path:
    """Return a new file in the folder of `target`, on disk down to the last byte, with its mode and owner."""
    status = target.stat()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".whetstone")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if hasattr(os, "chown"):
            with suppress(PermissionError):  # only root may give a file to somebody else
                os.chown(name, status.st_uid, status.st_gid)
        Path(name).chmod(stat.S_IMODE(status.st_mode))  # last, because a change of owner clears bits of it
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)
