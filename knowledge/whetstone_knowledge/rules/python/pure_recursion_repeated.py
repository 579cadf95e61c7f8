"""WP109: a pure function that calls itself twice for every answer."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge import cst
from whetstone_knowledge.rule import PythonRule
from whetstone_knowledge.syntax.walk import arguments, is_name
from whetstone_knowledge.trees import below
from whetstone_knowledge.triggers import GAP, NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tree_sitter import Node

    from whetstone_knowledge.rewriting import Scene
    from whetstone_knowledge.syntax.match import Match

PURE = frozenset(
    {"abs", "all", "any", "bool", "chr", "divmod", "float", "int", "len", "max", "min", "ord", "pow", "range", "round"}
)
"""Built-ins that only look at numbers and strings, and return what nobody can change."""

RAISED = frozenset(
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, Exception)
)
ALLOWED = frozenset(
    {
        "argument_list", "assert_statement", "assignment", "augmented_assignment", "binary_operator", "block",
        "boolean_operator", "break_statement", "call", "comment", "comparison_operator", "concatenated_string",
        "conditional_expression", "continue_statement", "elif_clause", "else_clause", "escape_sequence",
        "expression_list", "expression_statement", "false", "float", "for_statement", "identifier", "if_statement",
        "integer",
        "interpolation", "keyword_argument", "named_expression", "none", "not_operator", "parenthesized_expression",
        "pass_statement", "pattern_list", "raise_statement", "return_statement", "slice", "string", "string_content",
        "string_end", "string_start", "subscript", "true", "tuple", "unary_operator", "while_statement",
    }
)  # fmt: skip
"""What the body may be made of. Missing on purpose: attributes, displays of mutable things, `yield`, `await`, `global`,
`nonlocal`, `import`, `with`, `try`, `del`, closures and comprehensions."""

HASHABLE = frozenset({"int", "float", "bool", "str", "bytes", "complex"})


class PureRecursionRepeated(PythonRule):
    """Calls itself at least twice in one expression, counting down to the same arguments again and again.

    `fib(n - 1) + fib(n - 2)` asks for `fib(n - 2)` twice, for `fib(n - 3)` three times, and so on: the number of calls
    doubles every step or two. A cache answers each question once.

    The cache is `functools.lru_cache(maxsize=None, typed=True)`. Typed, because `1`, `1.0` and `True` are equal as keys
    and would otherwise share one answer, whose type would depend on who asked first. Unbounded, because a bound smaller
    than the recursion's reach brings the doubling back; so answers are kept as long as the process runs.

    The rule speaks only when the whole body is seen to be pure: nothing but the function's own names, itself and a few
    built-ins is read or called, no attribute is touched, and nothing mutable is made. It is quiet for methods, nested
    and decorated functions, generators and coroutines, `*args`, and when a parameter that is indexed or sliced is not
    annotated as a string (a list cannot be a key).

    Left to the proof: arguments that cannot be hashed or are equal without being alike (`0.0` and `-0.0`), and
    recursions so deep that the cache's own frames reach the interpreter's limit first.
    """

    code = "WP109"
    title = "Keep the answers in a cache"
    message = "`{here}` asks the same questions again and again; a cache answers each once"
    severity = "critical"
    weight = 75
    query = """
        (return_statement [(binary_operator) (call) (conditional_expression) (boolean_operator)] @here)
    """
    literals = ("- 1", "-1", "- 2", "-2", "// 2", "//2")
    trigger = rf"def(?<![^\n\xbf]def)\s+({NAME}).*?\b\1{GAP}\(.*?\b\1{GAP}\("  # in no class, and calls itself twice
    before = """
        def ways(steps):
            if steps < 2:
                return 1
            return ways(steps - 1) + ways(steps - 2)
    """
    after = """
        from functools import lru_cache


        @lru_cache(maxsize=None, typed=True)
        def ways(steps):
            if steps < 2:
                return 1
            return ways(steps - 1) + ways(steps - 2)
    """
    more = (
        (
            '''
            from functools import lru_cache, reduce


            # how many paths lead through a grid
            def paths(rows: int, columns: int) -> int:
                """Count them."""
                if rows == 0 or columns == 0:
                    return 1
                return paths(rows - 1, columns) + paths(rows, columns - 1)
            ''',
            '''
            from functools import lru_cache, reduce


            # how many paths lead through a grid
            @lru_cache(maxsize=None, typed=True)
            def paths(rows: int, columns: int) -> int:
                """Count them."""
                if rows == 0 or columns == 0:
                    return 1
                return paths(rows - 1, columns) + paths(rows, columns - 1)
            ''',
        ),
        (
            """
            import functools


            def distance(old: str, new: str):
                if not old or not new:
                    return len(old) + len(new)
                if old[-1] == new[-1]:
                    return distance(old[:-1], new[:-1])
                return 1 + min(distance(old[:-1], new), distance(old, new[:-1]))
            """,
            """
            import functools


            @functools.lru_cache(maxsize=None, typed=True)
            def distance(old: str, new: str):
                if not old or not new:
                    return len(old) + len(new)
                if old[-1] == new[-1]:
                    return distance(old[:-1], new[:-1])
                return 1 + min(distance(old[:-1], new), distance(old, new[:-1]))
            """,
        ),
    )
    quiet = (
        # one question for each answer
        """
        def f(n):
            return 1 if n < 2 else n * f(n - 1)
        """,
        """
        def f(n):
            if n % 2:
                return f(n - 1)
            return f(n - 2)
        """,
        # different questions: a tree is walked once
        """
        def f(t):
            return 1 + f(t.left - 1) + f(t.right - 1) if t else 0
        """,
        """
        def f(t):
            return 1 + f(t[0]) + f(t[-1]) if t else 0
        """,
        # cached already, or somebody else's business
        """
        @cache
        def f(n):
            return n if n < 2 else f(n - 1) + f(n - 2)
        """,
        # not pure
        """
        def f(n):
            print(n)
            return n if n < 2 else f(n - 1) + f(n - 2)
        """,
        """
        def f(n):
            global count
            count += 1
            return n if n < 2 else f(n - 1) + f(n - 2)
        """,
        """
        def f(n):
            return limit if n < 2 else f(n - 1) + f(n - 2)
        """,
        """
        def f(n):
            return n if n < 2 else random.random() * f(n - 1) + f(n - 2)
        """,
        """
        def f(n, seen):
            seen[n] = 1
            return n if n < 2 else f(n - 1, seen) + f(n - 2, seen)
        """,
        """
        def f(n, seen):
            seen.add(n)
            return n if n < 2 else f(n - 1, seen) + f(n - 2, seen)
        """,
        """
        def f(n):
            try:
                return n if n < 2 else f(n - 1) + f(n - 2)
            finally:
                pass
        """,
        # an answer that its callers could change
        """
        def f(n):
            return [n] if n < 2 else f(n - 1) + f(n - 2)
        """,
        """
        def f(n):
            return list(range(n)) if n < 2 else f(n - 1) + f(n - 2)
        """,
        """
        def f(n):
            return range(n) if n < 2 else f(n - 1) + f(n - 2)
        """,
        """
        def f(n, seen):
            seen += (n,)
            return seen if n < 2 else f(n - 1, seen) + f(n - 2, seen)
        """,
        # arguments that may be no keys
        """
        def f(xs):
            return xs if len(xs) < 2 else f(xs[:-1]) + f(xs[:-2])
        """,
        """
        def f(xs, n):
            return xs[n] if n < 2 else f(xs, n - 1) + f(xs, n - 2)
        """,
        """
        def f(xs, n):
            return len(xs) if n < 2 else f(xs, n - 1) + f(xs, n - 2)
        """,
        """
        def f(xs: list, n):
            return 0 if n < 2 else f(xs, n - 1) + f(xs, n - 2)
        """,
        """
        def f(n, xs=[]):
            return 0 if n < 2 else f(n - 1) + f(n - 2)
        """,
        """
        def f(n, *xs):
            return 0 if n < 2 else f(n - 1, *xs) + f(n - 2, *xs)
        """,
        """
        def f(n, **xs):
            return 0 if n < 2 else f(n - 1, **xs) + f(n - 2, **xs)
        """,
        # not a plain function of the module
        """
        class C:
            def f(self, n):
                return n if n < 2 else self.f(n - 1) + self.f(n - 2)
        """,
        """
        class C:
            def f(self, n):
                return n if n < 2 else f(n - 1) + f(n - 2)
        """,
        """
        def g():
            def f(n):
                return n if n < 2 else f(n - 1) + f(n - 2)
            return f
        """,
        """
        async def f(n):
            return n if n < 2 else await f(n - 1) + await f(n - 2)
        """,
        """
        def f(n):
            yield n
            return n if n < 2 else f(n - 1) + f(n - 2)
        """,
        # another function
        """
        def f(n, f):
            return n if n < 2 else f(n - 1) + f(n - 2)
        """,
        """
        def f(n):
            return n if n < 2 else g(n - 1) + g(n - 2)
        """,
    )
    sample = """
        args = (16,)
    """
    evidence: ClassVar[Mapping[str, float]] = {"3.11": 29.24, "3.12": 22.08, "3.13": 22.88}

    def applies(self, match: Match) -> bool:
        """Speak of a pure function of the module that asks itself twice, with arguments that count down."""
        function = match.function
        if function is None or match.ancestors[1:2] != [function] or function.start_point.column:
            return False
        calls = list(_calls_itself(match, function))
        if len(calls) < 2 or not any(_counts_down(argument) for call in calls for argument in call):
            return False
        if any(child.type == "async" for child in function.children):
            return False
        return _parameters_are_keys(match, function) and _is_pure(match, function)

    def mend(self, scene: Scene) -> None:
        """Put the cache above the function."""
        cache = f"{scene.need('functools', 'lru_cache')}(maxsize=None, typed=True)"
        function = scene.function
        scene.replace(function, function.with_changes(decorators=[cst.Decorator(scene.expression(cache))]))


def _calls_itself(match: Match, function: Node) -> Iterator[Sequence[Node]]:
    """Yield the arguments of each call of `function` in the expression that was matched."""
    name = _field(function, "name")
    if match.text(match.here).count(match.text(name)) < 2:
        return
    for node in below(match.here):
        if node.type == "call" and _field(node, "function").text == name.text:
            yield arguments(_field(node, "arguments"))


def _counts_down(argument: Node) -> bool:
    """Whether an argument is `n - 1`, `n - 2`, `n // 2`, `text[:-1]` or `text[1:]`… of a plain name."""
    if argument.type == "keyword_argument":
        argument = argument.named_children[-1]
    text = "".join((argument.text or b"").decode().split())
    name = argument.named_children[0] if argument.named_children else argument
    if name.type != "identifier":
        return False
    return text[name.end_byte - name.start_byte :] in {"-1", "-2", "//2", "[:-1]", "[:-2]"}


def _parameters_are_keys(match: Match, function: Node) -> bool:
    """Whether every parameter is a plain one that, as far as the function shows, takes what can be a key."""
    for parameter in _field(function, "parameters").named_children:
        if parameter.type not in {"identifier", "typed_parameter", "default_parameter", "typed_default_parameter"}:
            return False
        default = parameter.child_by_field_name("value")
        if default is not None and default.type not in {"integer", "float", "string", "none", "true", "false"}:
            return False
        name = parameter if parameter.type == "identifier" else parameter.named_children[0]
        if name.type != "identifier" or not _is_key(match, function, match.text(name)):
            return False
    return True


def _is_key(match: Match, function: Node, name: str) -> bool:
    """Whether a parameter is annotated as something hashable, or not annotated and never used as a collection."""
    annotation = match.facts.annotation(name)
    if annotation is not None:
        return annotation.strip("\"'") in HASHABLE
    for node in below(_field(function, "body")):
        held = node.child_by_field_name("value") if node.type == "subscript" else None
        if node.type == "for_statement":
            held = node.child_by_field_name("right")
        if node.type == "comparison_operator" and any(child.type in {"in", "not in"} for child in node.children):
            held = node.named_children[-1]
        if node.type == "call" and _field(node, "function").text == b"len":
            held = next(iter(arguments(_field(node, "arguments"))), None)
        if held is not None and match.text(held) == name:
            return False
    return True


def _is_pure(match: Match, function: Node) -> bool:
    """Whether the body is made only of what is known to change nothing and to depend on nothing but the arguments."""
    own = match.text(_field(function, "name"))
    facts, body = match.facts, _field(function, "body")
    if facts.is_local(own) or any(node.is_named and node.type not in ALLOWED for node in below(body)):
        return False
    for node in below(body):
        if node.type == "subscript" and _is_written(node):
            return False
        if is_name(node) and not (facts.is_local(match.text(node)) or _is_known(match, node, own)):
            return False
        if node.type == "augmented_assignment" and facts.is_parameter(match.text(_field(node, "left"))):
            return False
    return True


def _is_known(match: Match, node: Node, own: str) -> bool:
    """Whether a name that is not the function's own is the function itself or a pure built-in, and is called there."""
    name, call = match.text(node), node.parent
    if call is not None and call.type == "raise_statement":
        return name in RAISED and match.facts.is_builtin(name)
    if call is None or call.type != "call" or _field(call, "function") != node:
        return False
    if name == "range":
        return call.parent is not None and call.parent.type == "for_statement" and match.facts.is_builtin(name)
    return name == own or (name in PURE | RAISED and match.facts.is_builtin(name))


def _is_written(subscript: Node) -> bool:
    around = subscript.parent
    targets = {"assignment", "augmented_assignment", "pattern_list", "for_statement", "tuple_pattern"}
    return around is not None and around.type in targets and around.child_by_field_name("right") != subscript


def _field(node: Node, name: str) -> Node:
    """Return a child that the grammar always has; the node itself in broken code."""
    return node.child_by_field_name(name) or node
