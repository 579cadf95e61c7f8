"""Names that a Python module has for its own things, which what somebody names must not take from it."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def is_taken(name: str, text: str) -> bool:
    """Tell whether a module binds the name more than once, or hides something built in with it."""
    return hasattr(builtins, name) or sum(bound == name for bound in _bound(ast.parse(text).body)) > 1


def _bound(statements: Sequence[ast.stmt]) -> Iterator[str]:
    """Yield the names that are bound at the top of a module, and in its blocks of conditional imports."""
    for statement in statements:
        match statement:
            case ast.Import(names) | ast.ImportFrom(names=names):
                yield from ((alias.asname or alias.name).split(".")[0] for alias in names)
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Assign(targets):
                yield from (node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
            case ast.If(body=body):
                yield from _bound(body)
