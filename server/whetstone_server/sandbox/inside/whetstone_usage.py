"""What a function's own text says of its parameters, when neither calls nor annotations do.

Every parameter, and everything reached from one by iteration, indexing or attributes, is a path:
`("rows", "[]", "'id'")` is the item `"id"` of each element of `rows`. What is done to a path hints at its shape; what
nothing hints at is a leaf, for which several types are tried by running the old code.
"""

from __future__ import annotations

import ast
import itertools
import types
from typing import TYPE_CHECKING, Any

import whetstone_shapes as shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Union

    from whetstone_shapes import Shape

    Definition = Union[ast.FunctionDef, ast.AsyncFunctionDef]
    Comprehension = Union[ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp]
    Path = tuple[Union[str, int], ...]

_STRING_METHODS = frozenset(name for name in dir(str) if not name.startswith("_")) - {"count", "index"}
_DICT_METHODS = frozenset({"items", "keys", "values", "get", "setdefault", "popitem"})
_LIST_METHODS = frozenset({"append", "extend", "insert", "sort", "reverse"})
_SET_METHODS = frozenset({"add", "discard", "union", "intersection", "difference", "issubset", "issuperset"})
_OVER_ITEMS = frozenset(
    {
        "sorted",
        "sum",
        "min",
        "max",
        "len",
        "list",
        "set",
        "tuple",
        "enumerate",
        "reversed",
        "any",
        "all",
        "frozenset",
        "iter",
        "zip",
        "map",
        "filter",
        "join",
        "Counter",
        "deque",
        "chain",
        "from_iterable",
    }
)
LEAVES = (
    shapes.INTS,
    shapes.STRINGS,
    ("list", shapes.INTS),
    shapes.FLOATS,
    ("list", shapes.STRINGS),
    ("tuple", (shapes.STRINGS, shapes.INTS)),
)
MOST_WORLDS = 128


