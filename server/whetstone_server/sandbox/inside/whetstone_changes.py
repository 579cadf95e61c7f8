"""What callers do to their data between two calls: lists grow, values are replaced, objects are asked to change.

An answer remembered for data that has changed meanwhile is wrong; it only shows when the same objects come again.
"""

from __future__ import annotations

import ast
import collections
import contextlib
import inspect
import random
import textwrap
import types
from typing import TYPE_CHECKING, Any

import whetstone_grow
import whetstone_shapes

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST = 3
MOST_METHODS = 4
CHANGING_METHODS = frozenset(
    {
        "add",
        "append",
        "appendleft",
        "clear",
        "discard",
        "extend",
        "insert",
        "pop",
        "remove",
        "reverse",
        "sort",
        "update",
    }
)


def change(value: Any, without: str, seed: int, depth: int = 0) -> None:
    """Change what `value` holds in a way its owner might; what cannot be changed is left alone.

    Objects change by their own methods, except the one named `without`, since no others are known to keep them whole.
    """
    if depth > DEEPEST:
        return
    if type(value) in (list, collections.deque):
        _change_items(value, without, seed, depth)
    elif isinstance(value, dict):
        _change_entries(value, without, seed, depth)
    elif type(value) is set and value:
        value.discard(max(value, key=repr))
    elif type(value) is tuple:
        for item in value[:2]:
            change(item, without, seed, depth + 1)
    elif not isinstance(value, (type, types.ModuleType, types.FunctionType)) and hasattr(value, "__dict__"):
        _change_object(value, without, seed, depth)


def _change_items(items: Any, without: str, seed: int, depth: int) -> None:
    if not items:
        return
    first = items[0]
    change(first, without, seed, depth + 1)
    items[0] = _another(first)
    items.append(_another(items[0]))


def _change_entries(table: dict[Any, Any], without: str, seed: int, depth: int) -> None:
    for key in list(table)[:1]:
        change(table[key], without, seed, depth + 1)
        table[key] = _another(table[key])
    if len(table) > 2:
        del table[list(table)[-1]]


def change_globals(home: dict[str, Any], names: list[str], without: str, seed: int) -> None:
    """Change the data that a module's own functions change, in place or by binding its name again."""
    for name in names:
        change(home[name], without, seed)
        home[name] = _another(home[name])


def _another(value: Any) -> Any:
    """Return another value of the same type; the same one where none is known."""
    kind = type(value)
    if kind is bool:
        return not value
    if kind in (int, float):
        return value + 1
    return value + "x" if kind is str else value


def _change_object(value: Any, without: str, seed: int, depth: int) -> None:
    methods = list(_changing(type(value), without))[:MOST_METHODS]
    for method in methods:
        with contextlib.suppress(Exception):  # it may not like what it is given, or when it is called
            method(value, *_arguments(method, seed))
    if methods:
        return
    given = _given(type(value))
    if set(vars(value)) <= given:  # nothing was worked out from what the object was made of, so nothing is outdated
        for name, held in list(vars(value).items()):
            change(held, without, seed, depth + 1)
            with contextlib.suppress(Exception):  # frozen, or refused
                setattr(value, name, _another(held))


def _given(kind: Any) -> set[str]:
    """Return the names of a constructor's parameters."""
    try:
        return set(inspect.signature(kind.__init__).parameters)
    except (TypeError, ValueError):
        return set()


def _changing(kind: Any, without: str) -> Iterator[types.FunctionType]:
    """Yield the public methods whose text says that they change the object, as it says that they end soon."""
    for name, method in sorted(vars(kind).items()):
        if isinstance(method, types.FunctionType) and not name.startswith("_") and method.__qualname__ != without:
            tree = _text(method)
            if tree is not None and _changes_self(tree):
                yield method


def _text(method: types.FunctionType) -> ast.AST | None:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(method)))
    except (OSError, TypeError, SyntaxError):
        return None


def _changes_self(tree: ast.AST) -> bool:
    nodes = list(ast.walk(tree))
    if any(isinstance(node, (ast.While, ast.With, ast.AsyncFunctionDef, ast.Import)) for node in nodes):
        return False
    return any(
        _is_own(node) and not isinstance(node.ctx, ast.Load)
        for node in nodes
        if isinstance(node, (ast.Attribute, ast.Subscript))
    ) or any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CHANGING_METHODS
        and _is_own(node.func.value)
        for node in nodes
    )


def _is_own(node: ast.AST) -> bool:
    """Whether an expression is an attribute of `self`, or an item of one."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"


def _arguments(method: types.FunctionType, seed: int) -> list[Any]:
    """Return arguments for a method's required parameters, by their annotations; numbers where there are none."""
    grower = whetstone_grow.Grower(random.Random(seed))  # noqa: S311  (chance, not secrecy)
    hints = whetstone_shapes.hints_of(method)
    parameters = list(inspect.signature(method).parameters.values())[1:]
    shapes = [
        whetstone_shapes.annotated(hints.get(parameter.name)) or whetstone_shapes.INTS
        for parameter in parameters
        if parameter.default is parameter.empty
        and parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    return [grower.value(shape) for shape in shapes]
