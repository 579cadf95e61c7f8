"""WP102: a list that is searched again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge import cst
from whetstone_knowledge.rule import PythonRule
from whetstone_knowledge.syntax.hashing import holds_unhashable, is_after_a_failed_hash, is_unhashable
from whetstone_knowledge.syntax.scopes import COMPREHENSIONS
from whetstone_knowledge.syntax.surroundings import FEW, assigned, holds, is_deferred, is_short
from whetstone_knowledge.triggers import GAP, SEARCHED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from whetstone_knowledge.rewriting import Scene
    from whetstone_knowledge.syntax.facts import Facts
    from whetstone_knowledge.syntax.match import Match
    from whetstone_knowledge.syntax.scopes import Occurrence


class ListSearchedInLoop(PythonRule):
    """Searches a list that does not change again and again in a loop.

    `x in items`, `items.index(x)` and `items.count(x)` look at the items one by one, so a loop of n rounds over a
    list of m items takes n times m steps. A set, a dictionary of first positions or a `Counter`, made once before the
    loop, answers each question in one step. `index` of something missing still asks the list, so that it raises the
    very same `ValueError`.

    The rule speaks where the name is proven to hold a list, nothing in the loop changes or hands on that list, and
    the loop repeats the search. It stays quiet for a short list of constants, where a set gains nothing.
    What must hold, and only a proof can judge: every item and every value looked for is hashable, and equal ones have
    equal hashes.
    """

    code = "WP102"
    title = "Look it up in a set, dictionary or Counter made once"
    message = "`{list}` is a list searched from its start in every round of a loop"
    severity = "high"
    weight = 60
    query = """
        (comparison_operator (_) @needle ["in" "not in"] (identifier) @list .) @here
        (call
          function: (attribute object: (identifier) @list attribute: (identifier) @method)
          arguments: (argument_list . (_) @needle .)) @here
    """
    literals = ("for", "while")
    trigger = rf"{SEARCHED}|\.{GAP}(index|count)\b"
    before = """
        def known(words, dictionary: list[str]):
            found = []
            for word in words:
                if word in dictionary:
                    found.append(word)
            return found
    """
    after = """
        def known(words, dictionary: list[str]):
            found = []
            dictionary_set = set(dictionary)
            for word in words:
                if word in dictionary_set:
                    found.append(word)
            return found
    """
    more = (
        (
            # In a comprehension; two searches, one set.
            """
            def split(words, lines):
                stop = [line.strip() for line in lines]
                # what is left
                return [word for word in words if word not in stop and word.lower() not in stop]
            """,
            """
            def split(words, lines):
                stop = [line.strip() for line in lines]
                stop_set = set(stop)
                # what is left
                return [word for word in words if word not in stop_set and word.lower() not in stop_set]
            """,
        ),
        (
            # In a comprehension in a loop: made before the outermost loop that leaves the list alone.
            """
            def matrix(rows, wanted: list):
                for row in rows:
                    yield any(cell in wanted for cell in row)
            """,
            """
            def matrix(rows, wanted: list):
                wanted_set = set(wanted)
                for row in rows:
                    yield any(cell in wanted_set for cell in row)
            """,
        ),
        (
            # The list is new in each round of the outer loop.
            """
            def shared(groups):
                for left, right in groups:
                    names = list(right)
                    while left:
                        if left.pop() in names:
                            yield len(names)
            """,
            """
            def shared(groups):
                for left, right in groups:
                    names = list(right)
                    names_set = set(names)
                    while left:
                        if left.pop() in names_set:
                            yield len(names)
            """,
        ),
        (
            """
            def ranks(names, order: list):
                result = {}
                for name in names:
                    result[name] = order.index(name) + 1
                return result
            """,
            """
            def ranks(names, order: list):
                result = {}
                first_in_order = {item: place for place, item in reversed(list(enumerate(order)))}
                for name in names:
                    result[name] = (first_in_order[name] if name in first_in_order else order.index(name)) + 1
                return result
            """,
        ),
        (
            """
            def repeated(words):
                ordered = sorted(words)
                return {word: ordered.count(word) for word in words}
            """,
            """
            from collections import Counter


            def repeated(words):
                ordered = sorted(words)
                ordered_counts = Counter(ordered)
                return {word: ordered_counts[word] for word in words}
            """,
        ),
    )
    quiet = (
        # The list is there for what no set would take.
        """
        def f(words, given):
            known = list(given)
            try:
                return set(known).intersection(words)
            except (TypeError, ValueError):
                return [word for word in words if word in known]
        """,
        # A few rounds only.
        """
        def f(known: list):
            for word in ("a", "b"):
                if word in known:
                    print(word)
        """,
        # Not known to be a list.
        """
        def f(words, known):
            return [word for word in words if word in known]
        """,
        """
        def f(words, known):
            names = set(known)
            return [word for word in words if word in names]
        """,
        """
        def f(words, text: str):
            return [word for word in words if word in text]
        """,
        # Not repeated.
        """
        def f(word, known: list):
            return word in known
        """,
        """
        def f(word, known: list):
            for other in (1, 2) if word in known else ():
                print(other)
        """,
        """
        def f(known: list, word):
            return [x for x in g(word in known)]
        """,
        # The list changes.
        """
        def f(words):
            known = []
            for word in words:
                if word not in known:
                    known.append(word)
            return known
        """,
        """
        def f(words, known: list):
            for word in words:
                if word in known:
                    known.remove(word)
        """,
        """
        def f(words, known: list):
            for word in words:
                if word in known:
                    learn(known)
        """,
        """
        def f(words, known: list):
            for word in words:
                if word in known:
                    known = [word]
        """,
        """
        def f(self, words):
            known = [word for word in words]
            self.known = known
            for word in words:
                if word in known:
                    self.learn(word)
        """,
        """
        def f(lists, word):
            for words in lists:
                if word in words:
                    print(words)
        """,
        """
        def f(words):
            known = list(words)
            def forget():
                known.clear()
            for word in words:
                if word in known:
                    forget()
        """,
        # The name means something else there.
        """
        def f(groups, known: list):
            return [[word for word in known if word in known] for known in groups]
        """,
        # The generator runs later.
        """
        def f(words, known: list):
            later = (word for word in words if word in known)
            known.append(1)
            return later
        """,
        """
        def f(words, known: list):
            return sorted(words, key=lambda word: word in known)
        """,
        # A handful of constants.
        """
        def f(words):
            stop = ["a", "an", "the"]
            return [word for word in words if word not in stop]
        """,
        # Cannot be in a set.
        """
        def f(pairs, known: list):
            return [pair for pair in pairs if [pair] in known]
        """,
        """
        def f(graphs, cut):
            points = [{point} for point in graphs[0]]
            for graph in graphs:
                print(cut(graph) in points)
        """,
        """
        def f(graph, table: list):
            for node, near in graph.items():
                print((node, set(near)) in table)
        """,
        # A chain of comparisons, a bounded search, a needle that would be worked out twice.
        """
        def f(words, known: list):
            return [word for word in words if 1 < word in known]
        """,
        """
        def f(words, known: list):
            return [known.index(word, 1) for word in words]
        """,
        """
        def f(words, known: list):
            return [known.index(word()) for word in words]
        """,
        """
        def f(words, known: list, first):
            return [first[word] if word in first else known.index(word) for word in words]
        """,
        # The part of a statement before it may change the list.
        """
        def f(words, known: list):
            if known.pop():
                pass
            elif any(word in known for word in words):
                return 1
            return 2
        """,
        """
        known = []


        def f(words):
            return [word for word in words if word in known]
        """,
    )
    sample = """
        args = ([f"word{number % 400}" for number in range(1000)], [f"word{number * 2}" for number in range(200)])
    """
    evidence: ClassVar[Mapping[str, float]] = {"3.11": 48.4, "3.12": 57.5, "3.13": 58.0}

    def applies(self, match: Match) -> bool:
        """Whether the list stays as it is while some loop or comprehension searches it again and again."""
        if match.has("method") and match.text("method") not in {"index", "count"}:
            return False
        if not match.loops and not any(node.type in COMPREHENSIONS for node in match.ancestors):
            return False
        name, facts = match.text("list"), match.facts
        if match.function is None or not facts.is_local(name) or facts.kind(name) != "list":
            return False
        found = facts.occurrence_at(match.node("list"))
        if found is None or is_deferred(found) or _is_short(facts, found):
            return False
        if _is_of_unhashable(facts, name) or is_after_a_failed_hash(match):
            return False
        if not facts.is_parameter(name) and facts.escapes_before(name, match.here):
            return False
        region = _unchanging_loop(match, name) or _unchanging_comprehension(facts, found)
        if region is None:
            return False
        searches = [each for each in facts.occurrences(name) if holds(region, each.node) and _is_like(match, each)]
        if next((_search(each) for each in searches if not _runs_once(region, each.node)), None) != match.here:
            return False
        if region.type in _LOOPS:
            match.also("loop", region)
        match.also("search", *(search for each in searches if (search := _search(each)) is not None))
        match.also("searched", *(each.node for each in searches))
        return True

    def mend(self, scene: Scene) -> None:
        """Make what answers the searches once, before the loop, and ask that."""
        name = scene.code(scene.at("list", cst.Name))
        method = scene.code(scene.at("method", cst.Name)) if scene.has("method") else "in"
        if method == "in":
            made = scene.fresh(f"{name}_set")
            source = f"{scene.builtin('set')}({name})"
            for searched in scene.every("searched", cst.Name):
                scene.replace(searched, cst.Name(made))
        elif method == "count":
            made = scene.fresh(f"{name}_counts")
            source = f"{scene.need('collections', 'Counter')}({name})"
            _ask(scene, f"{made}[{{value}}]")
        else:
            made = scene.fresh(f"first_in_{name}")
            positions = f"{scene.builtin('reversed')}({scene.builtin('list')}({scene.builtin('enumerate')}({name})))"
            source = f"{{item: place for place, item in {positions}}}"
            _ask(scene, f"({made}[{{value}}] if {{value}} in {made} else {name}.index({{value}}))")
        anchor = scene.loop("loop") if scene.has("loop") else scene.statement(scene.at("search", cst.BaseExpression))
        scene.insert_before(anchor, scene.parse(f"{made} = {source}"))


_LOOPS = frozenset({"for_statement", "while_statement"})
_HEADERS = {"for_statement": "right", "if_statement": "condition"}
"""Compound statements with a header that runs once, before anything else of them, and the field that holds it."""
_SIMPLE = frozenset({"expression_statement", "return_statement", "raise_statement", "delete_statement"})
_NO_VALUE = frozenset({"keyword_argument", "list_splat", "dictionary_splat", "comment"})


def _ask(scene: Scene, answer: str) -> None:
    """Put `answer` in place of every captured search; parentheses are dropped where nothing could bind tighter."""
    for call in scene.every("search", cst.Call):
        asked = scene.expression(answer.format(value=scene.code(call.args[0].value)))
        loose = isinstance(scene.parent(call), cst.Arg | cst.Assign | cst.Index | cst.ListComp | cst.Return)
        if loose and isinstance(asked, cst.IfExp):
            asked = asked.with_changes(lpar=(), rpar=())
        scene.replace(call, asked)


def _is_like(match: Match, found: Occurrence) -> bool:
    """Whether an occurrence of the list is a search of the same kind as the match."""
    search = _search(found)
    if search is None or is_deferred(found):
        return False
    method = match.text("method") if match.has("method") else None
    if search.type == "comparison_operator":
        return method is None and not is_unhashable(search.named_children[0], match.facts)
    called = search.child_by_field_name("function")
    name = called.child_by_field_name("attribute") if called is not None else None
    arguments = search.child_by_field_name("arguments")
    if name is None or arguments is None or match.text(name) != method:
        return False
    value = arguments.named_children[0]
    if method == "index":
        return value.type in {"identifier", "string", "integer"} and not _is_answered(search, value)
    return method == "count" and not is_unhashable(value, match.facts)


def _search(found: Occurrence) -> Node | None:
    """Return the comparison or the call in which a list stands as what is searched; `None` when it is no search."""
    parent = found.chain[-2]
    if parent.type == "comparison_operator":
        operators = parent.children_by_field_name("operators")
        alone = len(operators) == 1 and operators[0].type in {"in", "not in"}
        return parent if alone and parent.named_children[-1] == found.node else None
    if parent.type != "attribute" or found.node != parent.child_by_field_name("object"):
        return None
    call = found.chain[-3]
    arguments = call.child_by_field_name("arguments") if call.type == "call" else None
    if arguments is None or call.child_by_field_name("function") != parent:
        return None
    lone = arguments.type == "argument_list" and arguments.named_child_count == 1
    return call if lone and arguments.named_children[0].type not in _NO_VALUE else None


def _is_answered(search: Node, value: Node) -> bool:
    """Whether a search is what is left for a missing value: `first[x] if x in first else items.index(x)`."""
    around = search.parent
    if around is None or around.type != "conditional_expression":
        return False
    test = around.named_children[1]
    return test.type == "comparison_operator" and test.named_children[0].text == value.text


def _is_short(facts: Facts, found: Occurrence) -> bool:
    """Whether the list is a short display that nothing ever changes."""
    name = facts.text(found.node)
    bindings = facts.bindings(name)
    assignment = assigned(bindings[0].parent and bindings[0].parent.parent, name)
    display = assignment.child_by_field_name("right") if assignment is not None else None
    if len(bindings) != 1 or display is None or display.type != "list" or display.named_child_count >= FEW:
        return False
    return not any(
        each.role == "read" and each.chain[-2].type == "attribute" and _search(each) is None
        for each in facts.occurrences(name)
    )


def _is_of_unhashable(facts: Facts, name: str) -> bool:
    """Whether some assignment makes a list of what certainly has no hash."""
    made = [found.chain[-2].child_by_field_name("right") for found in facts.occurrences(name) if found.role == "bind"]
    return any(value is not None and holds_unhashable(value, facts) for value in made)


def _unchanging_loop(match: Match, name: str) -> Node | None:
    """Return the outermost loop that repeats the match and leaves the list alone."""
    outermost = None
    for loop in match.loops:
        if match.facts.changed_in(name, loop):
            break
        outermost = loop
    return outermost if any(not is_short(loop) for loop in match.loops) else None


def _unchanging_comprehension(facts: Facts, found: Occurrence) -> Node | None:
    """Return the outermost comprehension that repeats the search, in a statement that can have another before it."""
    depths = [depth for depth, node in enumerate(found.chain) if node in found.frames and node.type in COMPREHENSIONS]
    if not depths:
        return None
    depth = top = depths[0]
    while depth and found.chain[depth].type not in _SIMPLE and found.chain[depth].type not in _HEADERS:
        depth -= 1
    statement, part = found.chain[depth], found.chain[depth + 1]
    if statement.type in _HEADERS and part != statement.child_by_field_name(_HEADERS[statement.type]):
        return None
    if part.type == "assignment":
        part = part.child_by_field_name("right") or part
    return None if depth == 0 or facts.changed_in(facts.text(found.node), part) else found.chain[top]


def _runs_once(region: Node, node: Node) -> bool:
    """Whether a place in a loop is outside of what the loop repeats: what it iterates over, and its `else`."""
    parts = (region.child_by_field_name("right"), region.child_by_field_name("alternative"))
    return region.type in _LOOPS and any(part is not None and holds(part, node) for part in parts)