class Usage(ast.NodeVisitor):
    """Collects, for one function definition, what is done to each path."""

    def __init__(self, function: Definition) -> None:
        self.hints: dict[Path, set[Any]] = {}
        self._aliases: dict[str, Path] = {}
        self._pairs: list[tuple[Path, Path]] = []
        arguments = function.args
        self.parameters = [
            argument.arg for argument in getattr(arguments, "posonlyargs", []) + arguments.args + arguments.kwonlyargs
        ]
        for name in self.parameters:
            self._aliases[name] = (name,)
            self.hints[(name,)] = set()
        for statement in function.body:
            self.visit(statement)
        self._settle_pairs()

    # -- following values --------------------------------------------------------------------------------------------

    def path(self, node: ast.expr) -> Path | None:
        """Return the path an expression stands for, or `None`."""
        if isinstance(node, ast.Name):
            return self._aliases.get(node.id)
        if isinstance(node, ast.Attribute):
            base = self.path(node.value)
            return base and (*base, "." + node.attr)
        if isinstance(node, ast.Subscript):
            return self._item(node)
        if isinstance(node, ast.Call):
            return self._called(node)
        return None

    def _item(self, node: ast.Subscript) -> Path | None:
        base = self.path(node.value)
        index: Any = node.slice
        if index.__class__.__name__ == "Index":  # what an index is wrapped in up to 3.8
            index = index.value
        if base is None:
            return None
        if isinstance(index, ast.Slice):
            return base
        if isinstance(index, ast.Constant) and isinstance(index.value, str):
            return (*base, repr(index.value))
        self._hint(base, "indexed")
        return (*base, "[]")

    def _called(self, node: ast.Call) -> Path | None:
        """Return the path of what a few well-known calls give back: the same items as their argument."""
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", None)
        if name in ("sorted", "list", "reversed", "set", "tuple", "iter") and node.args:
            return self.path(node.args[0])
        if name == "values" and isinstance(node.func, ast.Attribute):
            base = self.path(node.func.value)
            return base and (*base, "values")
        if name in ("get", "pop", "setdefault") and isinstance(node.func, ast.Attribute) and node.args:
            base = self.path(node.func.value)
            key = node.args[0]
            if base and isinstance(key, ast.Constant) and isinstance(key.value, str):
                return (*base, repr(key.value))
        return None

    def _bind(self, target: ast.expr, path: Path | None) -> None:
        if path is None:
            return
        if isinstance(target, ast.Name):
            self._aliases[target.id] = path
            self.hints.setdefault(path, set())
        elif isinstance(target, (ast.Tuple, ast.List)) and not any(
            isinstance(part, ast.Starred) for part in target.elts
        ):
            self._hint(path, "unpacked", len(target.elts))
            for index, part in enumerate(target.elts):
                self._bind(part, (*path, index))

    def _hint(self, path: Path | None, *what: Any) -> None:
        if path is not None:
            self.hints.setdefault(path, set()).add(what if len(what) > 1 else what[0])
            if len(path) > 1:
                self.hints.setdefault(path[:-1], set())

    def _iterate(self, target: ast.expr, source: ast.expr) -> None:
        call: Any = source if isinstance(source, ast.Call) else None
        name = call and getattr(call.func, "id", getattr(call.func, "attr", None))
        if name == "enumerate" and call.args and isinstance(target, ast.Tuple) and len(target.elts) == 2:
            self._iterate(target.elts[1], call.args[0])
        elif name == "zip" and isinstance(target, ast.Tuple) and len(target.elts) == len(call.args):
            for part, argument in zip(target.elts, call.args):
                self._iterate(part, argument)
        elif name == "items" and isinstance(target, ast.Tuple) and len(target.elts) == 2:
            path = self.path(call.func.value)
            self._hint(path, "dict")
            if path:
                self._bind(target.elts[0], (*path, "keys"))
                self._bind(target.elts[1], (*path, "values"))
        else:
            path = self.path(source)
            self._hint(path, "iterated")
            self._bind(target, path and (*path, "[]"))

    # -- what is done ------------------------------------------------------------------------------------------------

    def visit_For(self, node: ast.For) -> None:
        self._iterate(node.target, node.iter)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self._iterate(node.target, node.iter)
        self.generic_visit(node)

    def _visit_comprehension_of(self, node: Comprehension) -> None:
        for generator in node.generators:
            self.visit(generator)
        self.generic_visit(node)

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _visit_comprehension_of

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        path = self.path(node.value)
        for target in node.targets:
            self._bind(target, path)
            self.visit(target)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        path = self.path(node)
        if path is not None:
            self.hints.setdefault(path, set())
            if isinstance(path[-1], str) and path[-1][:1] in "'\"":
                self._hint(path[:-1], "record")
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        path = self.path(node)
        if path is not None:
            self.hints.setdefault(path, set())
            self._hint(path[:-1], "object")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Name) and self.path(function):
            self._hint(self.path(function), "called", len(node.args))
        if isinstance(function, ast.Attribute):
            self._method(function, node)
        name = getattr(function, "id", getattr(function, "attr", None))
        for argument in node.args:
            path = self.path(argument)
            if name == "sum" and len(node.args) == 2 and isinstance(node.args[1], ast.List):
                self._hint(path and (*path, "[]"), "list")
            if name == "range":
                self._hint(path, "int")
            elif name in _OVER_ITEMS:
                self._hint(path, "iterated" if name != "len" else "sized")
            self.visit(argument)
        for keyword in node.keywords:
            self.visit(keyword.value)

    def _method(self, function: ast.Attribute, call: ast.Call) -> None:
        base = self.path(function.value)
        name = function.attr
        if base is None:
            self.visit(function.value)
        elif name in _STRING_METHODS:
            self._hint(base, "str")
        elif name in _DICT_METHODS:
            self._hint(base, "dict")
            if name in ("get", "setdefault") and self.path(call) is not None:
                self._hint(base, "record")
        elif name in _LIST_METHODS or (
            name == "pop"
            and call.args
            and isinstance(call.args[0], ast.Constant)
            and isinstance(call.args[0].value, int)
        ):
            self._hint(base, "list")
            if name == "append" and call.args:
                self._pair((*base, "[]"), self.path(call.args[0]))
        elif name in _SET_METHODS:
            self._hint(base, "set")
        elif name in ("pop", "index", "count", "remove", "copy", "clear"):
            self._hint(base, "list")
        else:
            self._hint(base, "object")
            self._hint((*base, "." + name), "called", len(call.args))

    def visit_Compare(self, node: ast.Compare) -> None:
        sides = [node.left, *node.comparators]
        for operator, left, right in zip(node.ops, sides, sides[1:]):
            if isinstance(operator, (ast.In, ast.NotIn)):
                self._hint(self.path(right), "container")
                within = self.path(right)
                self._pair(within and (*within, "[]"), self.path(left))
            else:
                self._constant_beside(left, right)
                self._pair(self.path(left), self.path(right))
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(node.op, (ast.Sub, ast.Div, ast.FloorDiv, ast.Pow, ast.LShift, ast.RShift, ast.BitXor)):
            for side in (node.left, node.right):
                self._hint(self.path(side), "number")
        elif not isinstance(node.left, ast.Constant) or not isinstance(node.left.value, str):
            self._constant_beside(node.left, node.right)
        self.generic_visit(node)

    def _constant_beside(self, left: ast.expr, right: ast.expr) -> None:
        for one, other in ((left, right), (right, left)):
            if isinstance(other, ast.Constant) and type(other.value) in (int, float, str):
                self._hint(self.path(one), "str" if type(other.value) is str else "number")

    def _pair(self, left: Path | None, right: Path | None) -> None:
        if left and right:
            self._pairs.append((left, right))

    def _settle_pairs(self) -> None:
        """Let two paths that are compared share what is hinted of either."""
        for left, right in self._pairs:
            shared = {
                hint
                for hint in self.hints.get(left, set()) | self.hints.get(right, set())
                if hint in ("str", "number", "int")
            }
            for path in (left, right):
                self.hints.setdefault(path, set()).update(shared)

    # -- shapes ------------------------------------------------------------------------------------------------------

    def shape(self, path: Path, leaves: Mapping[Path, Shape]) -> Shape:
        """Return the shape of a path; `leaves` maps paths without a hint to the shapes being tried for them."""
        hints = self.hints.get(path, set())
        children = sorted(
            {other[len(path)] for other in self.hints if other[: len(path)] == path and len(other) > len(path)}, key=str
        )
        unpacked = next((hint[1] for hint in hints if isinstance(hint, tuple) and hint[0] == "unpacked"), None)
        if unpacked:
            return ("tuple", tuple(self.shape((*path, index), leaves) for index in range(unpacked)))
        if any(isinstance(hint, tuple) and hint[0] == "called" for hint in hints):
            arity = next(hint[1] for hint in hints if isinstance(hint, tuple))
            return ("pool", CALLABLES.get(arity, CALLABLES[1]))
        if "record" in hints:
            keys = [child for child in children if isinstance(child, str) and child[:1] in "'\""]
            return (
                "record",
                dict,
                tuple((ast.literal_eval(key), self.shape((*path, key), leaves)) for key in keys),
                (),
            )
        if "dict" in hints:
            return ("dict", dict, self.shape((*path, "keys"), leaves), self.shape((*path, "values"), leaves))
        if "str" in hints:
            return shapes.STRINGS
        if "set" in hints:
            return ("set", self.shape((*path, "[]"), leaves))
        if "int" in hints or "number" in hints:
            return shapes.INTS if "int" in hints else leaves.get(path, shapes.INTS)
        attributes = [child for child in children if isinstance(child, str) and child.startswith(".")]
        if "object" in hints and attributes:
            return (
                "record",
                types.SimpleNamespace,
                tuple((child[1:], self.shape((*path, child), leaves)) for child in attributes),
                (),
            )
        if hints & {"list", "indexed", "iterated", "container", "sized"}:
            return leaves.get(path) or ("list", self.shape((*path, "[]"), leaves))
        return leaves.get(path, shapes.INTS)

    def leaves(self) -> dict[Path, tuple[Shape, ...]]:
        """Return the paths that more than one shape might suit, with the shapes to try."""
        found: dict[Path, tuple[Shape, ...]] = {}
        for path in sorted(self.hints, key=str):
            hints = self.hints[path]
            has_children = any(other[: len(path)] == path and len(other) > len(path) for other in self.hints)
            if "number" in hints:
                found[path] = (shapes.INTS, shapes.FLOATS)
            elif (
                hints & {"iterated", "container", "sized", "indexed"}
                and not has_children
                and not hints & {"dict", "record", "str"}
            ):
                found[path] = (
                    *tuple(("list", leaf) for leaf in LEAVES[:3]),
                    shapes.STRINGS,
                    ("dict", dict, *LEAVES[1::-1]),
                )
            elif not hints and not has_children:
                found[path] = LEAVES
        for path in [
            path
            for path, hints in self.hints.items()
            if hints & {"list", "iterated"} and (*path, "[]") not in self.hints
        ]:
            found.setdefault((*path, "[]"), LEAVES)
            self.hints.setdefault((*path, "[]"), set())
        return found

    def worlds(self, known: set[str]) -> Iterator[dict[str, Shape]]:
        """Yield guesses, likeliest first: a shape for every parameter that `known` (names) leaves out."""
        leaves = {path: tries for path, tries in self.leaves().items() if path[0] not in known}
        wanted = [name for name in self.parameters if name not in known]
        choices = itertools.islice(_likeliest_first(list(leaves.values())), MOST_WORLDS)
        for choice in choices:
            chosen = dict(zip(leaves, choice))
            yield {name: self.shape((name,), chosen) for name in wanted}


