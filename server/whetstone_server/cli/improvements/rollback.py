"""`whetstone improvements rollback`: applied rewrites come out of their files again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from whetstone_server.cli.parser import Parser
    from whetstone_server.improvements.rollback import ConflictError, RolledBack

EXAMPLE = """  whetstone improvements rollback 5d1ac6f10c54 --reason 'slower in production'"""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    options.add_ids()
    options.add_reason()
    options.add_commit()


def run(arguments: Namespace) -> int:
    """Roll back all that were named, or none; where that cannot be, show the lines that stand against it."""
    from whetstone_server.cli.improvements.place import history, wanted  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_server.cli.terminal import console, plain  # noqa: PLC0415
    from whetstone_server.cli.verdicts.text import diff_line  # noqa: PLC0415
    from whetstone_server.improvements.actors import person  # noqa: PLC0415
    from whetstone_server.improvements.commits import Commits, rolled_back_message  # noqa: PLC0415
    from whetstone_server.improvements.rollback import ConflictError, files, roll_back  # noqa: PLC0415

    known = history(arguments)
    improvements = wanted(arguments, known)
    commits = Commits(file for each in improvements for file in files(known, each)) if arguments.commit else None
    try:
        done = roll_back(known, improvements, person(known.root), arguments.reason)
    except ConflictError as conflict:
        for line in _lines(conflict):
            console().print(diff_line(line))
        raise
    for each in improvements:
        print(plain(f"Rolled back {each.id}: {each.code or 'a rewrite'} in {each.function} of {each.path}."))  # noqa: T201
    for file in done:
        if said := _said(file):
            print(plain(f"  {file.path} {said}"))  # noqa: T201
    if commits and any(file.before != file.after for file in done):
        message = rolled_back_message(improvements, arguments.reason)
        print(f"Committed as {', '.join(commits.make(message))}.")  # noqa: T201
    return FOUND_NOTHING


def _said(file: RolledBack) -> str:
    """Return what somebody might not expect of a file."""
    moved = f"was {file.moved_from} then" if file.moved_from else ""
    if file.before == file.after:
        state = "had been put back already, so it was left as it is"
    else:
        state = "had been changed since; those changes are still there" if file.merged else ""
    return f"{'; it '.join(filter(None, (moved, state)))}." if moved or state else ""


def _lines(conflict: ConflictError) -> Iterator[str]:
    """Yield the conflicts as a diff from what the improvement left to what is there now."""
    for each in conflict.conflicts:
        yield f"@@ {conflict.path}:{each.line} @@ what the improvement wrote (-), and what is there now (+)"
        for sign, lines in (("-", each.base), ("+", each.ours)):
            for line in lines:
                yield sign + line.decode("utf-8", "replace").rstrip("\r\n")
