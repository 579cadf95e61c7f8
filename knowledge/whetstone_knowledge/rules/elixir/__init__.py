"""Rules for Elixir code: WE1## about processes, WE2## about data, WE3## about design."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rules.elixir import data, design, processes

if TYPE_CHECKING:
    from whetstone_knowledge.rule import ElixirRule

RULES: tuple[ElixirRule, ...] = processes.RULES + data.RULES + design.RULES
