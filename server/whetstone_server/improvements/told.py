"""Improvements in words: what was measured, and what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whetstone_server.errors import InputError
from whetstone_server.improvements.changes import unified
from whetstone_server.improvements.store import ProofStore
from whetstone_server.sandbox.support import inputs
from whetstone_server.sandbox.verdict import Workload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_server.improvements.history import History
    from whetstone_server.improvements.improvement import Improvement


def gain(improvement: Improvement) -> str:
    """Return how much faster it was measured to be, with the interval; empty without a measurement."""
    return str(improvement.measured) if improvement.measured else ""


def as_json(improvement: Improvement, path: str) -> dict[str, Any]:
    """Return an improvement as the JSON contract names its fields; `path` is how its file is shown."""
    return {
        "id": improvement.id,
        "status": improvement.status,
        "code": improvement.code,
        "rule": improvement.rule,
        "path": path,
        "function": improvement.function,
        "line": improvement.line,
        "confidence": improvement.confidence,
        "speedup": improvement.evidence.get("speedup"),
        "proposed_at": improvement.proposed_at,
        "decided_at": improvement.decided_at,
        "applied_at": improvement.applied_at,
        "rolled_back_at": improvement.rolled_back_at,
    }


def evidence(improvement: Improvement) -> Iterator[str]:
    """Yield what was measured, a sentence each."""
    known = improvement.evidence
    if not known:
        return
    yield f"{known['verdict']} {gain(improvement)}".rstrip()
    yield known["reason"]
    yield inputs(Workload(**known["workload"]))
    for assumed in improvement.assumptions:
        yield f"assumes no call like {assumed}"
    versions = {**known.get("libraries", {}), **known.get("versions", {})}
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    yield f"Python {known['python']} in {known['sandbox']}; {named}"
    if improvement.confidence is not None:
        yield f"confidence {improvement.confidence:.2f}"
    for part in known.get("confidence_parts", ()):
        yield f"  {part['name']:<11} {part['value']:.2f}  {part['sentence']}"


def diff(history: History, improvement: Improvement) -> str:
    """Return the unified diff of what it changed, or would change; empty when neither is kept any more."""
    try:
        if improvement.changes:
            texts = history.texts
            return "".join(
                unified(change.path, texts.read(change.before), texts.read(change.after))
                for change in improvement.changes
            )
        return unified(improvement.path, *ProofStore(history.folder.parent).texts(improvement.id))
    except InputError:
        return ""
