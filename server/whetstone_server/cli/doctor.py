"""`whetstone doctor`: what this machine offers, and how the server itself fares."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from whetstone_server.cli import FOUND_NOTHING
from whetstone_server.cli.parser import Parser

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from pathlib import Path

    from whetstone_server.diagnosis import Check
    from whetstone_server.events import Event
    from whetstone_server.vitals.report import Report

_ENGINES = ("docker", "bubblewrap", "namespaces")


def parser() -> Parser:
    """Return the options of the command."""
    options = Parser(
        "doctor",
        "Say what this machine offers for proving, and what would have to be installed.",
        "  whetstone doctor --format json\n  whetstone doctor --self",
    )
    options.add_argument(
        "--self", action="store_true", help="say instead how the language server of this project fares, and at what"
    )
    options.add_format("text", "json")
    return options


def run(arguments: Namespace) -> int:
    """Print every check; a check that failed names its remedy."""
    from whetstone_server.project import project_here  # noqa: PLC0415 -- so that --help stays quick

    root = project_here()
    if arguments.self:
        _run_self(root, arguments.format)
    else:
        _run(root, arguments.format)
    return FOUND_NOTHING


def _run(root: Path, form: str) -> None:
    from whetstone_server.sandbox.doctor import checks, store  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_server.scaffolding.doctor import checks as of_elixir  # noqa: PLC0415

    results = [*checks(), store(root), *of_elixir(root)]
    if form == "json":
        _print_json({"version": 1, "checks": _rows(results)})
        return
    _show(results)
    _say(_summary(results))


def _run_self(root: Path, form: str) -> None:
    from whetstone_server.events.transfer import as_json, moment  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_server.vitals.report import checks, report_of, summary  # noqa: PLC0415

    report = report_of(root)
    results = checks(report)
    if form == "json":
        samples = [sample._asdict() for sample in report.samples] if report else []
        changes = [as_json(event) for event in report.changes] if report else []
        measured_at = moment(report.time) if report else None
        rows = {"checks": _rows(results), "measured_at": measured_at, "samples": samples, "tuning": changes}
        _print_json({"version": 1, **rows})
        return
    _show(results)
    if report:
        _show_changes(report.changes)
        _say(f"{summary(report)} {_when(report)}")


def _rows(checks: Sequence[Check]) -> list[dict[str, Any]]:
    return [check._asdict() for check in checks]


def _print_json(document: dict[str, Any]) -> None:
    import json  # noqa: PLC0415 -- only this format needs it

    print(json.dumps(document, indent=2))  # noqa: T201


def _show(checks: Sequence[Check]) -> None:
    from whetstone_server.cli.terminal import console, styled  # noqa: PLC0415 -- the other format does without

    out = console()
    widest = max((len(check.name) for check in checks), default=0)
    for check in checks:
        mark = ("✓", "green") if check.ok else ("✗", "red")
        out.print(styled(mark, " ", (check.name.ljust(widest), "bold"), "  ", check.detail))
        if check.remedy:
            out.print(styled(" " * (widest + 4), ("to do: ", "dim"), check.remedy))


def _show_changes(changes: Sequence[Event]) -> None:
    """Print what the server changed about itself, a line each."""
    from datetime import UTC, datetime  # noqa: PLC0415 -- the other format does without

    from whetstone_server.cli.terminal import console, styled  # noqa: PLC0415

    for event in changes:
        when = datetime.fromtimestamp(event.time / 1_000_000, UTC).astimezone()
        data = event.data
        change = f"{data['setting']} {event.action}, {data['before']:g} → {data['after']:g}"
        console().print(styled((f"{when:%Y-%m-%d %H:%M}  ", "dim"), change, (f"  {data['reason']}", "dim")))


def _say(sentence: str) -> None:
    from whetstone_server.cli.terminal import console, styled  # noqa: PLC0415 -- the other format does without

    console().print(styled(sentence))


def _summary(checks: Sequence[Check]) -> str:
    """Say what the marks come to: one engine is enough."""
    engine = next((check.name for check in checks if check.name in _ENGINES and check.ok), None)
    if engine is None:
        return f"Nothing can be proven here before one of {', '.join(_ENGINES)} works."
    return f"Proofs run in {engine}, the first of the three engines that can hold code here."


def _when(report: Report) -> str:
    """Say how old the figures are, as “Measured until 12 s ago”."""
    seconds = max(0, int(time.time() - report.time / 1e6))
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"Measured until {seconds // length} {unit} ago."
    return f"Measured until {seconds} s ago."
