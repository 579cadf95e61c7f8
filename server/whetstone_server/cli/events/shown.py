"""Events as people read them, a line each, and as programs do."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from whetstone_server.cli import FOUND_NOTHING
from whetstone_server.cli.events.place import to_read
from whetstone_server.cli.events.wanted import wanted
from whetstone_server.cli.terminal import console, styled

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable

    from whetstone_server.events import Event

_STYLES = {"document": "cyan", "proof": "magenta", "improvement": "green", "server": "red", "events": "red"}
_LONGEST = 100


def list_newest(arguments: Namespace, text: str | None = None) -> int:
    """Print the newest events that are asked for, and hold a text if there is one."""
    with to_read(arguments) as store:
        events = list(store.backwards(wanted(arguments, text), arguments.limit))
    show(events, arguments.format)
    if not events and arguments.format == "text":
        print("no event is like that", file=sys.stderr)  # noqa: T201
    return FOUND_NOTHING


def show(events: Iterable[Event], form: str) -> None:
    """Print events as text or as one JSON document."""
    if form == "json":
        from whetstone_server.events.transfer import as_json  # noqa: PLC0415 -- text does without

        rows = [as_json(event) for event in events]
        print(json.dumps({"version": 1, "events": rows}, indent=2))  # noqa: T201
        return
    for event in events:
        show_one(event)


def show_one(event: Event) -> None:
    """Print one event on one line."""
    when = local(event.time)
    times = f" ×{event.count}" if event.count > 1 else ""
    console().print(
        styled(
            (f"{when:%Y-%m-%d %H:%M:%S}.{event.time // 1_000 % 1_000:03}", "dim"),
            "  ",
            (f"{event.kind + times:<22}", _STYLES.get(event.kind.partition(".")[0], "yellow")),
            f"  {event.path or event.source}  ",
            (_said(event.data), "dim"),
        )
    )


def local(time: int) -> datetime:
    """Return microseconds since 1970 as a time of where this runs."""
    return datetime.fromtimestamp(time / 1_000_000, UTC).astimezone()


def _said(data: dict[str, Any]) -> str:
    """Return a payload on one line, without what is not set."""
    said = "  ".join(f"{name}={_short(value)}" for name, value in data.items() if value not in (None, {}, []))
    return said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else json.dumps(value, ensure_ascii=False)
