"""`whetstone doctor`: what this machine offers, and what to install."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND_NOTHING
from whetstone_server.cli.parser import Parser

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from whetstone_server.sandbox.doctor import Check

_ENGINES = ("docker", "bubblewrap", "namespaces")


def parser() -> Parser:
    """Return the options of the command."""
    options = Parser(
        "doctor",
        "Say what this machine offers for proving, and what would have to be installed.",
        "  whetstone doctor --format json",
    )
    options.add_format("text", "json")
    return options


def run(arguments: Namespace) -> int:
    """Print every check; a check that failed names its remedy."""
    from whetstone_server.sandbox.doctor import checks  # noqa: PLC0415 -- so that --help stays quick

    results = [*checks(), _store()]
    if arguments.format == "json":
        import json  # noqa: PLC0415 -- only this format needs it

        rows = [
            {"name": check.name, "ok": check.ok, "detail": check.detail, "remedy": check.remedy} for check in results
        ]
        print(json.dumps({"version": 1, "checks": rows}, indent=2))  # noqa: T201
    else:
        _show(results)
    return FOUND_NOTHING


def _store() -> Check:
    """Return whether proofs, and the way back from what they changed, can be kept."""
    from pathlib import Path  # noqa: PLC0415 -- so that --help stays quick

    from whetstone_server import state  # noqa: PLC0415
    from whetstone_server.errors import InputError  # noqa: PLC0415
    from whetstone_server.project import project_root  # noqa: PLC0415
    from whetstone_server.sandbox.doctor import Check  # noqa: PLC0415

    try:
        folder = state.opened_workspace(project_root(Path.cwd()))
    except InputError as error:
        detail, _, remedy = str(error).partition("; ")
        return Check("store", False, detail, remedy)
    return Check("store", True, f"proofs of this project are kept in {folder}", None)


def _show(checks: Sequence[Check]) -> None:
    from whetstone_server.cli.terminal import console, styled  # noqa: PLC0415 -- the other format does without

    out = console()
    widest = max((len(check.name) for check in checks), default=0)
    for check in checks:
        mark = ("✓", "green") if check.ok else ("✗", "red")
        out.print(styled(mark, " ", (check.name.ljust(widest), "bold"), "  ", check.detail))
        if check.remedy:
            out.print(styled(" " * (widest + 4), ("to do: ", "dim"), check.remedy))
    out.print(styled(_summary(checks)))


def _summary(checks: Sequence[Check]) -> str:
    """Say what the marks come to: one engine is enough."""
    engine = next((check.name for check in checks if check.name in _ENGINES and check.ok), None)
    if engine is None:
        return f"Nothing can be proven here before one of {', '.join(_ENGINES)} works."
    return f"Proofs run in {engine}, the first of the three engines that can hold code here."
