"""What the names of one module mean: which are used at all, which its code binds, which its imports stand for."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


_PLACED = (ast.stmt, ast.expr, ast.arg, ast.alias, ast.excepthandler, ast.pattern)


@dataclass(frozen=True, slots=True)
class ModuleNames:
    """The names of one module, as a rewrite of the function that starts at one line of it has to know them."""

    taken: frozenset[str]
    """Every name that is read or bound anywhere, which a new import must not be confused with."""
    inside: frozenset[str]
    """Those among them that stand in the function, which a new local name must not be confused with."""
    bound: frozenset[str]
    """Every name that is bound in the function or the module, and so may not mean the builtin in the function."""
    imported: dict[str, str]
    """What the module's own top-level imports stand for, dotted, and the name that means it inside the function."""


def names_of(tree: ast.Module, first_line: int, last_line: int) -> ModuleNames:
    """Return the names of `tree`, for a rewrite of the function on the lines from `first_line` to `last_line`."""
    within = [
        node
        for node in ast.walk(tree)
        if isinstance(node, _PLACED) and first_line <= node.lineno and (node.end_lineno or 0) <= last_line
    ]
    local = {name for node in within for name in _binds(node)}
    of_module = {name for statement in tree.body for name in _bound_at_module_level(statement)}
    rebound = {
        name
        for statement in tree.body
        if not isinstance(statement, ast.Import | ast.ImportFrom)
        for name in _bound_at_module_level(statement)
    }
    declared = {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}
    hidden = local | rebound
    imported = {meaning: name for meaning, name in _imports(tree) if name.partition(".")[0] not in hidden}
    inside = local | {node.id for node in within if isinstance(node, ast.Name)}
    return ModuleNames(frozenset(_names_in(tree)), frozenset(inside), frozenset(local | of_module | declared), imported)


def _names_in(node: ast.AST) -> Iterator[str]:
    """Yield every name that is read or bound in a node."""
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield each.id
        yield from _binds(each)


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield, for each top-level import, what is imported and the name it has in the module."""
    for statement in tree.body:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                root = alias.name.partition(".")[0]
                yield (alias.name, alias.asname) if alias.asname else (root, root)
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            for alias in statement.names:
                yield f"{statement.module}.{alias.name}", alias.asname or alias.name


def _binds(node: ast.AST) -> tuple[str, ...]:
    """Return the names that one node binds by itself."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return (name,)
        case ast.arg(arg=name):
            return (name,)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.alias(name=name, asname=asname):
            return (asname or name.partition(".")[0],)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return (name,)
        case ast.MatchMapping(rest=str(name)):
            return (name,)
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            return tuple(names)
    return ()


def _bound_at_module_level(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a top-level statement binds in the module; those in functions and classes are theirs."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield from _binds(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))
