"""Rules about design in Elixir, after the language's own list of anti-patterns, one file each, in catalogue order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whetstone_knowledge.rule import ElixirRule

RULES: tuple[ElixirRule, ...] = ()
