"""What became of bottlenecks: each is noted when it is found, and when a later measurement shows it is gone."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from whetstone_server.bottlenecks.bottleneck import Bottleneck
from whetstone_server.metrics import Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from whetstone_server.bottlenecks.find import Look
    from whetstone_server.events import EventStore
    from whetstone_server.events.kinds import Payload


def history(store: EventStore) -> list[Bottleneck]:
    """Return every bottleneck that was noted, as it was noted last: those that stand first, by impact."""
    known: dict[tuple[str, str], Bottleneck] = {}
    for event in store.between(kind="bottleneck"):
        data = event.data
        key = str(data.get("subject")), str(data.get("metric"))
        before = known.get(key)
        if event.action == "found" and isinstance(data.get("impact"), int):
            began = before.found_at if before and before.resolved_at is None else event.time
            sentence, remedy = str(data.get("sentence")), str(data.get("remedy"))
            known[key] = Bottleneck(*key, data["impact"], sentence, remedy, _goal(data), began)
        elif event.action == "resolved" and before is not None:
            known[key] = replace(before, resolved_at=event.time)
    return sorted(known.values(), key=lambda each: (each.resolved_at is not None, -each.impact, each.key))


def note(store: EventStore, look: Look) -> list[Bottleneck]:
    """Note what is new, what changed, and what a look shows to be gone; return what `history` then says.

    Effect: records `bottleneck.found` and `bottleneck.resolved`. What was not measured again stays as it was.
    """
    from whetstone_server.events.kinds import BottleneckFound, BottleneckResolved  # noqa: PLC0415 -- for writing only

    standing = {each.key: each for each in history(store) if each.resolved_at is None}
    found = {each.key: each for each in look.found}
    now = time.time_ns() // 1_000
    for key, each in found.items():
        before = standing.get(key)
        if before is None or (before.severity, before.remedy) != (each.severity, each.remedy):
            goal = (each.goal.value, each.goal.better) if each.goal else (None, None)
            payload = BottleneckFound(*key, each.severity, each.impact, each.sentence, each.remedy, *goal)
            _record(store, payload, now)
    for key, each in standing.items():
        if key not in found and _is_gone(each, look):
            _record(store, BottleneckResolved(*key, each.severity), now)
    store.flush()
    return history(store)


def _goal(data: Mapping[str, Any]) -> Target | None:
    value, better = data.get("goal"), data.get("better")
    return Target(value, better) if isinstance(value, float) and better in ("lower", "higher") else None


def _is_gone(each: Bottleneck, look: Look) -> bool:
    """Whether what stood was looked at again, and keeps its goal; a change that left the window is not gone by that."""
    if each.subject.partition("::")[0] in look.paths:
        return True
    newest, goal = look.newest.get(each.key), each.goal
    if newest is None:
        return False
    return goal is None or not any(goal.missed_by(value) for value in newest)


def _record(store: EventStore, payload: Payload, now: int) -> None:
    from whetstone_server.events import Event  # noqa: PLC0415 -- for writing only

    store.record(Event.of(payload, source="bottlenecks", time=now))
