"""WP110: two nested loops that look for pairs with equal keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge import cst
from whetstone_knowledge.rule import PythonRule, Refused
from whetstone_knowledge.syntax.steady import steady
from whetstone_knowledge.syntax.surroundings import is_short
from whetstone_knowledge.syntax.walk import CLOSURES, PAUSES, bare, contains, header, names, statements
from whetstone_knowledge.trees import below
from whetstone_knowledge.triggers import GAP, NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from whetstone_knowledge.rewriting import Scene
    from whetstone_knowledge.syntax.match import Match

KEYS = frozenset({"identifier", "attribute", "subscript"})
CONSTANTS = frozenset({"string", "integer"})


class NestedLoopJoin(PythonRule):
    """Looks for pairs with equal keys by comparing everything with everything.

    For each item of the outer loop the inner one looks at all of its items to find the few whose key is equal, so the
    cost is the product of the two sizes. A dictionary from each key to its items, built once, makes it their sum. The
    pairs come in the same order, because each key keeps its items in the order they had.

    The rule is quiet when the inner collection, one of the two loop variables or a key may change in the loops, when
    the inner loop variable is used after its loop, when the outer loop has only a few rounds, when the loops yield or
    await, and when the keys are anything but names, attributes and items with a constant index.

    Left to the proof: keys that cannot be hashed, or that are equal without hashing alike; NaN, which equals nothing
    but is found again as the same object; attributes that are computed or that a method of the items changes; an inner
    collection that is an iterator; and inner items without the key when the outer loop never runs.
    """

    code = "WP110"
    title = "Index the inner collection by its key"
    message = "Every pair is compared on `{here}`; an index by key finds the equal ones directly"
    severity = "high"
    weight = 60
    query = """
        (for_statement
          body: (block (for_statement
            left: (identifier) @item
            right: (identifier) @items
            body: (block (if_statement condition: (_) @here consequence: (block) @found) @if)) @inner)) @outer
    """
    literals = ("==",)
    needs_loop = True
    trigger = rf"for\b{GAP}{NAME}{GAP}in\b{GAP}{NAME}{GAP}:{GAP}(if)\b"
    before = """
        def rows(orders, customers):
            found = []
            for order in orders:
                for customer in customers:
                    if customer.number == order.customer:
                        found.append((order.total, customer.name))
            return found
    """
    after = """
        def rows(orders, customers):
            found = []
            customers_by_number = {}
            for customer in customers:
                customers_by_number.setdefault(customer.number, []).append(customer)
            for order in orders:
                for customer in customers_by_number.get(order.customer, ()):
                    found.append((order.total, customer.name))
            return found
    """
    more = (
        (
            """
            def first(orders, customers):
                names = {}
                # whoever comes first
                for order in orders:
                    for customer in customers:
                        if order["by"] == customer["id"] and customer["active"]:
                            names[order["id"]] = customer["name"]
                            break
                    else:
                        names[order["id"]] = None
                return names
            """,
            """
            def first(orders, customers):
                names = {}
                customers_by_id = {}
                for customer in customers:
                    customers_by_id.setdefault(customer["id"], []).append(customer)
                # whoever comes first
                for order in orders:
                    for customer in customers_by_id.get(order["by"], ()):
                        if customer["active"]:
                            names[order["id"]] = customer["name"]
                            break
                    else:
                        names[order["id"]] = None
                return names
            """,
        ),
        (
            """
            def shared(left: list[str], right: list[str]):
                count = 0
                for word in left:
                    for other in right:
                        if word == other:
                            count += 1
                return count
            """,
            """
            def shared(left: list[str], right: list[str]):
                count = 0
                right_by_key = {}
                for other in right:
                    right_by_key.setdefault(other, []).append(other)
                for word in left:
                    for other in right_by_key.get(word, ()):
                        count += 1
                return count
            """,
        ),
    )
    quiet = (
        # a few rounds
        """
        def f(ys):
            for x in range(3):
                for y in ys:
                    if x == y.k:
                        print(x, y)
        """,
        # equality is not the first thing
        """
        def f(xs, ys):
            for x in xs:
                for y in ys:
                    if x.k < y.k:
                        print(x, y)
        """,
        """
        def f(xs, ys):
            for x in xs:
                for y in ys:
                    if x.ok and x.k == y.k:
                        print(x, y)
        """,
        """
        def f(xs, ys):
            for x in xs:
                for y in ys:
                    if x.k == y.k or x.ok:
                        print(x, y)
        """,
        """
        def f(xs, ys):
            for x in xs:
                for y in ys:
                    print(y)
                    if x.k == y.k:
                        print(x)
        """,
        """
        def f(xs, ys):
            for x in xs:
                for y in ys:
                    if x.k == y.k:
                        print(x)
                    print(y)
        """,
        """
        def f(xs, ys):
            for x in xs:
                for y in ys:
                    if x.k == y.k == 1:
                        print(x)
        """,
        # something is done for those that differ
        """
        def f(xs, ys):
            for x in xs:
                for y in ys:
                    if x.k == y.k:
                        print(x)
                    else:
                        print(y)
        """,
        # not a key of each
        """
        def f(xs, ys):
            for x in xs:
                for y in ys:
                    if y.k == 1:
                        print(x, y)
        """,
        """
        def f(xs, ys):
            for x in xs:
                for y in ys:
                    if y.k == y.j:
                        print(x, y)
        """,
        """
        def f(xs, ys):
            for x in xs:
                for y in ys:
                    if x.k() == y.k():
                        print(x, y)
        """,
        """
        def f(xs, ys, i):
            for x in xs:
                for y in ys:
                    if x[i] == y[i]:
                        print(x, y)
        """,
        """
        def f(xs, ys, z):
            for x in xs:
                for y in ys:
                    if z.k == y.k:
                        print(x, y)
        """,
        # the inner collection is another one each time, or changes
        """
        def f(xs):
            for x in xs:
                for y in x:
                    if x.k == y.k:
                        print(x, y)
        """,
        """
        def f(xs, ys):
            for x in xs:
                for y in ys:
                    if x.k == y.k:
                        ys.append(x)
        """,
        """
        def f(xs, ys):
            for x in xs:
                ys = list(ys)
                for y in ys:
                    if x.k == y.k:
                        print(x)
        """,
        """
        def f(xs, ys):
            for x in xs:
                for y in ys:
                    if x.k == y.k:
                        print(x, ys)
                        change(ys)
        """,
        """
        def f(xs):
            for x in xs:
                for y in ys:
                    if x.k == y.k:
                        print(x, y)
        """,
        # keys or variables change
        """
        def f(xs, ys):
            for x in xs:
                for y in ys:
                    if x.k == y.k:
                        y.k = None
        """,
        """
        def f(xs, ys):
            for x in xs:
                for y in ys:
                    if x['k'] == y['k']:
                        y['k'] = None
        """,
        """
        def f(xs, ys):
            for x in xs:
                for y in ys:
                    if x.k == y.k:
                        x = y
        """,
        """
        def f(xs, ys):
            for x in xs:
                for y in ys:
                    if x == y:
                        y.pop()
        """,
        # the last one is used afterwards
        """
        def f(xs, ys):
            for x in xs:
                for y in ys:
                    if x.k == y.k:
                        print(x)
            return y
        """,
        """
        def f(xs, ys):
            for x in xs:
                for y in ys:
                    if x.k == y.k:
                        break
                print(y)
        """,
        # others run in between, or later
        """
        def f(xs, ys):
            for x in xs:
                for y in ys:
                    if x.k == y.k:
                        yield x, y
        """,
        """
        def f(xs, ys):
            for x in xs:
                for y in ys:
                    if x.k == y.k:
                        keep(lambda: y)
        """,
        """
        async def f(xs, ys):
            async for x in xs:
                for y in ys:
                    if x.k == y.k:
                        print(x)
        """,
    )
    sample = """
        from types import SimpleNamespace

        args = (
            [SimpleNamespace(customer=n * 7 % 120, total=n) for n in range(120)],
            [SimpleNamespace(number=n, name=f"name {n}") for n in range(120)],
        )
    """
    evidence: ClassVar[Mapping[str, float]] = {"3.11": 10.28, "3.12": 9.97, "3.13": 12.61}

    def applies(self, match: Match) -> bool:
        """Speak of two plain nested loops that only deal with pairs of equal keys, which nothing in them changes."""
        outer, inner, condition = match.node("outer"), match.node("inner"), match.node("if")
        if match.function is None or len(statements(_field(inner, "body"))) != 1:
            return False
        if condition.child_by_field_name("alternative") is not None or contains(outer, CLOSURES, PAUSES):
            return False
        if any(child.type == "async" for loop in (outer, inner) for child in loop.children):
            return False
        if is_short(outer):
            return False
        sides = _sides(match)
        if sides is None or not _stays_inside(match) or not steady(match.facts, match.text("items"), outer):
            return False
        if _may_change(match, sides):
            return False
        match.also("wanted", sides[0])
        match.also("key", sides[1])
        match.also("loop", header(outer))
        return True

    def mend(self, scene: Scene) -> None:
        """Build the index before the outer loop, and let the inner one run over what it contains for the key."""
        outer = scene.statement(scene.at("loop", cst.BaseExpression))
        item, items = scene.at("item", cst.Name), scene.at("items", cst.Name)
        key, wanted = scene.at("key", cst.BaseExpression), scene.at("wanted", cst.BaseExpression)
        index = scene.fresh(f"{items.value}_by_{_word(key)}")
        source = (
            f"for {item.value} in {items.value}:\n    {index}.setdefault({scene.code(key)}, []).append({item.value})\n"
        )
        scene.insert_before(outer, scene.parse(f"{index} = {{}}\n"), scene.parse(source))
        scene.replace(items, scene.expression(f"{index}.get({scene.code(wanted)}, ())"))
        self._drop_comparison(scene, cst.ensure_type(scene.statement(items), cst.For))

    def _drop_comparison(self, scene: Scene, inner: cst.For) -> None:
        """Leave of the `if` what it asks besides the keys, or only what it does."""
        condition = cst.ensure_type(inner.body.body[0], cst.If)
        test = condition.test
        if isinstance(test, cst.BooleanOperation):
            while isinstance(test.left, cst.BooleanOperation):
                test = test.left
            scene.replace(test, test.right)
            return
        around, block = inner.body, condition.body
        if not isinstance(around, cst.IndentedBlock) or not isinstance(block, cst.IndentedBlock):
            raise Refused("the `if` and what it does share a line")
        comments = [line.comment for line in (*condition.leading_lines, *around.footer)]
        if any([*comments, around.header.comment, block.header.comment]):
            raise Refused("a comment belongs to the comparison that the rewrite would remove")
        scene.replace(around, block)


def _sides(match: Match) -> tuple[Node, Node] | None:
    """Return the key looked for and the key of the inner item, when the condition begins with their equality."""
    condition = bare(match.here)
    while condition.type == "boolean_operator" and _field(condition, "operator").type == "and":
        condition = bare(_field(condition, "left"))
    operators = [child.type for child in condition.children if not child.is_named]
    if condition.type != "comparison_operator" or operators != ["=="] or len(condition.named_children) != 2:
        return None
    item = match.text("item").encode()
    outer = {each.text for each in below(_field(match.node("outer"), "left")) if each.type == "identifier"}
    left, right = condition.named_children
    for wanted, key in ((left, right), (right, left)):
        mine, theirs = names(wanted), names(key)
        if _is_key(wanted) and _is_key(key) and theirs == {item} and len(mine) == 1 and mine <= outer - {item}:
            return wanted, key
    return None


def _is_key(node: Node) -> bool:
    """Whether an expression is a name, or attributes and items with a constant index of one."""
    while node.type != "identifier":
        if node.type not in KEYS or (node.type == "subscript" and _field(node, "subscript").type not in CONSTANTS):
            return False
        node = node.named_children[0]
    return True


def _stays_inside(match: Match) -> bool:
    """Whether the inner loop variable is a local name that is used nowhere but under the `if`, its header included."""
    item, facts = match.text("item"), match.facts
    return (
        facts.is_local(item)
        and not facts.is_parameter(item)
        and len(facts.uses(item)) == len(facts.uses(item, match.node("if")))
        and len(facts.bindings(item)) == 1
    )


def _may_change(match: Match, sides: tuple[Node, Node]) -> bool:
    """Whether the loops may give a key another value.

    They may where they rebind one of the loop variables, assign to what is named like part of a key, or call a method
    of one of the items.
    """
    outer_body = _field(match.node("outer"), "body")
    wanted, key = sides
    if any(match.facts.rebound_in(name.decode(), outer_body) for name in names(wanted)):
        return True
    parts = {_last(node) for side in sides for node in below(side) if node.type in {"attribute", "subscript"}}
    variables = names(wanted) | names(key)
    for node in below(outer_body):
        stores = node.type in {"assignment", "augmented_assignment", "delete_statement"}
        if stores and any(_last(target) in parts for target in _targets(node)):
            return True
        if node.type == "call" and names(_field(node, "function")) & variables:
            return True
    return False


def _targets(statement: Node) -> Iterator[Node]:
    """Yield every attribute and item that a statement assigns to or deletes."""
    waiting = [statement.child_by_field_name("left") or statement]
    while waiting:
        target = waiting.pop()
        if target.type in {"attribute", "subscript"}:
            yield target
        else:
            waiting.extend(target.named_children)


def _last(node: Node) -> bytes | None:
    """Return the text of what stands behind the last dot, or in the last brackets."""
    return _field(node, "attribute" if node.type == "attribute" else "subscript").text


def _word(key: cst.BaseExpression) -> str:
    """Return what to call a key in the name of an index."""
    if isinstance(key, cst.Attribute):
        return key.attr.value
    if isinstance(key, cst.Subscript) and isinstance(index := key.slice[0].slice, cst.Index):
        value = index.value.evaluated_value if isinstance(index.value, cst.SimpleString) else None
        if isinstance(value, str) and value.isidentifier():
            return value
    return "key"


def _field(node: Node, name: str) -> Node:
    """Return a child that the grammar always has; the node itself in broken code."""
    return node.child_by_field_name(name) or node
