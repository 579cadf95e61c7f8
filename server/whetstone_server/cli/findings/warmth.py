"""Findings with what a profile says of their functions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from whetstone_server.cli.findings.located import Texts
from whetstone_server.profiles import Attribution, raised, read_profile

if TYPE_CHECKING:
    from whetstone_server.cli.findings.located import Located
    from whetstone_server.cli.search import Search


def warmed(found: Search, profile: str) -> list[Located]:
    """Return the findings with the heat of their functions, hottest first, then by impact."""
    attribution = Attribution(read_profile(Path(profile)), found.paths)
    texts = Texts()

    def warm(finding: Located) -> Located:
        function, lines = finding.finding.function, texts.unit_lines(finding)
        heat = attribution.heat(finding.path, function, lines) if function and lines else None
        if heat is None:
            return finding
        return replace(finding, heat=round(heat, 4), impact=raised(finding.impact, heat))

    return sorted(map(warm, found.findings), key=lambda finding: (-(finding.heat or 0.0), -finding.impact))
