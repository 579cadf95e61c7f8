"""What supports a verdict, in the sentences that the terminal and the editor say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_server.sandbox.verdict import Growth, Workload

_SOURCES = {"recorded-calls": "recorded calls", "generated": "generated ones"}


def inputs(workload: Workload) -> str:
    """Return on what old and new were compared; nothing when neither was run."""
    if not (workload.distinct_inputs or workload.tests or workload.calls):
        return ""
    sources = ", ".join(_SOURCES[source] for source in workload.sources if source in _SOURCES)
    compared = f"compared on {counted(workload.distinct_inputs, 'input')}{f' ({sources})' if sources else ''}"
    passed = f"; {counted(workload.tests, 'test')} passed with it" if workload.tests else ""
    return f"{compared}; {counted(workload.calls, 'call')} seen in tests{passed}"


def by_size(growth: Sequence[Growth]) -> str:
    """Return the gain at each size of input; nothing when it was not measured by size."""
    return "by size: " + ", ".join(f"{step.size:,} items {step.speedup}" for step in growth) if growth else ""


def counted(number: int, noun: str) -> str:
    """Return `1 call` or `2 calls`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
