"""Processes put under a supervisor that the application has, or should have, for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.blocks import is_dropped
from whetstone_knowledge.elixir.calls import operands
from whetstone_knowledge.elixir.match import Replacement
from whetstone_knowledge.elixir.options import set_apart
from whetstone_knowledge.rule import Refused
from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match

WIDTH = 98
"""Columns of a line, as `mix format` breaks it."""


def supervisor_for(match: Match, kind: str) -> str:
    """Return the supervisor of a kind (`Task.Supervisor`) that the text names, or the name that it would have."""
    named = re.search(rf"\{{{re.escape(kind)},\s*name:\s*([A-Z][\w.]*)", match.whole.source.decode("utf-8", "replace"))
    if named is not None:
        return named[1]
    module = match.module
    application = module.name.partition(".")[0] if module is not None else "MyApp"
    return f"{application}.{kind.replace('.', '')}"


def supervised_task(match: Match, call: Call) -> Iterator[Replacement]:
    """Yield what has a supervisor start the task, with the arguments that the call at hand has.

    Raises `Refused` where the call would need brackets for one more.
    """
    supervisor = supervisor_for(match, "Task.Supervisor")
    start = f"{match.named('Task.Supervisor')}.start_child"
    if call.piped:
        given = ", ".join([supervisor, *map(match.text, call.arguments)])
        yield match.replaced(call.whole, f"{start}({given})")
        return
    target = call.node.child_by_field_name("target")
    if target is None:
        return
    match.check_may_grow(call)
    yield match.replaced(target, start)
    first, grown = call.arguments[0], f"{start}{supervisor}, "
    too_wide = _width(match, call.whole) + len(grown) - len(match.text(target)) > WIDTH
    if too_wide and _is_short_function(first) and _has_its_lines(match, call.whole):
        yield from _on_lines(match, call, supervisor)
    else:
        yield match.inserted(first.start_byte, f"{supervisor}, ")


def laid_out(match: Match, call: Call, text: str) -> Iterator[Replacement]:
    """Yield what puts a call of several lines, or a long one, in the place of another: below a `=` before it."""
    whole = call.whole
    around = whole.parent
    sides = operands(around) if around is not None else None
    is_bound = sides is not None and sides[1:] == ("=", whole) and sides[0].end_point.row == whole.end_point.row
    fits = "\n" not in text and _width(match, whole) + len(text) - len(match.text(whole)) <= WIDTH
    if around is None or around.parent is None or around.parent.type == "pair" or not is_bound or fits:
        yield match.replaced(whole, text)
        return
    deeper = text.replace("\n", "\n  ")
    yield Replacement(Span(match.behind_sign(around), whole.end_byte), f"\n{match.indent(around)}  {deeper}")
    yield from set_apart(match, around)


def with_pid(match: Match, call: Call) -> Iterator[Replacement]:
    """Yield what takes the pid out of `{:ok, pid}`, which the call returns from now on.

    Raises `Refused` where the pid is used in place.
    """
    around = call.whole.parent
    sides = operands(around) if around is not None else None
    is_bound = sides is not None and sides[1] == "=" and sides[2] == call.whole
    if not is_dropped(match, around if is_bound and around is not None else call.whole):
        raise Refused("the pid is used right here, and a supervisor returns `{:ok, pid}`; name it first")
    if is_bound and sides is not None:
        yield match.replaced(sides[0], f"{{:ok, {match.text(sides[0])}}}")


def _width(match: Match, node: Node) -> int:
    """Return how many columns the line has that a node ends on."""
    source = match.whole.source
    start, end = source.rfind(b"\n", 0, node.end_byte) + 1, source.find(b"\n", node.end_byte)
    return len(source[start : end if end >= 0 else None].decode("utf-8", "replace").rstrip())


def _is_short_function(node: Node) -> bool:
    """Whether a node is `fn -> … end` on one line."""
    if node.type != "anonymous_function" or node.start_point.row != node.end_point.row:
        return False
    return len(node.named_children) == 1 and len(node.named_children[0].named_children) == 1


def _has_its_lines(match: Match, node: Node) -> bool:
    """Whether a node is a statement, and nothing stands before it on its line."""
    start = match.whole.source.rfind(b"\n", 0, node.start_byte) + 1
    return is_dropped(match, node) and not match.whole.source[start : node.start_byte].strip()


def _on_lines(match: Match, call: Call, supervisor: str) -> Iterator[Replacement]:
    """Yield what gives the body of a function a line of its own, and the statement the empty lines that it has then."""
    function, statement = call.arguments[0], call.whole
    body = match.text(function.named_children[0].named_children[-1])
    margin = match.indent(statement)
    yield match.replaced(function, f"{supervisor}, fn ->\n{margin}  {body}\n{margin}end")
    above, below = statement.prev_named_sibling, statement.next_named_sibling
    if above is not None and above.type != "comment" and above.end_point.row == statement.start_point.row - 1:
        yield match.inserted(match.whole.source.rfind(b"\n", 0, statement.start_byte) + 1, "\n")
    if below is not None and below.start_point.row == statement.end_point.row + 1:
        yield match.inserted(statement.end_byte, "\n")
