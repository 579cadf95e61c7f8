"""What one file of a project is to become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from whetstone_codegen.edits import Edit, applied
from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from pathlib import Path

What: TypeAlias = Literal["module", "test", "supervisor", "project"]


@dataclass(frozen=True, slots=True)
class Change:
    """What one file is to become."""

    what: What
    path: Path
    before: bytes | None
    """None when there is no such file."""
    edits: tuple[Edit, ...]

    @property
    def after(self) -> bytes:
        """Its bytes afterwards."""
        return applied(self.before or b"", self.edits)

    @property
    def status(self) -> Literal["created", "changed", "unchanged"]:
        """What becomes of it."""
        if self.before is None:
            return "created"
        return "changed" if self.edits else "unchanged"


def whole(what: What, path: Path, before: bytes | None, after: str) -> Change:
    """Return the change that gives a file another text, or makes it."""
    return Change(what, path, before, (Edit(Span(0, len(before or b"")), after),))
