"""Options added to those that are written in a call, a list or a tuple."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.blocks import touching
from whetstone_knowledge.elixir.calls import items, pairs
from whetstone_knowledge.elixir.match import Replacement
from whetstone_knowledge.rule import Refused
from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match

_WIDTH = 98
"""Columns of a line, as `mix format` breaks it."""


def with_options(match: Match, options: Node, added: Sequence[str]) -> Iterator[Replacement]:
    """Yield what puts more options behind those of a list, with or without brackets.

    Raises `Refused` where they would have to be laid out anew.
    """
    present = list(pairs(options))
    if not present:
        held = items(options)  # options may be written as tuples
        more = ", ".join(added)
        yield match.followed_by(held[-1], more) if held else match.inserted(options.end_byte - 1, more)
        return
    last = present[-1]
    if _begins_its_line(match, last):
        indent = match.indent(last)
        yield match.inserted(last.end_byte, "".join(f",\n{indent}{option}" for option in added))
        return
    more = "".join(f", {option}" for option in added)
    if _columns(match, last) + len(more) <= _WIDTH:
        yield match.inserted(last.end_byte, more)
        return
    yield from _broken(match, options, [*map(match.text, present), *added])


def _broken(match: Match, options: Node, written: Sequence[str]) -> Iterator[Replacement]:
    """Yield what gives each option a line of its own: those in a list that a variable is set to, or of a call."""
    around = options.parent
    if options.start_point.row != options.end_point.row or around is None or around.type == "tuple":
        raise Refused("with more options the line gets too long; break it first")
    indent = match.indent(options)
    lines = ",".join(f"\n{indent}  {option}" for option in written)
    if options.type == "list" and around.type == "binary_operator":
        statement, new = around, match.replaced(options, f"[{lines}\n{indent}]")
    elif options.type == "keywords" and around.type == "arguments" and around.parent and match.text(around)[0] == "(":
        start = options.prev_sibling.end_byte if options.prev_sibling is not None else options.start_byte
        statement, new = around.parent, Replacement(Span(start, options.end_byte), f"{lines}\n{indent}")
    else:
        raise Refused("with more options the line gets too long; break it first")
    yield new
    yield from set_apart(match, statement)


def set_apart(match: Match, statement: Node) -> Iterator[Replacement]:
    """Yield the blank lines that stand around a statement of several lines."""
    above, below = touching(statement)
    if above:
        yield match.inserted(_line(match, statement), "\n")
    if below and statement.next_named_sibling is not None:
        yield match.inserted(_line(match, statement.next_named_sibling), "\n")


def _begins_its_line(match: Match, node: Node) -> bool:
    return not match.whole.source[_line(match, node) : node.start_byte].strip()


def _line(match: Match, node: Node) -> int:
    """Return where the line begins that a node begins in."""
    return match.whole.source.rfind(b"\n", 0, node.start_byte) + 1


def _columns(match: Match, node: Node) -> int:
    """Return how wide the line is that a node ends in."""
    source = match.whole.source
    start = source.rfind(b"\n", 0, node.end_byte) + 1
    end = source.find(b"\n", node.end_byte)
    return len(source[start : end if end >= 0 else len(source)].decode("utf-8", "replace").rstrip("\r"))
