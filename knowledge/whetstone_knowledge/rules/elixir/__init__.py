"""Rules for Elixir code: WE101 and on about processes, WE201 and on about data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rules.elixir import data, processes

if TYPE_CHECKING:
    from whetstone_knowledge.rule import ElixirRule

RULES: tuple[ElixirRule, ...] = processes.RULES + data.RULES
