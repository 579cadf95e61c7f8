"""A child put into the list of its supervisor, behind those that it needs and before those that need it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from whetstone_codegen.edits import Edit, applied
from whetstone_knowledge.elixir.blocks import touching
from whetstone_knowledge.elixir.calls import items
from whetstone_knowledge.elixir.children import child_from, children_of
from whetstone_knowledge.elixir.grammar import new_parser
from whetstone_knowledge.rule import Refused
from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from whetstone_knowledge.elixir.children import Children, Listed

_WIDTH = 98
"""Columns of a line, as `mix format` breaks it."""


class Child(NamedTuple):
    """What is to be supervised."""

    spec: str
    """Its child specification, with whole names: `Ledger.Store`, `{Ledger.Store, limit: 8}`."""
    after: tuple[str, ...] = ()
    """What it needs besides what its arguments name: modules, or atoms with their colon."""


def supervised(source: bytes, child: Child, supervisor: str | None = None) -> tuple[Edit, ...]:
    """Return the edits that have `supervisor`, or the only one in `source`, start `child`; none when it does already.

    It comes last unless somebody there needs it, or answers requests, which a Phoenix endpoint does when all is up.
    Comments stay with the child that they stand above. Raises `Refused` with one sentence when the children cannot be
    read, or cannot be put in order.
    """
    children = children_of(source, supervisor)
    new = child_from(child.spec)
    if any(new.is_same(other) for other in children.listed):
        return ()
    _check_no_stranger_starts_it(new, children)
    place = _place(new, new.uses | {*child.after}, children)
    edits = _inserted(_Layout(source, children.node), child.spec, place)
    if not any(new.is_same(other) for other in children_of(applied(source, edits), supervisor).listed):
        raise Refused(
            f"an alias in {children.supervisor} gives `{child.spec}` another meaning there; rename that alias"
        )
    return edits


def _check_no_stranger_starts_it(new: Listed, children: Children) -> None:
    """Raise `Refused` when the list leaves it to a function or a variable of the project what to do with the module."""
    for other in children.listed:
        if other.module is None and new.module in other.uses:
            where = f"on line {other.node.start_point.row + 1} among the children of {children.supervisor}"
            raise Refused(f"{other} {where} may start {new.module} already")


def _place(new: Listed, needs: frozenset[str], children: Children) -> int:
    """Return how many of the children come before the new one."""
    listed = children.listed
    needed = max((number for number, other in enumerate(listed) if other.known_as & needs), default=-1)
    needing = [number for number, other in enumerate(listed) if other.uses & new.known_as]
    if needing and needed > needing[0]:
        late, early = listed[needed], listed[needing[0]]
        raise Refused(
            f"{new.module} needs {late}, and {early} needs {new.module}, but {children.supervisor} starts {early} "
            f"before {late}; put these two in order first"
        )
    answering = [number for number, other in enumerate(listed) if number > needed and _answers_requests(other)]
    return min([*needing, *answering], default=len(listed))


def _answers_requests(child: Listed) -> bool:
    """Whether a child lets requests in, by Phoenix's convention."""
    return bool(child.module and child.module.endswith(".Endpoint"))


class _Layout:
    """How a list is written: its lines, its comments, and what new lines of it begin with."""

    def __init__(self, source: bytes, node: Node) -> None:
        self.source, self.node = source, node
        self.newline = "\r\n" if b"\r\n" in source else "\n"
        self.comments = [child for child in node.named_children if child.type == "comment"]
        self.elements = items(node)
        self.is_broken = node.start_point.row < node.end_point.row
        self.outer = self.indent(node)
        own = [each for each in (*self.elements, *self.comments) if self.begins_its_line(each)]
        self.inner = self.indent(own[0]) if own else self.outer + "  "

    def line(self, node: Node) -> tuple[int, int]:
        """Return where the line begins and ends that a node begins in, its line break left out."""
        start = self.source.rfind(b"\n", 0, node.start_byte) + 1
        end = self.source.find(b"\n", node.start_byte)
        end = len(self.source) if end < 0 else end
        return start, end - self.source[start:end].endswith(b"\r")

    def indent(self, node: Node) -> str:
        start, end = self.line(node)
        line = self.source[start:end].decode("utf-8", "replace").removeprefix("\ufeff")
        return line[: len(line) - len(line.lstrip())]

    def begins_its_line(self, node: Node) -> bool:
        head = self.source[self.line(node)[0] : node.start_byte]
        return not head.removeprefix(b"\xef\xbb\xbf").strip()

    def end(self, node: Node) -> int:
        """Return where a node ends; to the grammar a comment holds the first half of its line break."""
        return node.end_byte - self.source.endswith(b"\r", 0, node.end_byte)

    def columns(self, node: Node) -> int:
        """Return how wide the line is that a node begins in."""
        start, end = self.line(node)
        return len(self.source[start:end].decode("utf-8", "replace").removeprefix("\ufeff"))


