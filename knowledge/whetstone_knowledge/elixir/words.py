"""Words that mean something to Elixir by themselves."""

from __future__ import annotations

RESERVED = frozenset(
    ("true", "false", "nil", "when", "and", "or", "not", "in", "fn", "do", "end", "catch", "rescue", "after", "else")
)
"""What can name no variable."""
VALUES = frozenset({"true", "false", "nil"})
"""Atoms that a formatter writes without their colon."""
