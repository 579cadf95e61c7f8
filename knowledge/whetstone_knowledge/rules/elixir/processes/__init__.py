"""Rules about processes and OTP in Elixir, one file each, in catalogue order, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rules.elixir.processes.handle_info_without_catch_all import HandleInfoWithoutCatchAll

if TYPE_CHECKING:
    from whetstone_knowledge.rule import ElixirRule

RULES: tuple[ElixirRule, ...] = (HandleInfoWithoutCatchAll(),)
