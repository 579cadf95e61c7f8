"""`whetstone bottlenecks`: what costs too much here, how much it matters, and what would resolve it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whetstone_server.cli import FOUND, FOUND_NOTHING
from whetstone_server.cli.parser import Parser

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from whetstone_server.bottlenecks import Bottleneck, Look
    from whetstone_server.events import EventStore


def parser() -> Parser:
    """Return the options of the command."""
    from whetstone_server.cli.metrics.narrowed import add_window  # noqa: PLC0415 -- asked for once

    options = Parser(
        "bottlenecks",
        "Say what costs too much: metrics that miss their target or became worse, tests that take most of the time, "
        "and, with a profile, what is found in hot functions. Each is noted, and marked as resolved when a later "
        "measurement shows that it is gone. Exit status 1 when there are any.",
        "  whetstone bottlenecks --since 30d\n"
        "  python -m cProfile -o run.prof app.py && whetstone bottlenecks src --profile run.prof\n\n"
        '--format json prints {"version": 1, "bottlenecks": [{"subject", "metric", "severity":\n'
        '"low|medium|high|critical", "impact": 0-100, "sentence", "remedy", "found_at", "resolved_at"}]}.',
    )
    options.add_argument("paths", nargs="*", metavar="PATH", help="files and folders to look through, with --profile")
    options.add_argument(
        "--profile", metavar="FILE", help="where the time goes, as `whetstone check --profile` reads it"
    )
    options.add_argument("--workspace", metavar="DIR", help="the project that is meant (default: this one)")
    options.add_argument("--all", action="store_true", help="list those that are resolved as well")
    add_window(options)
    options.add_format("text", "json")
    return options


def run(arguments: Namespace) -> int:
    """Look at what was measured, note what changed, and print what stands."""
    import json  # noqa: PLC0415 -- so that --help stays quick

    known = _noted(arguments)
    standing = [each for each in known if each.resolved_at is None]
    if arguments.format == "json":
        rows = [_as_json(each) for each in (known if arguments.all else standing)]
        print(json.dumps({"version": 1, "bottlenecks": rows}, indent=2))  # noqa: T201
    else:
        _show(standing, [each for each in known if each.resolved_at is not None], arguments.all)
    return FOUND if standing else FOUND_NOTHING


def _noted(arguments: Namespace) -> Sequence[Bottleneck]:
    from whetstone_server.bottlenecks import note  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_server.cli.workspace import root  # noqa: PLC0415
    from whetstone_server.errors import InputError  # noqa: PLC0415
    from whetstone_server.metrics.recording import opened  # noqa: PLC0415

    if bool(arguments.paths) != bool(arguments.profile):
        raise InputError("a path and --profile belong together: findings are bottlenecks where a profile says so")
    with opened(root(arguments)) as store:
        return note(store, _look(store, arguments))


def _look(store: EventStore, arguments: Namespace) -> Look:
    from whetstone_server.bottlenecks import HotFinding, find  # noqa: PLC0415
    from whetstone_server.cli.metrics.narrowed import window  # noqa: PLC0415
    from whetstone_server.metrics import series  # noqa: PLC0415

    measured = series(store, None, *window(arguments))
    if not arguments.paths:
        return find(measured)
    from whetstone_server.cli.findings.located import shown  # noqa: PLC0415 -- only with a profile
    from whetstone_server.cli.findings.warmth import warmed  # noqa: PLC0415
    from whetstone_server.cli.search import search  # noqa: PLC0415
    from whetstone_server.cli.selection import selected  # noqa: PLC0415
    from whetstone_server.cli.target import paths_in, settings_for  # noqa: PLC0415

    paths = paths_in(arguments.paths)
    settings = settings_for(paths)
    found = search(paths, selected(settings.select, settings.ignore), settings)
    found.complain()
    hot = [
        HotFinding(
            each.shown_path,
            each.line,
            each.finding.function,
            each.rule.code,
            each.finding.message,
            each.impact,
            each.heat,
            each.finding.fix == "proof-needed",
        )
        for each in warmed(found, arguments.profile)
        if each.heat is not None
    ]
    return find(measured, hot, map(shown, found.paths))


def _as_json(each: Bottleneck) -> dict[str, Any]:
    from whetstone_server.events.transfer import moment  # noqa: PLC0415

    return {
        "subject": each.subject,
        "metric": each.metric,
        "severity": each.severity,
        "impact": each.impact,
        "sentence": each.sentence,
        "remedy": each.remedy,
        "found_at": moment(each.found_at),
        "resolved_at": moment(each.resolved_at) if each.resolved_at is not None else None,
    }


def _show(standing: Sequence[Bottleneck], resolved: Sequence[Bottleneck], everything: bool) -> None:
    from whetstone_server.cli.terminal import SEVERITY_STYLES, console, styled  # noqa: PLC0415
    from whetstone_server.metrics.insights import moment  # noqa: PLC0415

    out = console()
    for each in standing:
        out.print(styled((f"{each.severity:<9}", SEVERITY_STYLES[each.severity]), f"{each.impact:>3}  {each.sentence}"))
        out.print(styled((f"{'':14}{each.remedy}", "dim")))
        out.print(styled((f"{'':14}since {moment(each.found_at)}", "dim")))
    if everything:
        for each in resolved:
            gone = moment(each.resolved_at or 0)
            out.print(styled((f"{'resolved':<9}{each.impact:>3}  {each.sentence} Gone since {gone}.", "dim")))
    elif resolved:
        out.print(styled((f"{len(resolved):,} resolved; --all lists them too", "dim")))
    if not standing:
        out.print("No bottlenecks.")
