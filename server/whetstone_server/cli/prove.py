"""`whetstone prove`: findings become rewrites, rewrites get verdicts, and what was proven faster can be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FAILED, FOUND, FOUND_NOTHING
from whetstone_server.cli.parser import Parser

if TYPE_CHECKING:
    from argparse import Namespace


def parser() -> Parser:
    """Return the options of the command."""
    options = Parser(
        "prove",
        "Rewrite what was found, and prove in a sandbox which rewrites are equal and faster.\n"
        "Exit status 0: nothing found, or all proven faster, 1: a proof said no, 2: it could not be carried out.",
        "  whetstone prove src/orders.py:12 --workload 'pytest -q tests' --diff\n  whetstone prove src --apply",
    )
    options.add_argument("paths", nargs="+", metavar="PATH[:LINE]", help="a file, a folder, or a line of a file")
    options.add_rule_choice()
    options.add_proving()
    options.add_argument("--jobs", type=int, metavar="N", help="proofs side by side (default: 1, the most exact)")
    options.add_argument("--apply", action="store_true", help="write what was proven faster and assumes nothing")
    options.add_argument(
        "--assume", action="store_true", help="with --apply: write what rests on named assumptions too"
    )
    options.add_argument(
        "--auto-apply",
        action="store_true",
        default=None,
        help="write what was proven faster, is sure enough and gains enough",
    )
    options.add_policy()
    options.add_argument(
        "--commit", action="store_true", help="with either: commit what is written, with the evidence as trailers"
    )
    options.add_argument("--diff", action="store_true", help="show the rewrites")
    options.add_format("text", "json")
    return options


def run(arguments: Namespace) -> int:
    """Print a verdict on the rewrite of each finding, and write the proven ones when that was asked for."""
    from whetstone_server.cli.interruption import tidy_stop  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_server.cli.parser import with_options  # noqa: PLC0415
    from whetstone_server.cli.proving import Proving, Wanted  # noqa: PLC0415
    from whetstone_server.cli.search import search  # noqa: PLC0415
    from whetstone_server.cli.selection import selected  # noqa: PLC0415
    from whetstone_server.cli.target import findings_at, settings_for, targets_in  # noqa: PLC0415
    from whetstone_server.cli.verdicts.report import report_in  # noqa: PLC0415
    from whetstone_server.errors import InputError  # noqa: PLC0415
    from whetstone_server.improvements.policy import policy_of  # noqa: PLC0415

    if arguments.apply and arguments.auto_apply:
        raise InputError("--apply writes all that was proven and --auto-apply only some of it; give one of them")
    if arguments.commit and not arguments.apply and not arguments.auto_apply:
        raise InputError("--commit only goes with --apply or --auto-apply: nothing else is written")
    targets = targets_in(arguments.paths)
    paths = [target.path for target in targets]
    settings = with_options(settings_for(paths), arguments)
    choice = selected(settings.select, settings.ignore)
    with tidy_stop(), report_in(arguments.format, diff=arguments.diff) as report:
        found = search(paths, choice, settings)
        found.complain()
        policy = policy_of(settings, trusted=True) if settings.auto_apply else None  # by whoever types the command
        writing = Wanted(arguments.apply, assume=arguments.assume, commit=arguments.commit, policy=policy)
        proving = Proving(settings, choice, report, writing)
        proving.prove(findings_at(targets, found.findings))
        report.finish(found.errors)
    if proving.failed:
        return FAILED
    return FOUND_NOTHING if report.agreed else FOUND
