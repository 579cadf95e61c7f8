"""The messages that the module of a GenServer handles, and clauses put in for those that it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import items, operands
from whetstone_knowledge.rule import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match, Replacement
    from whetstone_knowledge.elixir.modules import Clause, Module

LOGS = """
  def handle_info(message, state) do
    Logger.warning("#{inspect(__MODULE__)} ignored #{inspect(message)}")
    {:noreply, state}
  end"""
"""A clause that takes any message."""
EXITS = """
  def handle_info({:EXIT, _from, :normal}, state), do: {:noreply, state}
  def handle_info({:EXIT, _from, reason}, state), do: {:stop, reason, state}"""
"""Clauses that do with exit signals what happens to a process that does not trap them."""


def message_clauses(module: Module) -> Sequence[Clause]:
    """Return the clauses of a server's `handle_info/2`, in order."""
    return module.functions.get(("handle_info", 2), ())


def takes_all(clause: Clause) -> bool:
    """Whether a clause of `handle_info/2` takes any message: a bare variable, and no guard."""
    return clause.guard is None and clause.parameters[0].type == "identifier"


def may_take(clause: Clause, tag: str, size: int = 0) -> bool:
    """Whether the first parameter of a clause may match an atom, or a tuple of some size that begins with it."""
    return _may_match(clause.parameters[0], tag, size)


def with_messages(match: Match, clauses: str) -> Iterator[Replacement]:
    """Yield what puts clauses of `handle_info/2` before those that the module has.

    Where it has none, they come behind the function that is looked at, and with them one that logs: the one that
    `use GenServer` brings does so no longer when there are others. Raises `Refused` where that function is defined only
    in some case.
    """
    module, clause = match.module, match.clause
    if module is None or clause is None:
        return
    present = message_clauses(module)
    if present:
        first = present[0].node
        text = match.indented(f"{clauses}\n\n  ", first).removeprefix(f"\n{match.indent(first)}")
        yield match.inserted(first.start_byte, text)
        return
    own = module.functions.get((clause.name, clause.arity))
    if not own:
        raise Refused("it is defined only in some case; where the new clauses belong is for you to say")
    last = own[-1].node
    mark = "\n\n  @impl true" if "impl" in module.attributes else "\n"
    yield match.inserted(match.behind(last), match.indented(f"{mark}{clauses}\n{LOGS}", last))
    yield from with_logger(match)


def with_logger(match: Match) -> Iterator[Replacement]:
    """Yield what has a server's module `require Logger`, if it does not.

    Raises `Refused` where `Logger` is another module.
    """
    module = match.module
    if match.named("Logger") != "Logger":
        raise Refused("`Logger` is the name of another module here")
    if module is not None and not module.requires("Logger"):
        head = _says_server(module, match)
        yield match.inserted(match.behind(head), match.indented("\n  require Logger", head))


def _may_match(pattern: Node, tag: str, size: int) -> bool:
    sides = operands(pattern)
    if sides is not None and sides[1] == "=":
        return _may_match(sides[0], tag, size) and _may_match(sides[2], tag, size)
    text = (pattern.text or b"").decode("utf-8", "replace")
    if pattern.type == "identifier" or text.startswith("^"):
        return True
    if pattern.type == "tuple":
        inside = items(pattern)
        return len(inside) == size and (not inside or _may_match(inside[0], tag, 0))
    return size == 0 and text == tag


def _says_server(module: Module, match: Match) -> Node:
    """Return the end of the `use` or `@behaviour` by which a module is a GenServer."""
    if "GenServer" in module.uses:
        return module.uses["GenServer"]
    return next(value for value in module.attributes["behaviour"] if match.resolved(value) == "GenServer")