def _likeliest_first(tries: list[tuple[Shape, ...]]) -> Iterator[tuple[Shape, ...]]:
    """Yield one pick from each list of tries, those that pick early entries first."""
    ranks = sorted(itertools.islice(itertools.product(*(range(len(options)) for options in tries)), 4096), key=sum)
    for rank in ranks:
        yield tuple(options[index] for options, index in zip(tries, rank))


class Callback:
    """A function to be passed on; it notes its calls, since how often it is called, and with what, is behaviour."""

    def __init__(self, answer: Callable[..., Any]) -> None:
        self.answer = answer
        self.calls: list[tuple[Any, ...]] = []

    def __call__(self, *arguments: Any) -> Any:
        self.calls.append(arguments)
        return self.answer(*arguments)

    def __repr__(self) -> str:
        name = self.answer.__name__.strip("_")
        return f"<{name}, called with {', '.join(map(repr, self.calls))}>" if self.calls else name


def _nothing() -> None:
    return None


def _same(value: Any) -> Any:
    return value


def _first(value: Any, _other: Any) -> Any:
    return value


def _is_truthy(value: Any) -> bool:
    return bool(value)


CALLABLES = {
    0: (Callback(_nothing),),
    1: (Callback(_same), Callback(str), Callback(_is_truthy)),
    2: (Callback(_first), Callback(max)),
}
