"""Which improvement a command is about, and in which project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whetstone_server.errors import InputError
from whetstone_server.features import diagnostics

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from whetstone_server.improvements.history import History
    from whetstone_server.improvements.improvement import Improvement
    from whetstone_server.session import Session


def named(roots: Sequence[Path], improvement: str) -> tuple[History, Improvement]:
    """Return an improvement of one of the projects at `roots`, with the history that it is in.

    What a crash broke off is settled first. Raises `InputError` when no project has it.
    """
    from whetstone_server.improvements.history import History  # noqa: PLC0415 -- an editor's start does not wait for it

    missing = InputError("Whetstone has no project open: open a file of the one that is meant.")
    for root in roots:
        history = History(root)
        history.recover()
        try:
            return history, history.improvement(improvement)
        except InputError as error:
            missing = error
    raise missing


def turned_down(session: Session, *improvements: str) -> None:
    """Let the verdicts on what is not to be applied any more go, and show what is left in every open document."""
    for improvement in improvements:
        session.verdicts.let_go(improvement)
    for file in session.files:
        diagnostics.show(session, file)


def roots_for(session: Session, wanted: Mapping[str, Any]) -> Sequence[Path]:
    """Return the project of the document `{uri}`, or every one that is open when none is named."""
    file = session.file(str(wanted.get("uri")))
    return [file.root] if file and file.root else session.roots()
