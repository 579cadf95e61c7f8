"""From an Elixir text to its tree, whatever state the text is in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.grammar import new_parser
from whetstone_knowledge.elixir.text import Text
from whetstone_knowledge.spans import Span
from whetstone_knowledge.trees import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Parser, Tree

_HEAD = re.compile(rb"^([ \t]*)(?:def|defp|defmacro|defmacrop)\b", re.MULTILINE)
_GOES_ON = re.compile(rb"[)\]}]|(?:do|when|rescue|catch|else|after)\b|\"\"\"|'''")
"""What a line begins with that is part of the function above it, although it is indented no further."""
_LINE = re.compile(rb"[^\n]*\n?")


def read(source: bytes, path: str | None = None, tree: Tree | None = None) -> Text:
    """Return a text with its tree; what of it is broken is blank there.

    An open `do` or bracket makes the parser misread everything up to the end. So each function of a broken text is
    read on its own first, the broken ones are blanked, and the rest is read without them.
    """
    parser = new_parser()
    tree = tree or parser.parse(source)
    if not tree.root_node.has_error:
        return Text(source, tree.root_node, path)
    broken = list(_broken_functions(parser, source))
    healed = _blanked(source, broken)
    root = parser.parse(healed).root_node
    if root.has_error:
        broken += errors(root)
    return Text(healed, root, path, broken=sorted(broken))


def _broken_functions(parser: Parser, source: bytes) -> Iterator[Span]:
    """Yield the functions that do not parse on their own, each from its head to where the next thing begins."""
    heads = list(_HEAD.finditer(source))
    for number, head in enumerate(heads):
        following = heads[number + 1].start() if number + 1 < len(heads) else len(source)
        end = _end_of(source, head.start(), len(head[1]), following)
        if parser.parse(source[head.start() : end]).root_node.has_error:
            yield Span(head.start(), end)


def _end_of(source: bytes, start: int, indent: int, limit: int) -> int:
    """Return where a function ends that is indented so: behind its `end`, or where a line is indented no further."""
    for line in _LINE.finditer(source, start, limit):
        text = line[0].strip()
        if line.start() == start or not text or _GOES_ON.match(text):
            continue
        deep = len(line[0]) - len(line[0].lstrip(b" \t"))
        if deep <= indent:
            is_its_end = deep == indent and re.match(rb"end\b", text) is not None
            return line.start() + len(line[0].rstrip(b"\r\n")) if is_its_end else line.start()
    return limit


def _blanked(source: bytes, spans: list[Span]) -> bytes:
    """Return the text with spaces where the spans are; its lines stay."""
    pieces, at = [], 0
    for span in spans:
        pieces += [source[at : span.start], re.sub(rb"[^\r\n]", b" ", source[span.start : span.end])]
        at = span.end
    return b"".join([*pieces, source[at:]])
