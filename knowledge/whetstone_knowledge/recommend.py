"""From a need to entries: which answer it, in order and with reasons, and which do not although they might seem to.

Nothing is decided here. Each page says which needs it meets, how much that counts and why, and which rule it out; an
entry's score is the sum of what holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from whetstone_knowledge.entry import Entry
    from whetstone_knowledge.need import Need


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry with its reasons, the weightiest first, and the sum of their weights."""

    entry: Entry
    score: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """What answers a need, the best first, and what was ruled out; nothing in either, when nothing fits."""

    fitting: tuple[Judged, ...]
    ruled_out: tuple[Judged, ...]


def recommend(need: Need, entries: Iterable[Entry]) -> Advice:
    """Return the entries that meet the need; what any of its clauses rules out is never among them."""
    fitting, ruled_out = [], []
    for entry in entries:
        against = [clause for clause in entry.ruled_out if clause.holds(need)]
        speaking = sorted((clause for clause in entry.meets if clause.holds(need)), key=lambda clause: -clause.weight)
        clauses = against or speaking
        judged = Judged(entry, sum(clause.weight for clause in clauses), tuple(clause.because for clause in clauses))
        if against:
            ruled_out.append(judged)
        elif speaking:
            fitting.append(judged)
    return Advice(tuple(sorted(fitting, key=lambda judged: -judged.score)), tuple(ruled_out))
