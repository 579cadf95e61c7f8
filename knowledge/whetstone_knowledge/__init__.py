"""What is known: rules that find and mend what costs time, entries about building what lasts, and their words."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from whetstone_knowledge.entry import Entry
    from whetstone_knowledge.finding import Finding
    from whetstone_knowledge.need import Need
    from whetstone_knowledge.rule import Rule
    from whetstone_knowledge.rules import BY_CODE, RULES
    from whetstone_knowledge.spans import Span

__all__ = ["BY_CODE", "RULES", "Entry", "Finding", "Need", "Rule", "Span"]

_HOMES = {
    "BY_CODE": "rules",
    "RULES": "rules",
    "Entry": "entry",
    "Finding": "finding",
    "Need": "need",
    "Rule": "rule",
    "Span": "spans",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for first: whoever reads the entries needs no parser, and nobody else the entries."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found