def _inserted(layout: _Layout, spec: str, place: int) -> tuple[Edit, ...]:
    if layout.is_broken:
        return _on_a_line(layout, spec, place)
    before, after = layout.elements[:place], layout.elements[place:]
    addition = spec if not layout.elements else f"{spec}, "
    if layout.columns(layout.node) + len(addition) > _WIDTH:
        above, below = _set_apart(layout)
        return (*above, _broken(layout, [*map(_code, before), spec, *map(_code, after)]), *below)
    if after:
        return (_at(after[0].start_byte, f"{spec}, "),)
    return (_behind(layout, before[-1], spec),) if before else (_at(layout.node.start_byte + 1, spec),)


def _on_a_line(layout: _Layout, spec: str, place: int) -> tuple[Edit, ...]:
    """Return what gives a child a line of its own in a list that has several."""
    text = _wrapped(spec, layout.inner, layout.newline)
    line = layout.newline + layout.inner + text
    if place == len(layout.elements):
        return _last(layout, line)
    if place == 0:
        top = _top(layout, layout.elements[0])
        between = layout.newline + layout.inner if layout.begins_its_line(top) else " "
        return (_at(top.start_byte, f"{text},{between}"),)
    above, below = layout.elements[place - 1 : place + 1]
    comma = _comma(layout, above) or above
    remarks = [each for each in layout.comments if each.start_point.row == comma.end_point.row]
    remark = next((each for each in remarks if comma.end_byte <= each.start_byte < below.start_byte), comma)
    return (_at(layout.end(remark), f"{line},"),)


def _last(layout: _Layout, line: str) -> tuple[Edit, ...]:
    """Return what puts a line at the end of the list, below the comments that stand there."""
    if not (layout.elements or layout.comments):
        inside = Span(layout.node.start_byte + 1, layout.node.end_byte - 1)
        return (Edit(inside, line + layout.newline + layout.outer),)
    last = layout.elements[-1] if layout.elements else None
    comma = _comma(layout, last) if last else None
    end = max(layout.end(each) for each in (last, comma, *layout.comments) if each)
    if last is None or comma:
        return (_at(end, line),)
    return (_at(end, "," + line),) if end == last.end_byte else (_at(last.end_byte, ","), _at(end, line))


def _behind(layout: _Layout, last: Node, spec: str) -> Edit:
    comma = _comma(layout, last)
    return _at(comma.end_byte, f" {spec}") if comma else _at(last.end_byte, f", {spec}")


def _comma(layout: _Layout, child: Node) -> Node | None:
    """Return the comma behind a child; Elixir allows one behind the last."""
    return next((each for each in layout.node.children if each.type == "," and each.start_byte >= child.end_byte), None)


def _top(layout: _Layout, element: Node) -> Node:
    """Return where a child begins, with the comments that stand right above it."""
    top = element
    for comment in reversed(layout.comments):
        right_above = comment.end_byte <= top.start_byte and comment.start_point.row == top.start_point.row - 1
        if right_above and layout.begins_its_line(comment) and layout.begins_its_line(top):
            top = comment
    return top


def _broken(layout: _Layout, specs: Sequence[str]) -> Edit:
    """Return the list with a line for each child, as `mix format` writes one that is too wide for a line."""
    call = layout.node.parent.parent if layout.node.parent and layout.node.parent.type == "arguments" else None
    outer, newline = layout.outer, layout.newline
    if call is None or layout.begins_its_line(layout.node):
        return Edit(Span(layout.node.start_byte, layout.node.end_byte), _list(specs, outer, newline))
    arguments = layout.node.parent
    first, *others = items(arguments) if arguments else []
    options = [_code(each) for other in others for each in (items(other) if other.type == "keywords" else [other])]
    lines = [_list(specs, outer + "  ", newline), *options]
    text = f",{newline}{outer}  ".join(lines)
    start = call.child_by_field_name("target")
    begin = start.end_byte if start else first.start_byte
    return Edit(Span(begin, call.end_byte), f"({newline}{outer}  {text}{newline}{outer})")


def _set_apart(layout: _Layout) -> tuple[Sequence[Edit], Sequence[Edit]]:
    """Return the empty lines above and below that `mix format` gives a statement which no longer fits on its line."""
    statement = layout.node
    while statement.parent and statement.parent.type != "do_block":
        statement = statement.parent
    if statement.parent is None or statement.end_point.row != statement.start_point.row:
        return (), ()
    (above, below), (start, end) = touching(statement), layout.line(statement)
    return [_at(start, layout.newline)] if above else (), [_at(end, layout.newline)] if below else ()


def _list(specs: Sequence[str], outer: str, newline: str) -> str:
    inner = outer + "  "
    lines = f",{newline}".join(inner + _wrapped(spec, inner, newline) for spec in specs)
    return f"[{newline}{lines}{newline}{outer}]"


def _wrapped(spec: str, indent: str, newline: str) -> str:
    """Return a child specification as it stands on lines that begin with `indent`."""
    if len(indent) + len(spec) < _WIDTH:  # a comma may follow
        return spec
    node = new_parser().parse(spec.encode()).root_node.named_children[0]
    if node.type != "tuple":
        return spec
    parts = [_code(each) for part in items(node) for each in (items(part) if part.type == "keywords" else [part])]
    lines = f",{newline}".join(f"{indent}  {part}" for part in parts)
    return f"{{{newline}{lines}{newline}{indent}}}"


def _code(node: Node) -> str:
    return (node.text or b"").decode()


def _at(offset: int, text: str) -> Edit:
    return Edit(Span(offset, offset), text)
