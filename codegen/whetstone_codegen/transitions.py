"""The table of a state machine, typed as one line: `pay: pending -> paid, ship: paid -> shipped`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.words import VALUES

if TYPE_CHECKING:
    from collections.abc import Collection

_ONE = re.compile(r"([a-z][a-z0-9_]*)\s*:\s*([a-z][a-z0-9_]*)\s*->\s*([a-z][a-z0-9_]*)")
_LONGEST = 30
"""So that a line of what is written has room for two names."""


class TransitionRefused(ValueError):  # noqa: N818 -- reads as the sentence it is
    """A table that is none; the message names what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Transition:
    """What an event does in a state."""

    event: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.event}: {self.before} -> {self.after}"


def transitions(typed: str, reserved: Collection[str] = ()) -> tuple[Transition, ...]:
    """Return the transitions that were typed, which begin in the state that is named first.

    Raises `TransitionRefused` also when a state cannot be reached or has a name among `reserved`, or an event leads
    from one state to two.
    """
    found: list[Transition] = []
    for part in typed.split(","):
        one = _ONE.fullmatch(part.strip())
        if one is None:
            raise TransitionRefused(f"{part.strip()!r} is no transition: write one like pay: pending -> paid")
        transition = Transition(*one.groups())
        if too_long := next((name for name in one.groups() if len(name) > _LONGEST), None):
            raise TransitionRefused(f"{too_long} has more than {_LONGEST} characters")
        if transition.event in VALUES:
            raise TransitionRefused(f"{transition.event} is a word of the language itself")
        if any((other.event, other.before) == (transition.event, transition.before) for other in found):
            raise TransitionRefused(f"{transition.event} leads from {transition.before} to two states")
        found.append(transition)
    if taken := set(states(found)).intersection(reserved):
        raise TransitionRefused(f"{min(taken)} is what the module itself uses")
    if lost := set(states(found)) - _reached(found):
        raise TransitionRefused(f"{min(lost)} cannot be reached from {found[0].before}, which comes first")
    if len(states(found)) == 1:
        raise TransitionRefused(f"{found[0].before} is the only state")
    return tuple(found)


def states(found: list[Transition] | tuple[Transition, ...]) -> tuple[str, ...]:
    """Return the states in the order in which they are named."""
    return tuple(dict.fromkeys(state for one in found for state in (one.before, one.after)))


def _reached(found: list[Transition]) -> set[str]:
    reached = {found[0].before}
    while more := {one.after for one in found if one.before in reached} - reached:
        reached |= more
    return reached
