"""`whetstone improvements verify`: whether somebody altered the history, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND, FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace

    from whetstone_server.cli.parser import Parser

EXAMPLE = """  whetstone improvements verify"""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    options.add_format("text", "json")


def run(arguments: Namespace) -> int:
    """Print what was altered; exit status 1 when something was."""
    import json  # noqa: PLC0415 -- so that --help stays quick

    from whetstone_server.cli.improvements.place import history_as_it_is  # noqa: PLC0415

    known = history_as_it_is(arguments)
    problems = known.verify()
    records = 0 if problems else len(known.records())
    if arguments.format == "json":
        rows = [problem._asdict() for problem in problems]
        print(json.dumps({"version": 1, "records": records, "problems": rows}))  # noqa: T201
        return FOUND if problems else FOUND_NOTHING
    for problem in problems:
        print(problem.message)  # noqa: T201
    if problems:
        number = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
        print(f"{number}. Nothing is added to this history until it is whole: put {known.file}")  # noqa: T201
        print(f"and {known.head_file} back from a backup, or begin anew by moving both away.")  # noqa: T201
        return FOUND
    print(f"{records:,} records, each as it was written and signed, none missing.")  # noqa: T201
    return FOUND_NOTHING
