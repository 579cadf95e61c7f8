"""Rules about processes and OTP in Elixir, one file each, in catalogue order, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rules.elixir.processes.callback_timeout_unhandled import CallbackTimeoutUnhandled
from whetstone_knowledge.rules.elixir.processes.exit_signal_unhandled import ExitSignalUnhandled
from whetstone_knowledge.rules.elixir.processes.handle_info_without_catch_all import HandleInfoWithoutCatchAll
from whetstone_knowledge.rules.elixir.processes.terminate_without_trap_exit import TerminateWithoutTrapExit

if TYPE_CHECKING:
    from whetstone_knowledge.rule import ElixirRule

RULES: tuple[ElixirRule, ...] = (
    CallbackTimeoutUnhandled(),
    TerminateWithoutTrapExit(),
    HandleInfoWithoutCatchAll(),
    ExitSignalUnhandled(),
)
