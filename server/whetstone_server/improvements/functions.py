"""Functions in a text, by their dotted names."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from whetstone_knowledge.spans import Span
from whetstone_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def function_span(text: bytes, function: str, where: str) -> Span:
    """Return the byte span of a function by its dotted name; raises `InputError` when it is not there."""
    try:
        body: list[ast.stmt] = ast.parse(text).body
    except (SyntaxError, ValueError) as error:
        raise InputError(f"{where} does not parse: {error}") from error
    *owners, name = function.split(".")
    for owner in owners:
        body = [
            part
            for statement in _statements(body)
            if _named(statement, owner)
            for part in getattr(statement, "body", [])
        ]
    found = [statement for statement in _statements(body) if _named(statement, name)]
    if not found or not isinstance(found[-1], ast.FunctionDef | ast.AsyncFunctionDef):
        raise InputError(f"there is no function “{function}” in {where}; name a function or Class.method defined in it")
    lines = text.splitlines(keepends=True)
    start = sum(map(len, lines[: found[-1].lineno - 1]))
    return Span(start, start + sum(map(len, lines[found[-1].lineno - 1 : found[-1].end_lineno])))


def _named(statement: ast.stmt, name: str) -> bool:
    return getattr(statement, "name", None) == name


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a block and of the conditional blocks in it, but not of functions and classes."""
    for statement in body:
        yield statement
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for block in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(statement, block, []))
