"""Every entry, in catalogue order: the pages in the folders beside this file, one line each, read when first asked for.

A page is named for its entry: `fault_tolerance/circuit_breaker.md` is `circuit-breaker`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from whetstone_knowledge.entry import KINDS, Entry, read

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parent

PAGES: Mapping[str, tuple[str, ...]] = {
    "behaviours": (
        "gen_server",
        "supervisor",
        "dynamic_supervisor",
        "application",
        "agent",
        "gen_statem",
    ),
    "concurrency": (
        "actor",
        "registry",
        "worker_pool",
        "pool",
        "pub_sub",
        "pipeline",
    ),
    "fault_tolerance": (
        "let_it_crash",
        "supervision_tree",
        "one_for_one",
        "one_for_all",
        "rest_for_one",
        "timeout",
        "retry_with_jitter",
        "circuit_breaker",
        "bulkhead",
        "rate_limiting",
        "health_monitoring",
    ),
    "performance": (
        "ets_cache",
        "persistent_term",
        "process_pooling",
        "message_batching",
        "message_size",
        "binary_memory",
        "hibernation",
        "partitioned_server",
    ),
    "distribution": (
        "clustering",
        "replication",
        "partitioning",
        "distributed_worker",
        "hot_standby",
    ),
    "practices": (
        "plain_functions",
        "durable_state",
        "client_functions",
        "init_without_waiting",
        "timers_by_reference",
        "catch_all_handle_info",
        "orderly_stop",
        "links_and_monitors",
        "back_pressure",
        "events_for_measuring",
        "tests_of_processes",
    ),
    "anti_patterns": (
        # Elixir's own list, in its order: code, design, processes, meta-programming.
        "comments_overuse",
        "complex_else_clauses_in_with",
        "complex_extractions_in_clauses",
        "dynamic_atom_creation",
        "long_parameter_list",
        "namespace_trespassing",
        "non_assertive_map_access",
        "non_assertive_pattern_matching",
        "non_assertive_truthiness",
        "structs_with_32_fields_or_more",
        "alternative_return_types",
        "boolean_obsession",
        "exceptions_for_control_flow",
        "primitive_obsession",
        "unrelated_multi_clause_function",
        "application_configuration_for_libraries",
        "code_organization_by_process",
        "scattered_process_interfaces",
        "sending_unnecessary_data",
        "unsupervised_processes",
        "compile_time_dependencies",
        "large_code_generation",
        "unnecessary_macros",
        "use_instead_of_import",
        "untracked_compile_time_dependencies",
        # Processes.
        "timeout_meant_as_hibernation",
        "terminate_that_never_runs",
        "unhandled_messages",
        "blocking_callback",
        "server_calls_itself",
        "careless_call_timeout",
        "casts_without_back_pressure",
        "forgotten_task",
        "selective_receive_in_a_long_mailbox",
        "overlapping_timers",
        "forced_garbage_collection",
        "rescue_in_callbacks",
        "supervision_limits_left_unsaid",
        "child_started_too_late",
        "process_dictionary_as_state",
        "agent_state_copied_whole",
        "deprecated_otp_calls",
        "demonitor_without_flush",
        "rpc_instead_of_erpc",
        "log_text_built_for_nothing",
        # Data, in Elixir and in Python.
        "text_built_in_a_loop",
        "list_grown_at_its_end",
        "list_searched_in_a_loop",
        "list_used_as_queue",
        "whole_sort_for_one_end",
        "regex_compiled_in_a_loop",
        "work_repeated",
        "collection_built_item_by_item",
        "two_passes_for_one",
        "counting_to_test_for_empty",
        "whole_collection_for_a_few",
        "ets_concurrency_guessed",
        "ets_read_then_write",
        "table_owned_by_worker",
        "slice_of_a_large_binary",
        "untrusted_terms_and_code",
        "query_in_a_loop",
        "environment_read_when_compiled",
    ),
}
"""The pages of each folder; the folders stand in the order of `KINDS`."""


@cache
def entries() -> tuple[Entry, ...]:
    """Return every entry; raises `PageError` when a page is not as it must be."""
    return tuple(
        read(page.replace("_", "-"), kind, path(folder, page).read_text(encoding="utf-8"))
        for kind, (folder, pages) in zip(KINDS, PAGES.items(), strict=True)
        for page in pages
    )


def path(folder: str, page: str) -> Path:
    """Return where a page lies."""
    return FOLDER / folder / f"{page}.md"
