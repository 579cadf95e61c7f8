"""WP101: a string that grows piece by piece in a loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge import cst
from whetstone_knowledge.rule import PythonRule
from whetstone_knowledge.syntax.match import LOOPS
from whetstone_knowledge.syntax.surroundings import (
    assigned,
    holds,
    is_deferred,
    is_short,
    may_be_caught,
    next_statement,
    previous_statement,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tree_sitter import Node

    from whetstone_knowledge.rewriting import Scene
    from whetstone_knowledge.syntax.match import Match
    from whetstone_knowledge.syntax.scopes import Occurrence

_LEAVING = frozenset({"break_statement", "return_statement", "raise_statement"})


class StringBuiltInLoop(PythonRule):
    """Builds a string piece by piece with `+=` in a loop.

    A string cannot grow: each `+=` may copy everything built so far, so the time grows with the square of the
    length. CPython often avoids the copy for a local variable nobody else refers to, which is why the gain there is
    measured in tenths rather than in orders of magnitude; other interpreters and allocators do copy. Collecting the
    pieces in a list and joining them once is linear everywhere.

    The rule speaks only where the name is proven to hold a string and nothing in the loop reads it. It stays quiet
    where a `try` or `with` around the loop could let somebody see the half-built string after an exception.
    Every piece must be a string: `join` reports another type after the loop, `+=` at the piece itself.
    """

    code = "WP101"
    title = "Collect the pieces and join them once"
    message = "`{name}` is a string built piece by piece in a loop"
    severity = "medium"
    weight = 35
    query = """
        (augmented_assignment left: (identifier) @name operator: "+=" right: (_) @piece) @here
    """
    literals = ("+=",)
    needs_loop = True
    trigger = r"\+=(?![ \t]*\d+[ \t]*[#;\r\n])()"  # nothing is added to a string that is just a number
    before = """
        def as_lines(words):
            text = ""
            for word in words:
                text += word
                text += "\\n"
            return text
    """
    after = """
        def as_lines(words):
            pieces = []
            for word in words:
                pieces.append(word)
                pieces.append("\\n")
            return "".join(pieces)
    """
    more = (
        (
            # Something to start with, a name of its own after the loop, a conditional piece, an early end.
            """
            def listing(names):
                html = "<ul>"
                for name in names:
                    if name is None:
                        break
                    html += f"<li>{name}</li>"  # one entry
                html += "</ul>"
                print(html)
            """,
            """
            def listing(names):
                pieces = ["<ul>"]
                for name in names:
                    if name is None:
                        break
                    pieces.append(f"<li>{name}</li>")  # one entry
                html = "".join(pieces)
                html += "</ul>"
                print(html)
            """,
        ),
        (
            # Nested loops: the outermost one in which nobody reads the text.
            """
            def grid(rows):
                text: str = ""
                for row in rows:
                    for cell in row:
                        text += cell
                    else:
                        text += "|"
                    text += "\\n"
                return text.strip()
            """,
            """
            def grid(rows):
                pieces = []
                for row in rows:
                    for cell in row:
                        pieces.append(cell)
                    else:
                        pieces.append("|")
                    pieces.append("\\n")
                text: str = "".join(pieces)
                return text.strip()
            """,
        ),
        (
            """
            def grid(rows):
                lines = []
                for row in rows:
                    line = ""
                    for cell in row:
                        line += cell
                    lines.append(line)
                return lines
            """,
            """
            def grid(rows):
                lines = []
                for row in rows:
                    pieces = []
                    for cell in row:
                        pieces.append(cell)
                    line = "".join(pieces)
                    lines.append(line)
                return lines
            """,
        ),
        (
            # The string was begun elsewhere.
            """
            def report(title, rows):
                pieces = len(rows)
                text = str(title)
                text += f": {pieces} rows"
                while rows:
                    text += str(rows.pop())
                return text
            """,
            """
            def report(title, rows):
                pieces = len(rows)
                text = str(title)
                text += f": {pieces} rows"
                pieces_2 = []
                while rows:
                    pieces_2.append(str(rows.pop()))
                text += "".join(pieces_2)
                return text
            """,
        ),
        (
            # The beginning need not be the line before.
            """
            def columns(rows):
                left = ""
                width = len(rows)
                for row in rows:
                    left += row[:width]
                return left
            """,
            """
            def columns(rows):
                pieces = []
                width = len(rows)
                for row in rows:
                    pieces.append(row[:width])
                return "".join(pieces)
            """,
        ),
        (
            # The `try` around it sees the string only when the loop has ended.
            """
            def dump(rows):
                try:
                    text = ""
                    for row in rows:
                        text += str(row)
                    send(text)
                except ValueError:
                    send("nothing")
            """,
            """
            def dump(rows):
                try:
                    pieces = []
                    for row in rows:
                        pieces.append(str(row))
                    text = "".join(pieces)
                    send(text)
                except ValueError:
                    send("nothing")
            """,
        ),
    )
    quiet = (
        # Added to once: that was the last round.
        """
        def f(frames, known):
            tag = "failed"
            for frame in frames:
                if frame in known:
                    tag += f" in {frame}"
                    break
            return tag
        """,
        """
        def f(row):
            text = ""
            for column in ("name", "street", "town"):
                text += row[column]
            return text
        """,
        """
        def f(rows):
            text = ""
            for row in rows:
                text += row
                print(text)
            return text
        """,
        """
        def f(rows):
            text = ""
            for row in rows:
                text += row + str(len(text))
            return text
        """,
        """
        def f(rows):
            total = 0
            for row in rows:
                total += row
            return total
        """,
        """
        def f(rows, text):
            for row in rows:
                text += row
            return text
        """,
        """
        def f(row):
            text = ""
            text += row
            return text
        """,
        """
        def f(rows):
            for row in rows:
                text = ""
                text += row
                print(text)
        """,
        """
        def f(rows):
            text = ""
            for row in rows:
                text += row
                if len(text) > 80:
                    return text
            return text
        """,
        """
        def f(rows):
            text = ""
            for row in rows:
                text += row
            else:
                return text
            return ""
        """,
        """
        def f(rows):
            text = ""
            while len(text) < 80:
                text += rows.pop()
            return text
        """,
        """
        def f(rows):
            text = ""
            try:
                for row in rows:
                    text += row
            except ValueError:
                pass
            return text
        """,
        """
        def f(rows):
            text = ""
            with suppress(ValueError):
                for row in rows:
                    text += row
            return text
        """,
        """
        def f(rows):
            text = ""
            def show():
                print(text)
            for row in rows:
                text += row
                show()
            return text
        """,
        """
        def f(rows):
            text = ""
            for row in rows:
                text *= 2
                text += row
            return text
        """,
        """
        text = ""


        def f(rows):
            global text
            for row in rows:
                text += row
            return text
        """,
        """
        def f(rows):
            text = None
            text = ""
            for row in rows:
                text += row
            return text
        """,
        """
        def f(rows):
            text = ""
            for row in rows:
                text += row
        """,
        """
        def f(self, rows):
            for row in rows:
                self.text += row
            return self.text
        """,
        """
        def f(rows):
            text = ""
            for row in rows:
                text += row
                del text
                text = ""
            return text
        """,
    )
    sample = 'args = ([f"word{number}" for number in range(1000)],)'
    evidence: ClassVar[Mapping[str, float]] = {"3.11": 2.34, "3.12": 1.72, "3.13": 1.84}

    def applies(self, match: Match) -> bool:
        """Whether the name holds a string, and some loop around only ever adds to it."""
        name, facts = match.text("name"), match.facts
        if match.node("piece").type == "integer" or match.function is None:
            return False
        if not facts.is_local(name) or facts.kind(name) != "str":
            return False
        found = facts.occurrences(name)
        loop = self._loop(match, found)
        if loop is None or any(is_deferred(each) for each in found):
            return False
        additions = [each.chain[-2] for each in found if holds(loop, each.node)]
        others = [each for each in found if not holds(loop, each.node)]
        start = _beginning(loop, name, others)
        if all(_ends_loop(addition, loop) for addition in additions):
            return False
        if additions[0] != match.here or not any(each.role in {"read", "augment"} for each in others):
            return False
        if may_be_caught(match, loop) and (start is None or not self._all_beside(loop, others)):
            return False
        self._name_parts(match, loop, additions, start, others)
        return True

    def _loop(self, match: Match, found: Sequence[Occurrence]) -> Node | None:
        """Return the outermost loop around the match in which the name is only ever added to."""
        outermost = None
        for loop in match.loops:
            if not all(_is_addition(each) for each in found if holds(loop, each.node)):
                break
            outermost = loop
        return outermost if any(not is_short(loop) for loop in match.loops) else None

    def _all_beside(self, loop: Node, others: Sequence[Occurrence]) -> bool:
        """Whether the name is used nowhere but in the block of the loop, which an exception leaves."""
        block = loop.parent
        return block is not None and all(holds(block, each.node) for each in others)

    def _name_parts(
        self, match: Match, loop: Node, additions: Sequence[Node], start: Node | None, others: Sequence[Occurrence]
    ) -> None:
        match.also("loop", loop)
        match.also("addition", *additions)
        if start is None:
            return
        match.also("start", start)
        following = next_statement(loop)
        # Bound once, read once: the name itself is not needed any more.
        if following is not None and following.type == "return_statement" and len(others) == 2:
            value = following.named_children[0] if following.named_child_count else None
            if value is not None and value == others[1].node:
                match.also("result", value)

    def mend(self, scene: Scene) -> None:
        """Append where there was `+=`, and join when the loop is over."""
        loop = scene.loop("loop")
        pieces = scene.fresh("pieces")
        joined = scene.expression(f'"".join({pieces})')
        for addition in scene.every("addition", cst.AugAssign):
            call = scene.expression(f"{pieces}.append({scene.code(addition.value)})")
            scene.replace(addition, cst.Expr(call, semicolon=addition.semicolon))
        if not scene.has("start"):
            name = scene.code(scene.at("name", cst.Name))
            scene.insert_before(loop, scene.parse(f"{pieces} = []"))
            scene.insert_after(loop, scene.parse(f'{name} += "".join({pieces})'))
            return
        start = _start(scene)
        scene.replace(start, _collected(pieces, start))
        if scene.has("result"):
            scene.replace(scene.at("result", cst.Name), joined)
        else:
            joining = start.with_changes(value=joined, semicolon=cst.MaybeSentinel.DEFAULT)
            scene.insert_after(loop, cst.SimpleStatementLine([joining]))


def _ends_loop(addition: Node, loop: Node) -> bool:
    """Whether the block that adds to the string leaves the loop for good, so that it runs no more than once."""
    block = addition.parent.parent if addition.parent is not None else None
    if block is None or not block.named_children or block.named_children[-1].type not in _LEAVING:
        return False
    outer = block
    while outer.parent is not None and outer.type not in LOOPS:
        outer = outer.parent
    return outer == loop


def _is_addition(found: Occurrence) -> bool:
    """Whether an occurrence is the target of a `+=` that is a statement of its own and adds one thing."""
    if found.role != "augment" or found.frames or found.chain[-2].type != "augmented_assignment":
        return False
    operator = found.chain[-2].child_by_field_name("operator")
    piece = found.chain[-2].child_by_field_name("right")
    return operator is not None and operator.type == "+=" and piece is not None and piece.type in _PIECES


_PIECES = frozenset(
    {
        "attribute", "await", "binary_operator", "boolean_operator", "call", "concatenated_string",
        "conditional_expression", "identifier", "parenthesized_expression", "string", "subscript",
    }
)  # fmt: skip


def _beginning(loop: Node, name: str, others: Sequence[Occurrence]) -> Node | None:
    """Return the assignment before the loop that the string begins with, when nothing between them uses it."""
    statement = previous_statement(loop)
    while statement is not None and not any(holds(statement, each.node) for each in others):
        statement = previous_statement(statement)
    return assigned(statement, name)


def _start(scene: Scene) -> cst.Assign | cst.AnnAssign:
    """Return the assignment before the loop, annotated or not."""
    node = scene.at("start", cst.BaseSmallStatement)
    return node if isinstance(node, cst.AnnAssign) else cst.ensure_type(node, cst.Assign)


def _collected(pieces: str, start: cst.Assign | cst.AnnAssign) -> cst.Assign:
    """Return the assignment of a list that holds what the string began with."""
    value = start.value
    empty = isinstance(value, cst.SimpleString) and not value.evaluated_value
    items = [] if empty or value is None else [cst.Element(value)]
    target = cst.AssignTarget(cst.Name(pieces))
    return cst.Assign([target], cst.List(items), semicolon=start.semicolon)
