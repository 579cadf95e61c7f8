"""What is proven: a finding's rewrite, with the verdict on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from whetstone_codegen import Rewrite
    from whetstone_knowledge.finding import Finding
    from whetstone_server.improvements.confidence import Confidence
    from whetstone_server.sandbox.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Candidate:
    """A finding in a file, as it stood when it was found."""

    path: Path
    source: bytes
    """The file's text in UTF-8, whatever its encoding on disk."""
    finding: Finding


@dataclass(frozen=True, slots=True)
class Proof:
    """A candidate with the verdict on its rewrite."""

    candidate: Candidate
    rewrite: Rewrite | None
    """`None` when the rule refused, in which case the verdict is `not-tried` with the rule's reason."""
    verdict: Verdict
    improvement: str | None
    """The id under which everything needed to repeat it is kept; `None` when nothing was rewritten."""
    diff: str
    """A unified diff of the file, empty without a rewrite."""
    confidence: Confidence | None = None
    """How sure it is; `None` when nothing was rewritten."""
