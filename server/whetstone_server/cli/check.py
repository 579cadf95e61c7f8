"""`whetstone check`: findings, for people, for code hosts and for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FAILED, FOUND, FOUND_NOTHING
from whetstone_server.cli.parser import Parser, words

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from whetstone_server.choice import Choice
    from whetstone_server.cli.findings.located import Located
    from whetstone_server.cli.search import Search


def parser() -> Parser:
    """Return the options of the command."""
    options = Parser(
        "check",
        "Find code that costs time. Exit status 0: nothing found, 1: findings, 2: nothing could be read.",
        "  whetstone check src --select WP101,WP2 --profile run.prof\n"
        "  whetstone check . --format sarif > whetstone.sarif",
    )
    options.add_argument("paths", nargs="+", metavar="PATH", help="a file, or a folder to look through")
    options.add_rule_choice()
    options.add_argument("--ignore", type=words, metavar="CODES", help="leave these rules out")
    options.add_argument(
        "--profile", metavar="FILE", help="a cProfile dump, speedscope JSON or collapsed stacks; the hottest come first"
    )
    options.add_jobs()
    options.add_format("text", "json", "sarif", "github")
    return options


def run(arguments: Namespace) -> int:
    """Print what was found, and what could not be read on standard error too."""
    from whetstone_server.cli.findings.warmth import warmed  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_server.cli.parser import with_options  # noqa: PLC0415
    from whetstone_server.cli.search import search  # noqa: PLC0415
    from whetstone_server.cli.selection import selected  # noqa: PLC0415
    from whetstone_server.cli.target import paths_in, settings_for  # noqa: PLC0415

    paths = paths_in(arguments.paths)
    settings = with_options(settings_for(paths), arguments)
    choice = selected(settings.select, settings.ignore)
    found = search(paths, choice, settings)
    findings = warmed(found, arguments.profile) if arguments.profile else found.findings
    found.complain()
    _show(findings, found, choice, arguments.format)
    if found.errors and not found.files:
        return FAILED
    return FOUND if findings else FOUND_NOTHING


def _show(findings: Sequence[Located], found: Search, choice: Choice, wanted: str) -> None:
    """Print the findings in the format that was asked for."""
    if wanted == "text":
        from whetstone_server.cli.findings import text  # noqa: PLC0415 -- each format costs its own imports

        text.show(findings, files=found.files, seconds=found.seconds)
    elif wanted == "github":
        from whetstone_server.cli.findings import github  # noqa: PLC0415

        for line in github.lines(findings, found.errors):
            print(line)  # noqa: T201
    else:
        _show_document(findings, found, choice, wanted)


def _show_document(findings: Sequence[Located], found: Search, choice: Choice, wanted: str) -> None:
    import json  # noqa: PLC0415 -- each format costs its own imports

    if wanted == "sarif":
        from whetstone_server.cli.findings import sarif  # noqa: PLC0415

        document = sarif.document(findings, found.errors, choice)
    else:
        document = {
            "version": 1,
            "files": found.files,
            "seconds": round(found.seconds, 3),
            "errors": [{"path": path, "message": message} for path, message in found.errors],
            "findings": [finding.as_json() for finding in findings],
        }
    print(json.dumps(document, indent=2))  # noqa: T201
