"""Rules about processes and OTP in Elixir, one file each, in catalogue order, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rules.elixir.processes.async_stream_timeout_unsaid import AsyncStreamTimeoutUnsaid
from whetstone_knowledge.rules.elixir.processes.bare_spawn import BareSpawn
from whetstone_knowledge.rules.elixir.processes.blocking_callback import BlockingCallback
from whetstone_knowledge.rules.elixir.processes.blocking_init import BlockingInit
from whetstone_knowledge.rules.elixir.processes.brutal_kill_with_terminate import BrutalKillWithTerminate
from whetstone_knowledge.rules.elixir.processes.call_in_callback import CallInCallback
from whetstone_knowledge.rules.elixir.processes.call_that_waits_forever import CallThatWaitsForever
from whetstone_knowledge.rules.elixir.processes.call_with_default_timeout import CallWithDefaultTimeout
from whetstone_knowledge.rules.elixir.processes.callback_timeout_unhandled import CallbackTimeoutUnhandled
from whetstone_knowledge.rules.elixir.processes.cast_in_loop import CastInLoop
from whetstone_knowledge.rules.elixir.processes.child_started_too_late import ChildStartedTooLate
from whetstone_knowledge.rules.elixir.processes.demonitor_without_flush import DemonitorWithoutFlush
from whetstone_knowledge.rules.elixir.processes.deprecated_otp_call import DeprecatedOtpCall
from whetstone_knowledge.rules.elixir.processes.exit_signal_unhandled import ExitSignalUnhandled
from whetstone_knowledge.rules.elixir.processes.forced_garbage_collection import ForcedGarbageCollection
from whetstone_knowledge.rules.elixir.processes.handle_info_without_catch_all import HandleInfoWithoutCatchAll
from whetstone_knowledge.rules.elixir.processes.inspect_in_log_text import InspectInLogText
from whetstone_knowledge.rules.elixir.processes.interval_timer import IntervalTimer
from whetstone_knowledge.rules.elixir.processes.process_dictionary import ProcessDictionary
from whetstone_knowledge.rules.elixir.processes.process_named_by_dynamic_atom import ProcessNamedByDynamicAtom
from whetstone_knowledge.rules.elixir.processes.receive_in_callback import ReceiveInCallback
from whetstone_knowledge.rules.elixir.processes.receive_without_after import ReceiveWithoutAfter
from whetstone_knowledge.rules.elixir.processes.rescue_all_in_callback import RescueAllInCallback
from whetstone_knowledge.rules.elixir.processes.restart_intensity_unsaid import RestartIntensityUnsaid
from whetstone_knowledge.rules.elixir.processes.rpc_instead_of_erpc import RpcInsteadOfErpc
from whetstone_knowledge.rules.elixir.processes.scattered_process_interface import ScatteredProcessInterface
from whetstone_knowledge.rules.elixir.processes.selective_receive_without_ref import SelectiveReceiveWithoutRef
from whetstone_knowledge.rules.elixir.processes.server_calls_itself import ServerCallsItself
from whetstone_knowledge.rules.elixir.processes.server_without_state import ServerWithoutState
from whetstone_knowledge.rules.elixir.processes.sleep_in_callback import SleepInCallback
from whetstone_knowledge.rules.elixir.processes.start_link_outside_tree import StartLinkOutsideTree
from whetstone_knowledge.rules.elixir.processes.start_without_link import StartWithoutLink
from whetstone_knowledge.rules.elixir.processes.struct_captured_for_one_field import StructCapturedForOneField
from whetstone_knowledge.rules.elixir.processes.task_never_awaited import TaskNeverAwaited
from whetstone_knowledge.rules.elixir.processes.task_started_unsupervised import TaskStartedUnsupervised
from whetstone_knowledge.rules.elixir.processes.terminate_without_trap_exit import TerminateWithoutTrapExit
from whetstone_knowledge.rules.elixir.processes.timer_armed_twice import TimerArmedTwice
from whetstone_knowledge.rules.elixir.processes.unbounded_dynamic_supervisor import UnboundedDynamicSupervisor
from whetstone_knowledge.rules.elixir.processes.whole_agent_state_copied import WholeAgentStateCopied

if TYPE_CHECKING:
    from whetstone_knowledge.rule import ElixirRule

RULES: tuple[ElixirRule, ...] = (
    CallbackTimeoutUnhandled(),
    TerminateWithoutTrapExit(),
    HandleInfoWithoutCatchAll(),
    ExitSignalUnhandled(),
    BlockingInit(),
    BlockingCallback(),
    SleepInCallback(),
    ServerCallsItself(),
    CallWithDefaultTimeout(),
    CallThatWaitsForever(),
    CastInLoop(),
    BareSpawn(),
    TaskStartedUnsupervised(),
    TaskNeverAwaited(),
    AsyncStreamTimeoutUnsaid(),
    StartLinkOutsideTree(),
    StartWithoutLink(),
    ServerWithoutState(),
    ScatteredProcessInterface(),
    StructCapturedForOneField(),
    ReceiveInCallback(),
    ReceiveWithoutAfter(),
    SelectiveReceiveWithoutRef(),
    IntervalTimer(),
    TimerArmedTwice(),
    ForcedGarbageCollection(),
    RescueAllInCallback(),
    RestartIntensityUnsaid(),
    UnboundedDynamicSupervisor(),
    BrutalKillWithTerminate(),
    ChildStartedTooLate(),
    ProcessNamedByDynamicAtom(),
    ProcessDictionary(),
    WholeAgentStateCopied(),
    DeprecatedOtpCall(),
    DemonitorWithoutFlush(),
    RpcInsteadOfErpc(),
    InspectInLogText(),
    CallInCallback(),
)
