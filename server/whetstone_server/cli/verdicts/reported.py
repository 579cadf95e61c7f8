"""A proof with what is printed of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from whetstone_server.cli.findings.located import shown

if TYPE_CHECKING:
    from whetstone_server.improvements.prove import Proof


@dataclass(frozen=True, slots=True)
class Reported:
    """A proof, where it is about, and whether its rewrite was written to the file."""

    proof: Proof
    code: str | None
    """`None` when no rule made the rewrite."""
    rule: str | None
    line: int
    applied: bool = False

    @property
    def shown_path(self) -> str:
        """The path as it is printed."""
        return shown(self.proof.candidate.path)

    @property
    def agreed(self) -> bool:
        """Whether the proof said yes."""
        return self.proof.verdict.answer == "faster"

    def as_json(self) -> dict[str, Any]:
        """Return the verdict as the JSON contract names its fields."""
        return {
            "code": self.code,
            "rule": self.rule,
            "path": self.shown_path,
            "line": self.line,
            "function": self.proof.candidate.finding.function,
            **self.proof.verdict.as_json(),
            "confidence": round(self.proof.confidence.value, 3) if self.proof.confidence else None,
            "diff": self.proof.diff,
            "improvement": self.proof.improvement,
            "applied": self.applied,
        }
