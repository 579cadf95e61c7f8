"""The history of the improvements to one project: what was done, by whom and why, and the way back.

It is a file of JSON Lines that is only ever added to, in the state folder of the workspace; `chain` says how changes
to it by others are found. The texts before and after each change lie beside it.
"""

from __future__ import annotations

import logging
import os
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from whetstone_server import state
from whetstone_server.errors import InputError
from whetstone_server.events import locks
from whetstone_server.folders import sync_folder
from whetstone_server.improvements import files, journal
from whetstone_server.improvements.chain import (
    KEY_LETTERS,
    VERSION,
    Chain,
    Head,
    Problem,
    chain_in,
    origin,
    problems_in,
)
from whetstone_server.improvements.disk import put, write_all
from whetstone_server.improvements.improvement import Improvement, check_step, improvements_in
from whetstone_server.improvements.record import Record, Step, encode
from whetstone_server.improvements.signature import Key
from whetstone_server.improvements.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

WAIT_S = 10.0
"""How long somebody else may write before we give up."""
LOOK_EVERY_S = 0.02
log = logging.getLogger(__name__)


class HistoryError(InputError):
    """The history was tampered with, so that nothing can be added to it."""


class History:
    """The history of one project; any number of them, in any number of processes, may be used at once."""

    def __init__(self, root: Path) -> None:
        """Nothing is read or made here."""
        self.root = Path(os.path.realpath(root))
        self.folder = state.history(self.root)
        self.name = self.folder.parent.name
        self.file = self.folder / "records.jsonl"
        self.head_file = state.keys() / f"{self.name}.head"
        self.intent_file = self.folder / "intent"
        self._told_file = self.folder / "told"
        self.texts = Texts(self.folder / "texts")
        self.key = Key(state.keys())

    def path_of(self, file: Path) -> str:
        """Return a file as records name it: as seen from the project's folder, or absolute where it lies elsewhere."""
        real = Path(os.path.realpath(file))
        return real.relative_to(self.root).as_posix() if real.is_relative_to(self.root) else str(real)

    def file_of(self, path: str) -> Path:
        """Return the file that records name so."""
        return self.root / path

    # -- reading -----------------------------------------------------------------------------------------------------

    def records(self) -> tuple[Record, ...]:
        """Return everything that was done, oldest first. Raises `HistoryError` when the history was tampered with."""
        return self._chain().records

    def improvements(self) -> dict[str, Improvement]:
        """Return all improvements by id, in the order in which they were proposed; raises as `records` does."""
        return improvements_in(self.records())

    def improvement(self, wanted: str) -> Improvement:
        """Return one improvement by its id, or by the first letters that no other id begins with.

        Raises `InputError` when there is none, or more than one.
        """
        known = self.improvements()
        found = [known[wanted]] if wanted in known else [each for each in known.values() if each.id.startswith(wanted)]
        if not wanted or not found:
            raise InputError(f"there is no improvement {wanted}; `whetstone improvements list` shows those there are")
        if len(found) > 1:
            ids = ", ".join(each.id for each in found)
            raise InputError(f"{wanted} could be any of {ids}; write more of it")
        return found[0]

    def verify(self) -> list[Problem]:
        """Read everything, check every signature, and return what is wrong, by the number of the record."""
        try:
            content, head = self._stored()
            if head is None:
                return []
            problems = problems_in(content, head, self.key)
        except HistoryError as error:
            return [Problem(None, "head", str(error))]
        return problems + self._altered_texts()

    def _altered_texts(self) -> list[Problem]:
        """Return which changes could not be taken back, because a text is gone or altered."""
        found = []
        for record in self._readable():
            for name in {text for change in record.changes for text in (change.before, change.after)}:
                try:
                    self.texts.read(name)
                except InputError as error:
                    found.append(
                        Problem(record.number, "altered", f"a text of record {record.number} is lost: {error}")
                    )
        return found

    def _readable(self) -> tuple[Record, ...]:
        try:
            return self.records()
        except HistoryError:
            return ()

    def _chain(self) -> Chain:
        content, head = self._stored()
        if head is None:
            return Chain((), 0, origin(self.name))
        chain = chain_in(content, head, self.key)
        if chain is None:
            raise HistoryError(
                f"the history of {self.root} was altered by somebody else, so nothing is added to it; "
                "`whetstone improvements verify` says where"
            )
        return chain

    def _stored(self) -> tuple[bytes, Head | None]:
        """Return what is in the file and the head that was signed for it, which is `None` before the beginning."""
        signed, content = self._both()
        if content and not signed:  # somebody may have begun between one and the other
            signed, content = self._both()
        if signed:
            return content, self._head(signed)
        if content:
            raise HistoryError(
                f"the head of the history, {self.head_file}, is missing, so that nobody can tell whether it is whole; "
                f"put it back, or begin anew by moving {self.folder} away"
            )
        return content, None

    def _both(self) -> tuple[bytes, bytes]:
        return _content(self.head_file), _content(self.file)  # in this order: the second only ever grows

    def _head(self, signed: bytes) -> Head:
        beginning_anew = f"put back what was there, or begin anew by moving {self.head_file} and {self.folder} away"
        if not self.key.exists:
            raise HistoryError(f"the key that the history is signed with, {self.key.file}, is gone; {beginning_anew}")
        payload = self.key.opened(signed)
        head = msgspec.json.decode(payload, type=Head) if payload else None
        if head is None or head.history != self.name:
            raise HistoryError(
                f"{self.head_file} was altered or signed with a key that is not {self.key.file}; {beginning_anew}"
            )
        if head.version > VERSION:
            raise InputError(f"a newer Whetstone wrote the history of {self.root}; update this one")
        return head

    # -- writing -----------------------------------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Be the only one who writes while it lasts.

        Raises `InputError` when somebody else does for too long or the folder cannot be written, and `HistoryError`
        when the history was tampered with. The event store is told at the end.
        """
        state.opened_workspace(self.root)
        with self._locked():
            if not self.key.exists and not self.head_file.exists():
                self.key.make()
            writing = Writing(self, self._chain())
            try:
                files.settle(self, writing.records)
            except OSError as error:
                raise self._unwritable(error) from error
            try:
                yield writing
            finally:
                self._tell(writing)

    def _tell(self, writing: Writing) -> None:
        """Tell the event store of every step that it was not told of, by us or by somebody who was killed over it."""
        records, told = writing.records, 0
        with suppress(OSError, ValueError):
            told = int(self._told_file.read_bytes())
        if told < len(records) and journal.tell(self.root, records[told:], writing.improvements):
            with suppress(OSError):  # then it is told once more
                self._told_file.write_bytes(str(len(records)).encode())

    def recover(self) -> None:
        """Bring to its end, or take back, what a crash broke off; next to nothing where nothing was.

        `writing` does this too. Raises as that does.
        """
        if self.intent_file.exists():
            with self.writing():
                pass

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            self._wait_for(handle)
            with suppress(OSError):  # on a full disk nobody is told who writes
                os.ftruncate(handle, 0)
                os.write(handle, str(os.getpid()).encode())
            yield
            locks.unlock(handle)
        finally:
            os.close(handle)

    def _wait_for(self, handle: int) -> None:
        end = time.monotonic() + WAIT_S
        while not locks.lock(handle):
            if time.monotonic() > end:
                holder = ""
                with suppress(OSError):  # Windows does not let others read what is locked
                    holder = f" (process {os.read(handle, 20).decode()})"
                raise InputError(f"another Whetstone{holder} is writing to the history of {self.root}; try again later")
            time.sleep(LOOK_EVERY_S)

    def _unwritable(self, error: OSError) -> InputError:
        return InputError(
            f"{error.filename or self.folder} cannot be written ({error.strerror or error}); "
            "set WHETSTONE_HOME to a folder that can"
        )

    def keep_texts(self, otherwise: str, texts: Iterable[bytes]) -> None:
        """Keep texts of files, so that there is a way back; raises `InputError` beginning with `otherwise`."""
        try:
            self.texts.keep(*texts)
        except OSError as error:
            raise InputError(f"{otherwise}: {self.folder}: {error.strerror or error}") from error

    def append(self, chain: Chain, steps: Sequence[Step]) -> Chain:
        """Add records after those of `chain`, and return when they are on disk; for `Writing`, which has the lock."""
        try:
            if not self.head_file.exists():
                self._sign(chain)
            lines, chain_after = self._lines(chain, steps)
            self._write(chain.size, lines)
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            self._sign(chain_after)
        except OSError as error:  # they count all the same: each is signed by itself
            log.warning("the head of the history could not be written: %s", error)
        return chain_after

    def _lines(self, chain: Chain, steps: Sequence[Step]) -> tuple[bytes, Chain]:
        """Return the lines of new records, and the chain that they lead to."""
        records, size, last = list(chain.records), chain.size, chain.hash
        lines, until = [], len(records) + len(steps)
        for step in steps:
            now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            fields = {name: getattr(step, name) for name in step.__struct_fields__}
            key = self.key.public[:KEY_LETTERS]
            record = Record(**fields, number=len(records) + 1, time=now, until=until, previous=last, key=key)
            line = self.key.sealed(encode(record))
            lines.append(line + b"\n")
            records.append(record)
            last, size = sha256(line).hexdigest(), size + len(line) + 1
        return b"".join(lines), Chain(tuple(records), size, last)

    def _write(self, size: int, lines: bytes) -> None:
        """Write lines at the end of the file, in the place of what a crash may have left there."""
        new = not self.file.exists()
        handle = os.open(self.file, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        try:
            try:
                os.ftruncate(handle, size)
                os.lseek(handle, size, os.SEEK_SET)
                write_all(handle, lines)
                os.fsync(handle)
            except BaseException:
                os.ftruncate(handle, size)
                raise
        finally:
            os.close(handle)
        if new:
            sync_folder(self.folder)

    def _sign(self, chain: Chain) -> None:
        """Write the head for a chain in the place of the one before."""
        head = Head(self.name, len(chain.records), chain.size, chain.hash, self.key.public)
        put(self.head_file, self.key.sealed(msgspec.json.encode(head)))


class Writing:
    """A history while nobody else writes to it."""

    def __init__(self, history: History, chain: Chain) -> None:
        """`History.writing` makes these."""
        self.history = history
        self._chain = chain

    @property
    def records(self) -> tuple[Record, ...]:
        """Everything that was done, oldest first."""
        return self._chain.records

    @property
    def improvements(self) -> dict[str, Improvement]:
        """All improvements by id, as they stand now."""
        return improvements_in(self.records)

    def check(self, *steps: Step) -> None:
        """Raise `InputError` when a step is not allowed from where its improvement will stand then."""
        standing = {each.id: each.status for each in self.improvements.values()}
        for step in steps:
            check_step(step.improvement, standing.get(step.improvement), step.step)
            standing[step.improvement] = step.step

    def append(self, *steps: Step) -> None:
        """Take steps, all or none, and return when they are on disk.

        Raises `InputError` when one is not allowed from where its improvement stands, or there is no room.
        """
        self.check(*steps)
        self._chain = self.history.append(self._chain, steps)


def _content(file: Path) -> bytes:
    """Return what is in a file, nothing where there is none; raises `InputError` when it cannot be read."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise InputError(
            f"{file} cannot be read ({error.strerror or error}); give yourself the right to, or set WHETSTONE_HOME"
        ) from error
