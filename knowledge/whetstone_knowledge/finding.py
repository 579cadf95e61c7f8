"""A rule matched here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Literal, TypeAlias

from whetstone_knowledge.spans import Span  # noqa: TC001 -- its fields are read at run time

Severity: TypeAlias = Literal["low", "medium", "high", "critical"]
"""How much a finding is likely to matter before anything was measured."""

Fix: TypeAlias = Literal["proof-needed", "mechanical", "review", "none"]
"""Whether a finding has a rewrite that a proof can judge, one that the language's own rules make safe, one that only a
person can judge, or none."""


LOOP_WEIGHT = 15
"""What each loop around a place adds to the impact of a finding there: work repeated is work multiplied."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a rule matched, in byte offsets of the text it was found in."""

    code: str
    span: Span
    """What is underlined."""
    message: str
    severity: Severity
    impact: int
    """0 to 100: the rule's own weight, raised by each loop around the place."""
    fix: Fix
    function: str | None
    """Dotted name of the outermost function or method that holds it (`Class.method`); `None` at module level."""
    unit: Span | None
    """That function's whole text, decorators included: what a rewrite may touch and a proof exercises."""
    captures: tuple[tuple[str, Span], ...] = ()
    """Every node the rule's query named, in query order."""
    fingerprint: str = field(default="", compare=False)
    """The text around it, hashed without its position, so that an id survives edits elsewhere."""

    @property
    def id(self) -> str:
        """A stable name for this finding: the same while its own function's text stays the same."""
        offset = self.span.start - (self.unit.start if self.unit else 0)
        name = f"{self.code}|{self.function}|{offset}|{self.fingerprint}"
        return blake2b(name.encode(), digest_size=8).hexdigest()

    @property
    def extent(self) -> Span:
        """All of the text that its places lie in: an edit there makes some of them wrong."""
        return self.unit or self.span

    def shifted(self, by: int) -> Finding:
        """Return the same finding after `by` bytes were inserted before its function."""
        return replace(
            self,
            span=self.span.shifted(by),
            unit=self.unit and self.unit.shifted(by),
            captures=tuple((name, span.shifted(by)) for name, span in self.captures),
        )


def in_order(finding: Finding) -> tuple[Span, str]:
    """Return what findings are sorted by."""
    return finding.span, finding.code
