"""Improvements that somebody else writes into a file, told to the history: an editor changes its own text.

What is in the editor counts, saved or not. It is kept as the bytes that saving it would write.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from contextlib import suppress
from typing import TYPE_CHECKING

from whetstone_server.improvements.changes import change_between
from whetstone_server.improvements.record import Step
from whetstone_server.scan.source import declared_encoding, in_utf_8

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from whetstone_server.improvements.history import History
    from whetstone_server.improvements.improvement import Improvement
    from whetstone_server.improvements.record import Actor, Change
    from whetstone_server.improvements.rollback import RolledBack

_OTHERWISE = "there would be no way back"


def saved(file: Path, text: bytes) -> bytes:
    """Return the bytes that saving `text`, in UTF-8 and without a byte order mark, would put into `file`."""
    with suppress(OSError), file.open("rb") as there:
        if there.read(len(BOM_UTF8)) == BOM_UTF8:
            return BOM_UTF8 + text
    encoding = declared_encoding(text)
    with suppress(LookupError, UnicodeError):  # an editor saves in UTF-8 then, or not at all
        return text.decode().encode(encoding)
    return text


def shown(content: bytes) -> bytes:
    """Return the text in UTF-8 and without a byte order mark, as an editor shows what `content` saves."""
    return in_utf_8(content).removeprefix(BOM_UTF8)


def note_applied(
    history: History,
    file: Path,
    made: Sequence[tuple[str, bytes, bytes]],
    actor: Actor,
    reasons: Mapping[str, str] | None = None,
) -> None:
    """Take the steps of improvements that were just made in the editor's text of `file`, all or none.

    Each is given by its id and the texts before and after it; `reasons` has why, by id. What only a person may approve
    is approved by `actor`, who picked it. An improvement that was applied before stays so: its edit was undone in the
    editor and made once more. Raises `InputError` when one may not be applied.
    """
    with history.writing() as writing:
        steps: list[Step] = []
        for improvement, *texts in made:
            before, after = (saved(file, text) for text in texts)
            change = change_between(history.path_of(file), before, after)
            why = (reasons or {}).get(improvement, "picked in the editor")
            new = _steps(writing.improvements.get(improvement), improvement, change, actor, why)
            if new:
                history.keep_texts(_OTHERWISE, (before, after))
                steps += new
        if steps:
            writing.append(*steps)


def _steps(known: Improvement | None, improvement: str, change: Change, actor: Actor, why: str) -> list[Step]:
    """Return the steps that one edit takes."""
    if known and known.status == "applied":
        return []
    steps = []
    if known and known.status == "testing":
        assumed = f"assumes no call like {'; '.join(known.assumptions)}"
        steps.append(Step(step="approved", improvement=improvement, actor=actor, reason=assumed))
    return [*steps, Step(step="applied", improvement=improvement, actor=actor, reason=why, changes=(change,))]


def note_rolled_back(
    history: History, improvement: Improvement, done: Sequence[RolledBack], actor: Actor, reason: str | None = None
) -> None:
    """Take the step of an improvement that an editor took out of its text. Raises `InputError` when it may not."""
    changes = [change_between(each.path, each.before, each.after) for each in done if each.before != each.after]
    step = Step(step="rolled-back", improvement=improvement.id, actor=actor, reason=reason, changes=tuple(changes))
    with history.writing() as writing:
        writing.check(step)
        history.keep_texts(_OTHERWISE, (text for each in done for text in (each.before, each.after)))
        writing.append(step)
