"""Processes put under a supervisor that the application has, or should have, for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.blocks import is_dropped
from whetstone_knowledge.elixir.calls import operands
from whetstone_knowledge.rule import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match, Replacement

START_TASK = "Task.Supervisor.start_child"


def supervisor_for(match: Match, kind: str) -> str:
    """Return the supervisor of a kind (`Task.Supervisor`) that the text names, or the name that it would have."""
    named = re.search(rf"\{{{re.escape(kind)},\s*name:\s*([A-Z][\w.]*)", match.whole.source.decode("utf-8", "replace"))
    if named is not None:
        return named[1]
    module = match.module
    application = module.name.partition(".")[0] if module is not None else "MyApp"
    return f"{application}.{kind.replace('.', '')}"


def supervised_task(match: Match, call: Call) -> Iterator[Replacement]:
    """Yield what has a supervisor start the task, with the arguments that the call at hand has."""
    supervisor = supervisor_for(match, "Task.Supervisor")
    if call.piped:
        given = ", ".join([supervisor, *map(match.text, call.arguments)])
        yield match.replaced(call.whole, f"{START_TASK}({given})")
        return
    target = call.node.child_by_field_name("target")
    if target is not None:
        yield match.replaced(target, START_TASK)
        yield match.inserted(call.arguments[0].start_byte, f"{supervisor}, ")


def with_pid(match: Match, call: Call) -> Iterator[Replacement]:
    """Yield what takes the pid out of `{:ok, pid}`, which the call returns from now on.

    Raises `Refused` where the pid is used in place.
    """
    around = call.whole.parent
    sides = operands(around) if around is not None else None
    if sides is not None and sides[1] == "=" and sides[2] == call.whole:
        yield match.replaced(sides[0], f"{{:ok, {match.text(sides[0])}}}")
    elif not is_dropped(match, call.whole):
        raise Refused("the pid is used right here, and a supervisor returns `{:ok, pid}`; name it first")
