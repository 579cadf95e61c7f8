"""Chains of calls, piped or nested: the step before a call, and one call in place of two."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from whetstone_knowledge.elixir.brackets import is_open
from whetstone_knowledge.elixir.calls import items, operands
from whetstone_knowledge.elixir.match import Replacement, bracketed, is_text_over_lines
from whetstone_knowledge.rule import Refused
from whetstone_knowledge.spans import Span
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match


_LOOSER = frozenset(
    {"=", "|", "=>", "::", "when", "<-", "\\\\", "&&", "||", "and", "or", "==", "!=", "===", "!==", "=~"}
    | {"<", ">", "<=", ">="}
)
"""Operators that leave a pipe on one of their sides as it is."""


class Steps(NamedTuple):
    """Two calls of which the second takes the result of the first as its first argument."""

    first: Call
    second: Call


def steps(match: Match) -> Steps | None:
    """Return the call that stands here with the one before it; `None` where there are no two."""
    second = match.call
    first = step_before(match, second) if second is not None else None
    return Steps(first, second) if first is not None and second is not None else None


def step_before(match: Match, call: Call) -> Call | None:
    """Return the call whose result another gets first, by a pipe or between its brackets; it has an argument itself."""
    if not call.arguments or call.block is not None:
        return None
    before = match.read(bare(call.arguments[0]))
    return before if before is not None and before.arguments and before.block is None else None


def bare(node: Node) -> Node:
    """Return what stands between parentheses; any other node is returned as it is."""
    while node.type == "block":
        held = items(node)
        if len(held) != 1:
            break
        node = held[0]
    return node


def merged(match: Match, two: Steps, function: str, *arguments: Node | str) -> Replacement:
    """Return one call in place of two, of what the first was given and these arguments, in a pipe where there was one.

    Raises `Refused` where a comment would be lost.
    """
    first, second = two
    subject = first.arguments[0]
    in_pipe = first.piped and second.piped and second.arguments[0] == first.whole
    start = first.node if in_pipe else second.whole
    given = arguments if in_pipe else (subject, *arguments)
    kept = [each for each in given if not isinstance(each, str)]
    span = Span(start.start_byte, second.whole.end_byte)
    match.spare_comments(second.whole, span, kept)
    texts = (each if isinstance(each, str) else bracketed(each, match.moved(each, start)) for each in given)
    return Replacement(span, f"{function}({', '.join(texts)})")


def followed(match: Match, call: Call, function: str) -> Iterator[Replacement]:
    """Yield what gives the result of a call to one more function: by a pipe where that reads best.

    What stands inside of the call may be replaced as well. Raises `Refused` where a string would be changed, and where
    a pipe would take in more or less than the call.
    """
    whole, source = call.whole, match.whole.source
    around = whole.parent
    sides = operands(around) if around is not None else None
    if around is not None and sides is not None and sides[1] == "|>" and sides[0] == whole:
        yield match.inserted(whole.end_byte, f"{_gap(source, around)}|> {function}()")
        return
    indent = match.indent(whole)
    if whole.start_point.row == whole.end_point.row:
        if call.piped:
            yield match.inserted(whole.end_byte, f" |> {function}()")
        else:
            yield match.inserted(whole.start_byte, f"{function}(")
            yield match.inserted(whole.end_byte, ")")
        return
    if is_open(whole) or (around is not None and _binds_closely(around)):
        raise Refused("it is written so that a pipe would take in something else; give the result a name first")
    if around is not None and sides is not None and sides[1] == "=" and whole.start_point.row == around.start_point.row:
        indent = f"{indent}  "
        yield Replacement(Span(match.behind_sign(around), whole.start_byte), f"\n{indent}")
        if any(is_text_over_lines(node) for node in below(whole)):
            raise Refused("moving the lines would change a string in them")
        yield from _deeper(source, whole)
    pipe: Node | None = whole
    while pipe is not None and (each := operands(pipe)) is not None and each[1] == "|>":
        if "\n" not in _gap(source, pipe):
            yield Replacement(Span(each[0].end_byte, each[2].start_byte), f"\n{indent}|> ")
        pipe = each[0]
    yield match.inserted(whole.end_byte, f"\n{indent}|> {function}()")


def _binds_closely(around: Node) -> bool:
    """Whether an expression takes its sides before a pipe would."""
    sides = operands(around)
    if sides is not None:
        return sides[1] not in _LOOSER
    return around.type == "unary_operator" and around.children[0].type != "&"


def _gap(source: bytes, pipe: Node) -> str:
    """Return the white space before a pipe's operator."""
    sides = operands(pipe)
    if sides is None:
        return " "
    between = source[sides[0].end_byte : sides[2].start_byte]
    return between[: between.rfind(b"|>")].decode()


def _deeper(source: bytes, node: Node) -> Iterator[Replacement]:
    """Yield what moves the lines of a node but the first to the right."""
    at = source.find(b"\n", node.start_byte, node.end_byte) + 1
    while at > 0:
        if source[at : at + 1] not in {b"\n", b"\r"}:
            yield Replacement(Span(at, at), "  ")
        at = source.find(b"\n", at, node.end_byte) + 1
