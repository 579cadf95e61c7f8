"""Takes applied improvements out of their files again, and leaves what was changed there since.

Effect: replaces files, with the steps in the history. A file that is as the improvement left it gets back the text
before; in any other the change is undone by a merge whose base is the text after it. A file that was moved is followed
where git knows where to.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from whetstone_server.errors import InputError
from whetstone_server.improvements.changes import change_between, made, undone
from whetstone_server.improvements.files import Replacement, replace_together
from whetstone_server.improvements.git import repository_of
from whetstone_server.improvements.merge import Conflict, Merged, merge
from whetstone_server.improvements.record import Step
from whetstone_server.improvements.texts import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from whetstone_server.improvements.history import History
    from whetstone_server.improvements.improvement import Improvement
    from whetstone_server.improvements.record import Actor, Change, Hunk


class ConflictError(InputError):
    """What an improvement changed was changed again since, so that it cannot be taken out by itself."""

    def __init__(self, improvement: str, path: str, conflicts: Sequence[Conflict], later: Sequence[str]) -> None:
        """`later` are the improvements applied to the same file since."""
        lines = ", ".join(str(conflict.line) for conflict in conflicts)
        hint = f"; roll back {', '.join(later)} first, or undo it by hand" if later else "; undo it by hand"
        super().__init__(
            f"{improvement} was not rolled back, and nothing was written: what it changed in {path} was changed again "
            f"since, at line {lines}{hint}"
        )
        self.path = path
        self.conflicts = tuple(conflicts)


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What became of one file."""

    path: str
    """As records name it."""
    before: bytes
    after: bytes
    merged: bool
    """Whether it had been changed since, and that was kept."""
    moved_from: str | None = None
    """What it was called when the improvement was applied, if that was something else."""


def roll_back(
    history: History,
    improvements: Sequence[Improvement],
    actor: Actor,
    reason: str | None = None,
    evidence: dict[str, Any] | None = None,
) -> list[RolledBack]:
    """Take improvements out of their files, all or none, and return what became of each file.

    `evidence` is what was seen against them, in JSON's types. Raises `ConflictError` when the same lines were changed
    since, and `InputError` when one is not applied, its file is gone or cannot be written, or what is left would not
    parse; nothing is written then.
    """
    with history.writing() as writing:
        newest_first = sorted(improvements, key=lambda each: each.records[-1].number, reverse=True)
        steps = [
            Step(step="rolled-back", improvement=each.id, actor=actor, reason=reason, evidence=evidence)
            for each in newest_first
        ]
        writing.check(*steps)
        texts = _Texts(history)
        steps = [
            msgspec.structs.replace(step, changes=tuple(texts.without(each)))
            for step, each in zip(steps, newest_first, strict=True)
        ]
        done = texts.outcome()
        history.keep_texts("nothing was rolled back", texts.seen)
        changed = [
            Replacement(history.file_of(each.path), each.before, each.after)
            for each in done
            if each.after != each.before
        ]
        replace_together(writing, changed, steps)
    return done


def without(
    history: History, improvement: Improvement, read: Callable[[Path], bytes] = Path.read_bytes
) -> list[RolledBack]:
    """Return what rolling an improvement back would make of each of its files; raises as that does, writes nothing.

    `read` returns the bytes of a file as they are now, also where they are not on the disk yet.
    """
    texts = _Texts(history, read)
    texts.without(improvement)
    return texts.outcome()


def files(history: History, improvement: Improvement) -> list[Path]:
    """Return the files of an improvement, where they are now."""
    return [history.file_of(_place(history, path)) for path in improvement.paths]


def _place(history: History, path: str) -> str:
    """Return a file's path or, when it is gone from there, the one that git says it was moved to."""
    file = history.file_of(path)
    repository = None if file.exists() else repository_of(file)
    moved = repository.moved_to(file) if repository else None
    return history.path_of(moved) if moved else path


