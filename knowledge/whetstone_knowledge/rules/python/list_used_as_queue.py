"""WP104: a list whose front is taken or filled in a loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge import cst
from whetstone_knowledge.rule import PythonRule
from whetstone_knowledge.syntax.match import LOOPS
from whetstone_knowledge.syntax.surroundings import assigned, holds, is_deferred
from whetstone_knowledge.triggers import GAP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tree_sitter import Node

    from whetstone_knowledge.rewriting import Scene
    from whetstone_knowledge.syntax.facts import Facts
    from whetstone_knowledge.syntax.match import Match
    from whetstone_knowledge.syntax.scopes import Occurrence


class ListUsedAsQueue(PythonRule):
    """Takes items from the front of a list, or puts them there, in a loop.

    `pop(0)` and `insert(0, …)` move every other item by one place, so emptying a queue of n items moves n times n
    halves of them. A `deque` does the same at either end in one step.

    The rule speaks where the list is made in this function, stays in it, and is used only in ways that a deque knows:
    both ends, length, truth, membership, iteration while it does not change. What is returned is made a list again.
    It stays quiet inside a `try`, because the message of the `IndexError` differs when there is nothing to take.
    """

    code = "WP104"
    title = "Use a deque"
    message = "The front of the list `{queue}` is used in a loop, which moves every other item each time"
    severity = "high"
    weight = 55
    query = """
        (call
          function: (attribute object: (identifier) @queue attribute: (identifier) @method)
          arguments: (argument_list . (integer) @place)) @here
    """
    literals = (".pop", ".insert")
    needs_loop = True
    trigger = rf"\.(?:pop|insert){GAP}\({GAP}(0)"
    before = """
        def reachable(graph, start):
            seen = {start}
            queue = [start]
            while queue:
                node = queue.pop(0)
                for near in graph[node]:
                    if near not in seen:
                        seen.add(near)
                        queue.append(near)
            return seen
    """
    after = """
        from collections import deque


        def reachable(graph, start):
            seen = {start}
            queue = deque([start])
            while queue:
                node = queue.popleft()
                for near in graph[node]:
                    if near not in seen:
                        seen.add(near)
                        queue.append(near)
            return seen
    """
    more = (
        (
            """
            import collections


            def backwards(items):
                result = []
                for item in items:
                    result.insert(0, item)  # newest first
                return len(result), result
            """,
            """
            import collections


            def backwards(items):
                result = collections.deque()
                for item in items:
                    result.appendleft(item)  # newest first
                return len(result), list(result)
            """,
        ),
        (
            """
            def rounds(players, count):
                waiting = list(players)
                for _ in range(count):
                    if not waiting or len(waiting) == 1:
                        break
                    waiting += [waiting.pop(0)]
                    print(waiting[0], waiting[-1], *waiting)
                for player in waiting:
                    print(player)
            """,
            """
            from collections import deque


            def rounds(players, count):
                waiting = deque(players)
                for _ in range(count):
                    if not waiting or len(waiting) == 1:
                        break
                    waiting += [waiting.popleft()]
                    print(waiting[0], waiting[-1], *waiting)
                for player in waiting:
                    print(player)
            """,
        ),
        (
            # A queue of its own for each root.
            """
            def levels(roots):
                for root in roots:
                    queue = [(child, 1) for child in root.children]
                    while len(queue) > 0 and (root.open or queue):
                        node, depth = queue.pop(0)
                        queue.extend((child, depth + 1) for child in node.children if child not in queue)
                        yield depth
            """,
            """
            from collections import deque


            def levels(roots):
                for root in roots:
                    queue = deque([(child, 1) for child in root.children])
                    while len(queue) > 0 and (root.open or queue):
                        node, depth = queue.popleft()
                        queue.extend((child, depth + 1) for child in node.children if child not in queue)
                        yield depth
            """,
        ),
    )
    quiet = (
        # Not a list made here.
        """
        def f(queue):
            while queue:
                queue.pop(0)
        """,
        """
        def f(queue: list):
            while queue:
                queue.pop(0)
        """,
        """
        def f(self):
            while self.queue:
                self.queue.pop(0)
        """,
        """
        def f():
            table = {0: 1}
            while table:
                table.pop(0)
        """,
        # Not in a loop, or not at the front.
        """
        def f(items):
            queue = list(items)
            return queue.pop(0)
        """,
        """
        def f(items):
            queue = list(items)
            while queue:
                queue.pop()
        """,
        """
        def f(items):
            queue = list(items)
            while queue:
                queue.insert(1, 0)
                queue.pop(1)
        """,
        # Used in a way that a deque does not know, or slowly.
        """
        def f(items):
            queue = list(items)
            while queue:
                queue.pop(0)
                print(queue[1:])
        """,
        """
        def f(items):
            queue = list(items)
            while queue:
                print(queue[len(queue) // 2])
                queue.pop(0)
        """,
        """
        def f(items):
            queue = list(items)
            while queue:
                queue.pop(0)
                queue.sort()
        """,
        """
        def f(items):
            queue = list(items)
            while queue != []:
                queue.pop(0)
        """,
        """
        def f(items):
            queue = list(items)
            while queue:
                queue.pop(0)
                print(f"{queue}")
        """,
        """
        def f(items):
            queue = list(items)
            while queue:
                queue.pop(0)
                queue = queue + [1]
        """,
        # It goes elsewhere as a list.
        """
        def f(items):
            queue = list(items)
            while queue:
                queue.pop(0)
                show(queue)
        """,
        """
        def f(self, items):
            queue = list(items)
            self.queue = queue
            while queue:
                queue.pop(0)
        """,
        """
        def f(items):
            queue = list(items)
            while queue:
                queue.pop(0)
                yield queue
        """,
        """
        def f(items):
            queue = list(items)
            while queue:
                queue.pop(0)
            return {"left": queue}
        """,
        """
        def f(items):
            queue = list(items)
            later = lambda: queue.append(1)
            while queue:
                queue.pop(0)
                later()
        """,
        """
        def f(items):
            queue: list[int] = list(items)
            while queue:
                queue.pop(0)
        """,
        """
        def f(items, other):
            queue = list(items)
            while queue:
                queue.pop(0)
                queue = other
        """,
        # Changing while it is iterated over: a list goes on, a deque raises.
        """
        def f(items):
            queue = list(items)
            for item in queue:
                queue.pop(0)
                queue.append(item)
        """,
        # The message of the error differs.
        """
        def f(items):
            queue = list(items)
            while True:
                try:
                    print(queue.pop(0))
                except IndexError as error:
                    print(error)
                    break
        """,
    )
    sample = """
        args = ({number: [2 * number + 1, 2 * number + 2] if number < 1000 else [] for number in range(2001)}, 0)
    """
    evidence: ClassVar[Mapping[str, float]] = {"3.11": 1.75, "3.12": 1.68, "3.13": 1.64}

    def applies(self, match: Match) -> bool:
        """Whether the list is made and kept in this function, and a deque can do all that is asked of it."""
        name, facts = match.text("queue"), match.facts
        if match.function is None or not match.loops or not facts.is_local(name) or facts.kind(name) != "list":
            return False
        found = facts.occurrences(name)
        shifts = [call for each in found if (call := _shift(each)) is not None]
        in_loop = [each for each in found if _shift(each) and any(node.type in LOOPS for node in each.chain)]
        if not in_loop or _shift(in_loop[0]) != match.here or facts.annotation(name) is not None:
            return False
        if any(node.type == "try_statement" for node in match.ancestors):
            return False
        values = [_value(each, facts) for each in found if each.role == "bind"]
        uses = [each for each in found if each.role != "bind"]
        made = [value for value in values if value is not None]
        if len(made) != len(values) or any(is_deferred(each) for each in found):
            return False
        if not all(_is_known(each, facts) for each in uses) or _is_tangled([*made, *shifts], shifts):
            return False
        match.also("value", *made)
        match.also("shift", *shifts)
        match.also("returned", *(each.node for each in uses if _is_returned(each)))
        return True

    def mend(self, scene: Scene) -> None:
        """Make a deque where the list was made, and use its left end."""
        made = scene.need("collections", "deque")
        for value in scene.every("value", cst.BaseExpression):
            scene.replace(value, scene.expression(f"{made}({_items(scene, value)})"))
        for call in scene.every("shift", cst.Call):
            method = cst.ensure_type(call.func, cst.Attribute)
            left = cst.Name("popleft" if method.attr.value == "pop" else "appendleft")
            scene.replace(call, call.with_changes(func=method.with_changes(attr=left), args=call.args[1:]))
        if scene.has("returned"):
            for returned in scene.every("returned", cst.Name):
                scene.replace(returned, scene.expression(f"{scene.builtin('list')}({returned.value})"))


_METHODS = frozenset({"append", "extend", "clear", "count", "reverse"})
_CHANGING = frozenset({"append", "extend", "clear", "reverse", "pop", "insert"})
_READERS = frozenset(
    {"all", "any", "bool", "frozenset", "len", "list", "max", "min", "set", "sorted", "sum", "tuple"}
)  # fmt: skip


def _items(scene: Scene, value: cst.BaseExpression) -> str:
    """Return what a deque is made from where `value` made a list."""
    if isinstance(value, cst.List) and not value.elements:
        return ""
    if isinstance(value, cst.Call) and scene.code(value.func) == "list":
        return ", ".join(scene.code(each.value) for each in value.args)
    return scene.code(value)


def _value(found: Occurrence, facts: Facts) -> Node | None:
    """Return the expression that makes the list at a binding; `None` when the binding is of another form."""
    assignment = assigned(found.chain[-3], facts.text(found.node)) if len(found.chain) > 2 else None
    value = assignment.child_by_field_name("right") if assignment is not None else None
    if value is None or value.type in {"list", "list_comprehension"}:
        return value
    function = value.child_by_field_name("function") if value.type == "call" else None
    name = facts.text(function) if function is not None else ""
    return value if name in {"list", "sorted"} and facts.is_builtin(name) else None


def _called(found: Occurrence) -> tuple[str, Node] | None:
    """Return the method called on the list where it stands, and the call."""
    if found.chain[-2].type != "attribute" or found.chain[-3].type != "call":
        return None
    call, method = found.chain[-3], found.chain[-2].child_by_field_name("attribute")
    if call.child_by_field_name("function") != found.chain[-2] or method is None or method.text is None:
        return None
    return method.text.decode(), call


def _given(call: Node) -> Sequence[Node]:
    arguments = call.child_by_field_name("arguments")
    return arguments.named_children if arguments is not None and arguments.type == "argument_list" else [call]


def _shift(found: Occurrence) -> Node | None:
    """Return the call that takes from the front of the list or puts something there."""
    called = _called(found)
    if called is None or found.frames:
        return None
    method, call = called
    given = _given(call)
    at_front = bool(given) and given[0].text == b"0" and given[-1].type not in {"list_splat", "keyword_argument"}
    return call if at_front and len(given) == {"pop": 1, "insert": 2}.get(method) else None


def _is_known(found: Occurrence, facts: Facts) -> bool:
    """Whether a deque does the same as a list at this use."""
    node, parent = found.chain[-1], found.chain[-2]
    match parent.type:
        case "attribute":
            return _is_known_method(found)
        case "argument_list":
            function = found.chain[-3].child_by_field_name("function")
            name = facts.text(function) if function is not None else ""
            return parent.named_child_count == 1 and name in _READERS and facts.is_builtin(name)
        case "comparison_operator":
            operators = parent.children_by_field_name("operators")
            is_member = len(operators) == 1 and operators[0].type in {"in", "not in"}
            return is_member and parent.named_children[-1] == node
        case "subscript":
            index = parent.child_by_field_name("subscript")
            return index is not None and index.text in {b"0", b"-1"} and parent.child_by_field_name("value") == node
        case "for_statement":
            return parent.child_by_field_name("right") == node and not _changes(parent, node, facts)
        case "for_in_clause":
            return parent.child_by_field_name("right") == node
        case "augmented_assignment":
            operator = parent.child_by_field_name("operator")
            return found.role == "augment" and operator is not None and operator.type == "+="
        case "list_splat":
            return True
    return _is_returned(found) or _is_tested(found)


def _is_known_method(found: Occurrence) -> bool:
    called = _called(found)
    if called is None:
        return False
    method, call = called
    if found.frames:
        return method == "count"
    return method in _METHODS or _shift(found) is not None or (method == "pop" and not _given(call))


def _changes(loop: Node, queue: Node, facts: Facts) -> bool:
    """Whether the list changes while `loop` iterates over it."""
    inside = [each for each in facts.occurrences(facts.text(queue)) if holds(loop, each.node)]
    return any(each.role != "read" or ((called := _called(each)) and called[0] in _CHANGING) for each in inside)


def _is_returned(found: Occurrence) -> bool:
    """Whether the list is returned here, alone or beside other things."""
    parent = found.chain[-2]
    return parent.type == "return_statement" or (
        parent.type == "expression_list" and found.chain[-3].type == "return_statement"
    )


def _is_tested(found: Occurrence) -> bool:
    """Whether only the truth of the list matters here."""
    depth = len(found.chain) - 1
    while found.chain[depth - 1].type in {"boolean_operator", "parenthesized_expression"}:
        depth -= 1
    node, parent = found.chain[depth], found.chain[depth - 1]
    if parent.type in {"if_statement", "elif_clause", "while_statement"}:
        return parent.child_by_field_name("condition") == node
    return parent.type == "not_operator" or (
        parent.type == "conditional_expression" and parent.named_children[1] == node
    )


def _is_tangled(rewritten: Sequence[Node], shifts: Sequence[Node]) -> bool:
    """Whether one of the calls to rewrite stands inside something else that is rewritten."""
    return any(outer != inner and holds(outer, inner) for outer in rewritten for inner in shifts)
