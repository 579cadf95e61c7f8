"""`whetstone rules`: every rule with what it makes faster and by how much, as measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whetstone_server.cli import FOUND_NOTHING
from whetstone_server.cli.parser import Parser

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from whetstone_knowledge.rule import Rule


def parser() -> Parser:
    """Return the options of the command."""
    options = Parser("rules", "List the rules.", "  whetstone rules WP1")
    options.add_argument("code", nargs="?", metavar="CODE", help="only this one: a code, its beginning, or a name")
    options.add_format("text", "json")
    return options


def run(arguments: Namespace) -> int:
    """Print the rules in catalogue order."""
    from whetstone_server.cli.selection import meant  # noqa: PLC0415 -- so that --help stays quick

    rules = meant(arguments.code or "all")
    if arguments.format == "json":
        import json  # noqa: PLC0415 -- only this format needs it

        print(json.dumps({"version": 1, "rules": [_as_json(rule) for rule in rules]}, indent=2))  # noqa: T201
    else:
        _show(rules)
    return FOUND_NOTHING


def _as_json(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "rule": rule.name,
        "title": rule.title,
        "language": rule.language,
        "severity": rule.severity,
        "fix": rule.fix,
        "on_request": rule.on_request,
        "evidence": {version: float(ratio) for version, ratio in rule.evidence.items()},
    }


def _show(rules: Sequence[Rule]) -> None:
    from whetstone_server.cli.terminal import SEVERITY_STYLES, console, styled  # noqa: PLC0415 -- text needs it only

    out = console()
    widest = max((len(rule.name) for rule in rules), default=0)
    for rule in rules:
        measured = ", ".join(f"{version}: {ratio:.3g}×" for version, ratio in rule.evidence.items())
        out.print(
            styled(
                (rule.code, "bold"),
                f"  {rule.name:<{widest}}  ",
                (f"{rule.severity:<8}", SEVERITY_STYLES[rule.severity]),
                f"  {rule.fix:<12}  {rule.title}",
                (", on request only" if rule.on_request else "", "dim"),
                (f"  ({measured})" if measured else "", "dim"),
            )
        )
