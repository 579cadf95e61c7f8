"""WP103: what was seen already, kept in a list and searched for every new item."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge import cst
from whetstone_knowledge.rule import PythonRule
from whetstone_knowledge.syntax.hashing import holds_unhashable, is_after_a_failed_hash, is_unhashable
from whetstone_knowledge.syntax.surroundings import (
    assigned,
    holds,
    is_deferred,
    may_be_caught,
)
from whetstone_knowledge.syntax.walk import statements
from whetstone_knowledge.trees import below
from whetstone_knowledge.triggers import SEARCHED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tree_sitter import Node

    from whetstone_knowledge.rewriting import Scene
    from whetstone_knowledge.syntax.match import Match
    from whetstone_knowledge.syntax.scopes import Occurrence


class QuadraticDeduplication(PythonRule):
    """Keeps what was seen already in a list, and searches all of it for every new item.

    `x not in seen` looks at everything seen so far, so n different items take n times n halves steps. A set answers
    in one step, and a dictionary keeps the order in which its keys first came.

    A loop that does nothing else becomes `list(dict.fromkeys(items))`. A list that is only ever asked and added to
    becomes a set. In every other case the list stays what it is, with a set beside it.
    The rule speaks where the list is local, made here, and only added to in the loop; it stays quiet where anything
    else could change it, or where what is added is more than names and constants, which would be worked out once more.
    What must hold, and only a proof can judge: every item is hashable, and equal items have equal hashes.
    """

    code = "WP103"
    title = "Keep what was seen in a set or a dictionary"
    message = "Everything in `{seen}` is searched for each new item"
    severity = "high"
    weight = 65
    query = """
        (comparison_operator (_) @item ["in" "not in"] (identifier) @seen .) @here
    """
    literals = (".append",)
    needs_loop = True
    trigger = SEARCHED
    before = """
        def unique(items):
            seen = []
            for item in items:
                if item not in seen:
                    seen.append(item)
            return seen
    """
    after = """
        def unique(items):
            seen = list(dict.fromkeys(items))
            return seen
    """
    more = (
        (
            # The loop does more: the list stays, a set answers.
            """
            def unique(items, log):
                seen = []
                # in the order they came
                for item in items:
                    if item in seen:
                        log(item)
                        continue
                    seen.append(item)  # new
                return seen
            """,
            """
            def unique(items, log):
                seen = []
                seen_set = set()
                # in the order they came
                for item in items:
                    if item in seen_set:
                        log(item)
                        continue
                    seen.append(item)  # new
                    seen_set.add(item)
                return seen
            """,
        ),
        (
            # Only ever asked and added to.
            """
            def walk(graph, start):
                visited = [start]
                waiting = [start]
                while waiting:
                    node = waiting.pop()
                    yield node
                    for near in graph[node]:
                        if near not in visited:
                            visited.append(near)
                            waiting.append(near)
            """,
            """
            def walk(graph, start):
                visited = {start}
                waiting = [start]
                while waiting:
                    node = waiting.pop()
                    yield node
                    for near in graph[node]:
                        if near not in visited:
                            visited.add(near)
                            waiting.append(near)
            """,
        ),
        (
            # It holds something already, from where nobody here can tell.
            """
            def pairs(rows):
                known = [(0, 0)]
                known.extend(rows)
                for left, right in rows:
                    if (right, left) not in known:
                        known.append((right, left))
                return len(known), known
            """,
            """
            def pairs(rows):
                known = [(0, 0)]
                known.extend(rows)
                known_set = set(known)
                for left, right in rows:
                    if (right, left) not in known_set:
                        known.append((right, left))
                        known_set.add((right, left))
                return len(known), known
            """,
        ),
        (
            # A new list for each round of the outer loop.
            """
            def by_group(groups):
                result = []
                for group in groups:
                    names = []
                    for name in group:
                        if name not in names:
                            names.append(name)
                    result.append(names)
                return result
            """,
            """
            def by_group(groups):
                result = []
                for group in groups:
                    names = list(dict.fromkeys(group))
                    result.append(names)
                return result
            """,
        ),
    )
    quiet = (
        """
        def f(items):
            seen = set()
            for item in items:
                if item not in seen:
                    seen.add(item)
            return seen
        """,
        # A parameter may be changed by whoever holds it.
        """
        def f(items, seen: list):
            for item in items:
                if item not in seen:
                    seen.append(item)
        """,
        """
        def f(items, callback):
            seen = []
            callback(seen)
            for item in items:
                if item not in seen:
                    seen.append(item)
            return seen
        """,
        """
        def f(items):
            seen = []
            for item in items:
                if item not in seen:
                    seen.append(item)
                else:
                    seen.remove(item)
            return seen
        """,
        """
        def f(items):
            seen = []
            for item in items:
                if item not in seen:
                    seen.append(item)
                    show(seen)
            return seen
        """,
        """
        def f(items):
            seen = []
            for item in items:
                if item not in seen:
                    seen.append(item)
                seen[0] = item
            return seen
        """,
        """
        def f(items):
            seen = []
            def forget():
                seen.clear()
            for item in items:
                if item not in seen:
                    seen.append(item)
                    forget()
            return seen
        """,
        # It would be worked out once more.
        """
        def f(items):
            seen = []
            for item in items:
                if item.key() not in seen:
                    seen.append(item.key())
            return seen
        """,
        # Cannot be in a set.
        """
        def f(items):
            seen = []
            for item in items:
                if [item] not in seen:
                    seen.append([item])
            return seen
        """,
        """
        def f(graph, cuts):
            found = []
            first = {node for node in graph}
            found.append(first)
            for cut in cuts:
                if cut not in found:
                    found.append(cut)
        """,
        # The list is there for what no set would take.
        """
        def f(items):
            seen, unhashable = set(), []
            for item in items:
                try:
                    if item not in seen:
                        seen.add(item)
                        yield item
                except TypeError:
                    if item not in unhashable:
                        unhashable.append(item)
                        yield item
        """,
        # Nothing is added in the loop, or only outside of it.
        """
        def f(items, word):
            seen = []
            seen.append(word)
            for item in items:
                if item in seen:
                    print(item)
        """,
        """
        def f(item):
            seen = []
            if item not in seen:
                seen.append(item)
            return seen
        """,
        """
        def f(items):
            for item in items:
                seen = [1]
                if item not in seen:
                    seen.append(item)
            return seen
        """,
        """
        def f(items):
            seen = []
            while items:
                if 1 < items.pop() in seen:
                    seen.append(1)
            return seen
        """,
        """
        def f(items):
            seen = []
            for item in items:
                if item not in seen:
                    last = seen.append(item)
            return seen
        """,
        """
        def f(items):
            return [item for item in items if item not in (seen := []) and not seen.append(item)]
        """,
    )
    sample = "args = ([number * 7919 % 300 for number in range(1000)],)"
    evidence: ClassVar[Mapping[str, float]] = {"3.11": 53.0, "3.12": 58.4, "3.13": 50.1}

    def applies(self, match: Match) -> bool:
        """Whether the list is made here, and a loop around does nothing to it but ask and add."""
        if match.function is None or not match.loops or is_after_a_failed_hash(match):
            return False
        name, facts = match.text("seen"), match.facts
        if facts.is_parameter(name) or not facts.is_local(name) or facts.kind(name) != "list":
            return False
        found = facts.occurrences(name)
        loop = _loop(match, found)
        if loop is None or any(is_deferred(each) for each in found):
            return False
        start = _start(name, found)
        is_empty = start is not None and _is_empty_at(loop, start, found)
        if not is_empty and facts.escapes_before(name, loop):
            return False
        inside = [each for each in found if holds(loop, each.node)]
        tests = [each for each in inside if _test(each) is not None]
        additions = [each for each in inside if _addition(each) is not None]
        if not additions or not tests or _test(tests[0]) != match.here or _is_of_unhashable(match, found):
            return False
        match.also("loop", loop)
        match.also("test", *(each.node for each in tests))
        if start is not None and is_empty and _only_collects(match, loop, start):
            match.also("all", start.named_children[-1])
        elif start is not None and _only_asked(start, found):
            match.also("list", start.named_children[-1])
            additions = [each for each in found if _addition(each) is not None]
        elif is_empty:
            match.also("empty", loop)
        match.also("addition", *(node for each in additions if (node := _addition(each)) is not None))
        return True

    def mend(self, scene: Scene) -> None:
        """Replace the loop, or the list, or put a set beside the list."""
        loop = scene.loop("loop")
        if scene.has("all"):
            items = scene.code(cst.ensure_type(loop, cst.For).iter)
            unique = f"{scene.builtin('list')}({scene.builtin('dict')}.fromkeys({items}))"
            scene.replace(scene.at("all", cst.List), scene.expression(unique))
            scene.remove(loop)
        elif scene.has("list"):
            self._turn_into_set(scene)
        else:
            self._put_set_beside(scene, loop)

    def _turn_into_set(self, scene: Scene) -> None:
        display = scene.at("list", cst.List)
        items = ", ".join(scene.code(element.value) for element in display.elements)
        scene.replace(display, scene.expression(f"{{{items}}}" if items else f"{scene.builtin('set')}()"))
        for call in scene.every("addition", cst.Call):
            method = cst.ensure_type(call.func, cst.Attribute)
            scene.replace(call, call.with_changes(func=method.with_changes(attr=cst.Name("add"))))

    def _put_set_beside(self, scene: Scene, loop: cst.For | cst.While) -> None:
        name = scene.code(scene.at("seen", cst.Name))
        known = scene.fresh(f"{name}_set")
        start = "" if scene.has("empty") else name
        scene.insert_before(loop, scene.parse(f"{known} = {scene.builtin('set')}({start})"))
        for tested in scene.every("test", cst.Name):
            scene.replace(tested, cst.Name(known))
        for call in scene.every("addition", cst.Call):
            added = scene.code(call.args[0].value)
            scene.insert_after(scene.statement(call), scene.parse(f"{known}.add({added})"))


def _loop(match: Match, found: Sequence[Occurrence]) -> Node | None:
    """Return the outermost loop around the match in which the list is only asked and added to."""
    outermost = None
    for loop in match.loops:
        inside = [each for each in found if holds(loop, each.node)]
        if not all(_test(each) or _addition(each) or _is_length(each) for each in inside):
            break
        outermost = loop
    return outermost


def _test(found: Occurrence) -> Node | None:
    """Return the comparison that asks whether something is in the list; `None` when the list stands elsewhere."""
    comparison = found.chain[-2]
    if comparison.type != "comparison_operator" or comparison.named_children[-1] != found.node:
        return None
    operators = comparison.children_by_field_name("operators")
    alone = len(operators) == 1 and operators[0].type in {"in", "not in"}
    return comparison if alone and _is_plain(comparison.named_children[0]) else None


def _addition(found: Occurrence) -> Node | None:
    """Return the call that adds one plain value to the list, when it is a statement of its own."""
    if found.chain[-2].type != "attribute" or found.chain[-3].type != "call" or found.frames:
        return None
    method, call = found.chain[-2].child_by_field_name("attribute"), found.chain[-3]
    given = call.child_by_field_name("arguments")
    if found.chain[-4].type != "expression_statement" or method is None or method.text != b"append" or given is None:
        return None
    alone = given.named_child_count == 1 and given.type == "argument_list"
    return call if alone and _is_plain(given.named_children[0]) else None


def _is_length(found: Occurrence) -> bool:
    """Whether the list stands in `len(…)`."""
    call = found.chain[-3]
    function = call.child_by_field_name("function") if found.chain[-2].type == "argument_list" else None
    return function is not None and function.text == b"len" and found.chain[-2].named_child_count == 1


_PLAIN = frozenset(
    {
        "identifier",
        "integer",
        "string",
        "string_start",
        "string_content",
        "string_end",
        "tuple",
        "none",
        "true",
        "false",
    }
)


def _is_plain(node: Node) -> bool:
    """Whether working out a value once more does nothing: names, constants, and tuples of them."""
    return all(each.type in _PLAIN for each in below(node))


def _is_of_unhashable(match: Match, found: Sequence[Occurrence]) -> bool:
    """Whether something that is asked for, added or there from the start certainly has no hash."""
    asked = [test.named_children[0] for each in found if (test := _test(each)) is not None]
    calls = [call.child_by_field_name("arguments") for each in found if (call := _addition(each)) is not None]
    added = [given.named_children[0] for given in calls if given is not None]
    made = [each.chain[-2].child_by_field_name("right") for each in found if each.role == "bind"]
    return any(is_unhashable(value, match.facts) for value in [*asked, *added]) or any(
        value is not None and holds_unhashable(value, match.facts) for value in made
    )


def _start(name: str, found: Sequence[Occurrence]) -> Node | None:
    """Return the one assignment that binds the list, when it is to a list display."""
    bindings = [each for each in found if each.role == "bind"]
    if len(bindings) != 1 or len(bindings[0].chain) < 3:
        return None
    start = assigned(bindings[0].chain[-3], name)
    return start if start is not None and start.named_children[-1].type == "list" else None


def _is_empty_at(loop: Node, start: Node, found: Sequence[Occurrence]) -> bool:
    """Whether the list is still empty, and known to nobody else, when the loop begins."""
    beside = start.parent is not None and start.parent.parent == loop.parent and start.end_byte <= loop.start_byte
    between = any(start.end_byte <= each.node.start_byte < loop.start_byte for each in found)
    return beside and not between and start.named_children[-1].named_child_count == 0


def _only_asked(start: Node, found: Sequence[Occurrence]) -> bool:
    """Whether the whole function does nothing with the list but ask and add, so that a set can take its place."""
    uses = [each for each in found if not holds(start, each.node)]
    return start.child_by_field_name("type") is None and all(_test(each) or _addition(each) for each in uses)


def _only_collects(match: Match, loop: Node, start: Node) -> bool:
    """Whether a loop does nothing but add each item that is not there yet, and nobody reads its variable after it."""
    item, body = loop.child_by_field_name("left"), loop.child_by_field_name("body")
    source = loop.child_by_field_name("right")
    if item is None or body is None or source is None or item.type != "identifier" or source.type == "expression_list":
        return False
    if loop.child_by_field_name("alternative") is not None or any(each.type == "comment" for each in below(loop)):
        return False
    if start.parent != loop.prev_named_sibling or may_be_caught(match, loop):
        return False
    inner = statements(body)
    if len(inner) != 1 or inner[0].type != "if_statement" or loop.children[0].type == "async":
        return False
    condition, then = inner[0].child_by_field_name("condition"), inner[0].child_by_field_name("consequence")
    if condition != match.here or then is None or len(statements(then)) != 1:
        return False
    if inner[0].child_by_field_name("alternative") is not None or b"not in" not in (condition.text or b""):
        return False
    items = match.facts.occurrences(match.text(item))
    return match.node("item").text == item.text and all(holds(loop, each.node) for each in items) and len(items) == 3
