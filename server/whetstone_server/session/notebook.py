"""A notebook as the editor has it: cells in order, each a document of its own, that see one another's names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from whetstone_knowledge.syntax.module_names import rebound_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_knowledge import Finding
    from whetstone_server.session.open_file import OpenFile

_WORD = re.compile(rb"[A-Za-z_][A-Za-z_0-9]*")


@dataclass(eq=False, slots=True)
class Notebook:
    """An open notebook and those of its cells that are Python."""

    uri: str
    cells: dict[str, OpenFile] = field(default_factory=dict)

    def rebound(self) -> frozenset[str]:
        """Return the builtins and modules that some cell gives another meaning; cells may be run in any order."""
        return frozenset().union(*(rebound_in(cell.source) for cell in self.cells.values()))

    def holding(self, cell: OpenFile, findings: Sequence[Finding]) -> Sequence[Finding]:
        """Return the findings in a cell but those in functions that use a name with another meaning in some cell."""
        rebound = self.rebound() if findings else frozenset()
        if not rebound:
            return findings
        return [finding for finding in findings if rebound.isdisjoint(_words(cell.source, finding))]


def _words(source: bytes, finding: Finding) -> set[str]:
    span = finding.unit or finding.span
    return {word.decode() for word in _WORD.findall(source, *span)}
