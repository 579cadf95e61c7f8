"""What somebody is building: what it does and keeps, how large it gets, what it must survive, on how many nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

USES = {
    "functions": "only computes: nothing is remembered, nothing waits",
    "workers": "many jobs that do not depend on one another",
    "events": "one part tells many others what happened",
    "reads": "shared data that is read far more often than it is written",
    "entities": "a state of its own for each user, room, device or order",
    "hot-server": "one process that everybody waits for",
    "dependency": "calls something outside that may be slow or away",
    "bursts": "input that at times comes faster than it is handled",
    "resource": "a few connections or licences that many want to borrow",
    "workflow": "a long course of named phases, each with its own rules",
    "single": "exactly one may be active in the whole cluster",
}
"""What it does."""
STATES = {
    "none": "nothing is kept between calls",
    "private": "one process keeps it, and others ask that process",
    "shared": "many processes read it, or write it",
}
"""What is kept in memory."""
SCALES = {
    "small": "one process keeps up with it",
    "medium": "it fills the processors of one machine",
    "large": "it needs more than one machine",
}
"""How large it gets."""
FAILURES = {
    "crash": "a process dies",
    "dependency": "something outside is slow, wrong or away",
    "overload": "more comes in than can be handled",
    "node": "a machine of the cluster goes away",
    "vm": "the whole VM ends, and the data must still be there",
}
"""What it must survive."""
FACETS: Mapping[str, Mapping[str, str]] = {
    "use": USES,
    "state": STATES,
    "scale": SCALES,
    "survive": FAILURES,
    "nodes": {"one": "it runs on one node", "many": "it runs on several connected nodes"},
}
"""Every facet of a need with the words it can be stated in."""

_NAMES = {"use": "use case", "state": "state", "scale": "scale", "survive": "failure to survive", "nodes": "node"}


class Contradiction(ValueError):  # noqa: N818 -- reads as the sentence it is
    """Two parts of a need cannot both be meant; the message says which, and what to leave out."""


@dataclass(frozen=True, slots=True)
class Need:
    """What is needed, as far as it was stated. Raises `ValueError` for a word that is none of its facet's."""

    use: frozenset[str] = frozenset()
    state: str | None = None
    scale: str | None = None
    survive: frozenset[str] = frozenset()
    nodes: int | None = None

    def __post_init__(self) -> None:
        for facet, words in FACETS.items():
            if unknown := sorted(self.stated(facet) - words.keys()):
                raise ValueError(f"{unknown[0]} is no {_NAMES[facet]}; there are {', '.join(words)}")
        if self.nodes is not None and self.nodes < 1:
            raise ValueError(f"there is at least 1 node, not {self.nodes}")
        self._refuse_contradictions()

    def stated(self, facet: str) -> frozenset[str]:
        """Return the words in which a facet was stated; none, where nothing was said about it."""
        if facet == "nodes":
            return frozenset() if self.nodes is None else frozenset({"many" if self.nodes > 1 else "one"})
        value: frozenset[str] | str | None = getattr(self, facet)
        if value is None:
            return frozenset()
        return frozenset({value}) if isinstance(value, str) else value

    def _refuse_contradictions(self) -> None:
        if "functions" in self.use and (more := sorted(self.use - {"functions"})):
            raise Contradiction(f"what only computes does no {more[0]}: leave out functions, or {more[0]}")
        if "functions" in self.use and self.state in {"private", "shared"}:
            raise Contradiction(f"what only computes keeps no {self.state} state: leave out functions, or the state")
        if self.state == "none" and "entities" in self.use:
            raise Contradiction("a state for each entity is a state: leave out entities, or state none")
        if self.nodes == 1 and "node" in self.survive:
            raise Contradiction("with 1 node nothing survives its loss but what is stored: name more nodes, or vm")


@dataclass(frozen=True, slots=True)
class Clause:
    """When an entry is wanted, or ruled out, and why."""

    need: Mapping[str, frozenset[str]]
    """For each facet that matters, the words of which one must have been stated."""
    because: str
    """A sentence for the person whose need it is."""
    weight: int = 1
    """How much this counts, from 1, worth knowing as well, to 6, what the need is all about."""

    def holds(self, need: Need) -> bool:
        """Whether the need states one of the words for every facet of the clause."""
        return all(need.stated(facet) & words for facet, words in self.need.items())