class _Texts:
    """The files that are rolled back, as they are and as they become; each improvement is taken out of the last."""

    def __init__(self, history: History, read: Callable[[Path], bytes] = Path.read_bytes) -> None:
        self._history = history
        self._read = read
        self._now: dict[str, bytes] = {}
        self._then: dict[str, bytes] = {}
        self._merged: set[str] = set()
        self._moved_from: dict[str, str] = {}
        self.seen: list[bytes] = []
        """Every text that a change leads from or to."""

    def without(self, improvement: Improvement) -> list[Change]:
        """Take one improvement out of all its files, and return how each changed."""
        changes = []
        for change in improvement.changes:
            path = _place(self._history, change.path)
            if path != change.path:
                self._moved_from[path] = change.path
            text = self._text(improvement, path)
            self._then[path] = self._taken_out(improvement, change, path, text)
            if text != self._then[path]:
                changes.append(change_between(path, text, self._then[path]))
                self.seen += [text, self._then[path]]
        if not changes:
            self._check_checked_out(improvement)
        return changes

    def outcome(self) -> list[RolledBack]:
        """Return every file as it was and as it becomes."""
        return [
            RolledBack(path, self._now[path], after, path in self._merged, self._moved_from.get(path))
            for path, after in self._then.items()
        ]

    def _check_checked_out(self, improvement: Improvement) -> None:
        """Raise `InputError` when the files lack an improvement because another branch has it."""
        repository = repository_of(self._history.file_of(improvement.path))
        commit = repository.commit_of(improvement, self._history.root) if repository else None
        if commit and not commit.current:
            raise InputError(
                f"{improvement.id} was not rolled back: what is checked out does not have it; check out first what "
                f"does, commit {commit}"
            )

    def _text(self, improvement: Improvement, path: str) -> bytes:
        if path not in self._then:
            file = self._history.file_of(path)
            try:
                self._now[path] = self._then[path] = self._read(file)
            except OSError as error:
                raise InputError(
                    f"{improvement.id} was not rolled back: {path} cannot be read "
                    f"({error.strerror or error}); if it was moved, move it back and try again"
                ) from error
        return self._then[path]

    def _taken_out(self, improvement: Improvement, change: Change, path: str, text: bytes) -> bytes:
        """Return a file's text without what an improvement did to it."""
        held = name_of(text)
        if held == change.after:
            return undone(change, text)
        if held == change.before:
            return text
        self._merged.add(path)
        base = self._text_after(change)
        merged = _merged(base, text, undone(change, base))
        imports = [hunk for hunk in change.hunks if _bound_by(hunk)]
        beside_others = bool(merged.conflicts and imports)  # of another improvement, which stand in the same place
        if beside_others:
            merged = _merged(base, text, undone(change, base, but=imports))
        if merged.conflicts:
            raise ConflictError(improvement.id, path, merged.conflicts, self._later(improvement, change))
        names = _names(improvement, path, merged.text)
        needed = [hunk for hunk in imports if _bound_by(hunk) & names]
        if beside_others:
            return _without_imports(merged.text, [hunk for hunk in imports if hunk not in needed])
        if needed:
            merged = _merged(base, text, undone(change, base, but=needed))
        return merged.text

    def _text_after(self, change: Change) -> bytes:
        """Return the text that a change led to; either of its two texts is enough to have both."""
        try:
            return self._history.texts.read(change.after)
        except InputError:
            return made(change, self._history.texts.read(change.before))

    def _later(self, improvement: Improvement, change: Change) -> list[str]:
        """Return which improvements were applied to the same file later, the last first."""
        last = improvement.records[-1].number
        applied = [each for each in self._history.improvements().values() if each.status == "applied"]
        return [each.id for each in reversed(applied) if change.path in each.paths and each.records[-1].number > last]


def _merged(base: bytes, ours: bytes, theirs: bytes) -> Merged:
    """Return a merge in the line ends of our text, which git may have turned into others."""
    if b"\r\n" in ours and b"\r\n" not in base:
        base, theirs = base.replace(b"\n", b"\r\n"), theirs.replace(b"\n", b"\r\n")
    elif b"\r\n" in base and b"\r\n" not in ours:
        base, theirs = base.replace(b"\r\n", b"\n"), theirs.replace(b"\r\n", b"\n")
    return merge(base, ours, theirs)


def _names(improvement: Improvement, path: str, text: bytes) -> set[str]:
    """Return all names that a text uses; raises `InputError` when it does not parse."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise InputError(
            f"{improvement.id} was not rolled back, and nothing was written: {path} would not parse then "
            f"({error}); undo it by hand"
        ) from error
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _bound_by(hunk: Hunk) -> set[str]:
    """Return the names that a hunk imports, if that is all it does: others may have come to use them since."""
    try:
        statements = ast.parse(hunk.new).body
    except (SyntaxError, ValueError):
        return set()
    imports = [each for each in statements if isinstance(each, ast.Import | ast.ImportFrom)]
    if hunk.old.strip() or len(imports) < len(statements):
        return set()
    return {(name.asname or name.name).partition(".")[0] for each in imports for name in each.names}


def _without_imports(text: bytes, hunks: Sequence[Hunk]) -> bytes:
    """Return a text that parses without the imports that hunks brought; blank lines that came along stay."""
    brought = {line.strip().encode() for hunk in hunks for line in hunk.new.splitlines()}
    lines = text.splitlines(keepends=True)
    imports = [each for each in ast.parse(text).body if isinstance(each, ast.Import | ast.ImportFrom)]
    gone = {each.lineno - 1 for each in imports if lines[each.lineno - 1].rstrip() in brought}
    return b"".join(line for number, line in enumerate(lines) if number not in gone)
