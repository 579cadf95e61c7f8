"""Values and outcomes in words, for the person who reads a counterexample."""

from __future__ import annotations

import re
from typing import Any

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+(?=>)")
SHOWN = 300
"""Characters of a value that a person is shown."""
NESTED = 12
"""Items of a collection that are looked into for objects that do not describe themselves."""


def shown(value: Any, most: int = SHOWN) -> str:
    """Return `value` as a person would write it, cut at `most` characters; never raises."""
    try:
        text = _written(value, 0)
    except Exception as error:  # a broken __repr__ must not hide the difference it stands in
        text = f"<{type(value).__qualname__} whose repr raises {type(error).__name__}>"
    text = _ADDRESS.sub("", text)
    return text if len(text) <= most else text[: most - 1] + "…"


def _written(value: Any, depth: int) -> str:
    kind: Any = type(value)
    if depth < 3 and kind in (list, tuple) and 0 < len(value) <= NESTED:
        items = ", ".join(_written(item, depth + 1) for item in value)
        return f"[{items}]" if kind is list else f"({items},)" if len(value) == 1 else f"({items})"
    if depth < 3 and kind is dict and 0 < len(value) <= NESTED:
        return "{" + ", ".join(f"{key!r}: {_written(item, depth + 1)}" for key, item in value.items()) + "}"
    if kind.__repr__ is object.__repr__:
        return _object(value, kind, depth)
    return repr(value)


def _object(value: Any, kind: type, depth: int) -> str:
    """Return an object whose class does not say how it is written: its class and its attributes."""
    attributes = vars(value) if depth < 3 and hasattr(value, "__dict__") else {}
    inner = ", ".join(f"{name}={_written(item, depth + 1)}" for name, item in attributes.items())
    return f"<{kind.__qualname__} {inner}>" if inner else f"<{kind.__qualname__} object>"


def sharing(value: Any, arguments: dict[str, Any]) -> str:
    """Return what a result has in common with the arguments or with itself, in brackets; empty when nothing."""
    for name, argument in arguments.items():
        if value is argument and not isinstance(value, (int, str, bytes, float, type(None), tuple, frozenset)):
            return f" (the very object passed as “{name}”)"
    items = _items(value)
    for name, argument in arguments.items():
        if any(item is argument for item in items):
            return f" (holding the very object passed as “{name}”)"
    if len({id(item) for item in items}) < len(items):
        return " (holding one object more than once)"
    inner = {id(item) for argument in arguments.values() for item in _items(argument)}
    if any(id(item) in inner for item in items):
        return " (holding objects that the arguments hold)"
    return " (new objects)" if items or isinstance(value, (list, dict, set)) else ""


def _items(value: Any) -> list[Any]:
    """Return the changeable objects directly inside a collection."""
    items = list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, (list, tuple)) else []
    return [
        item for item in items[:200] if not isinstance(item, (int, str, bytes, float, type(None), tuple, frozenset))
    ]
