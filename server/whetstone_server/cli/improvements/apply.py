"""`whetstone improvements apply`: approved rewrites go into their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace

    from whetstone_server.cli.parser import Parser

EXAMPLE = """  whetstone improvements apply 5d1ac6f10c54 91ab03c2f7de"""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    options.add_ids()
    options.add_reason()
    options.add_commit()


def run(arguments: Namespace) -> int:
    """Apply all that were named, or none."""
    from whetstone_server.cli.improvements.place import history, wanted  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_server.cli.terminal import plain  # noqa: PLC0415
    from whetstone_server.improvements.actors import person  # noqa: PLC0415
    from whetstone_server.improvements.apply import apply  # noqa: PLC0415
    from whetstone_server.improvements.commits import Commits, applied_message  # noqa: PLC0415

    known = history(arguments)
    improvements = wanted(arguments, known)
    commits = Commits(known.file_of(each.path) for each in improvements) if arguments.commit else None
    apply(known, improvements, person(known.root), arguments.reason)
    for each in improvements:
        print(plain(f"Applied {each.id}: {each.code or 'a rewrite'} to {each.function} in {each.path}."))  # noqa: T201
    if commits:
        print(f"Committed as {', '.join(commits.make(applied_message(improvements)))}.")  # noqa: T201
    return FOUND_NOTHING
