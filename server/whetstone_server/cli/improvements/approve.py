"""`whetstone improvements approve`: somebody takes on what a proof had to assume."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace

    from whetstone_server.cli.parser import Parser

EXAMPLE = """  whetstone improvements approve 5d1ac6f10c54 --reason 'never called with a generator here'"""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    options.add_ids()
    options.add_reason()


def run(arguments: Namespace) -> int:
    """Approve, and say what was assumed."""
    from whetstone_server.cli.improvements.place import history, wanted  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_server.cli.terminal import plain  # noqa: PLC0415
    from whetstone_server.improvements.actors import person  # noqa: PLC0415
    from whetstone_server.improvements.decisions import approve  # noqa: PLC0415

    known = history(arguments)
    improvements = wanted(arguments, known)
    approve(known, [each.id for each in improvements], person(known.root), arguments.reason)
    for each in improvements:
        print(plain(f"Approved {each.id}: {each.code or 'a rewrite'} in {each.function} of {each.path}."))  # noqa: T201
        for assumed in each.assumptions:
            print(plain(f"  assumes no call like {assumed}"))  # noqa: T201
    return FOUND_NOTHING
