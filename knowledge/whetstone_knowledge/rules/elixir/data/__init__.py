"""Rules about data and memory in Elixir, one file each, in catalogue order, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rules.elixir.data.length_compared_with_zero import LengthComparedWithZero

if TYPE_CHECKING:
    from whetstone_knowledge.rule import ElixirRule

RULES: tuple[ElixirRule, ...] = (LengthComparedWithZero(),)
