"""`whetstone improvements show`: every step of one improvement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whetstone_server.cli import FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace

    from whetstone_server.cli.parser import Parser
    from whetstone_server.improvements.git import Commit
    from whetstone_server.improvements.history import History
    from whetstone_server.improvements.improvement import Improvement

EXAMPLE = """  whetstone improvements show 5d1ac6f10c54"""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    options.add_argument("id", metavar="ID", help="an improvement's id, or enough of its beginning")
    options.add_format("text", "json")


def run(arguments: Namespace) -> int:
    """Print one improvement."""
    from whetstone_server.cli.improvements.place import history  # noqa: PLC0415 -- so that --help stays quick

    known = history(arguments)
    improvement = known.improvement(arguments.id)
    if arguments.format == "json":
        import json  # noqa: PLC0415 -- only this format needs it

        print(json.dumps({"version": 1, "improvement": _as_json(known, improvement)}, indent=2))  # noqa: T201
    else:
        _show(known, improvement)
    return FOUND_NOTHING


def _as_json(known: History, improvement: Improvement) -> dict[str, Any]:
    import msgspec  # noqa: PLC0415 -- only this format needs it

    from whetstone_server.cli.improvements.shown import as_json  # noqa: PLC0415
    from whetstone_server.improvements.told import diff  # noqa: PLC0415

    unsaid = {"improvement", "subject", "evidence", "previous", "key", "writing"}
    steps = [
        {
            name: value
            for name, value in msgspec.to_builtins(record).items()
            if name not in unsaid or (name == "evidence" and record.step == "rolled-back")
        }
        for record in improvement.records
    ]
    return {
        **as_json(known, improvement),
        "evidence": dict(improvement.evidence),
        "steps": steps,
        "commit": commit.as_json() if (commit := _commit(known, improvement)) else None,
        "diff": diff(known, improvement),
    }


def _show(known: History, improvement: Improvement) -> None:
    from whetstone_server.cli.improvements.shown import STATUS_STYLES, local  # noqa: PLC0415 -- the other format does without
    from whetstone_server.cli.terminal import console, styled  # noqa: PLC0415
    from whetstone_server.cli.verdicts.text import diff_line  # noqa: PLC0415
    from whetstone_server.improvements.told import diff, evidence  # noqa: PLC0415

    out = console()
    rule = f"  {improvement.code} {improvement.rule}" if improvement.code else ""
    where = f"{improvement.path}:{improvement.line}"
    out.print(styled((improvement.id, "bold"), "  ", (improvement.status, STATUS_STYLES[improvement.status])))
    out.print(styled(f"{where}{rule}  in {improvement.function}"))
    for sentence in evidence(improvement):
        out.print(styled("  ", sentence))
    if commit := _commit(known, improvement):
        out.print(styled("  ", f"in commit {commit}"))
    out.print()
    for record in improvement.records:
        why = f": {record.reason}" if record.reason else ""
        out.print(
            styled(
                (f"{record.number:>4}  {local(record.time)}  ", "dim"),
                (f"{record.step:<11}", STATUS_STYLES[record.step]),
                f"  by {record.actor}{why}",
            )
        )
    if changed := diff(known, improvement):
        out.print()
        for line in changed.splitlines():
            out.print(diff_line(line))


def _commit(known: History, improvement: Improvement) -> Commit | None:
    """Return the commit that carries it, once it was applied."""
    from whetstone_server.errors import InputError  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_server.improvements.git import repository_of  # noqa: PLC0415

    if improvement.applied_at is None:
        return None
    try:
        repository = repository_of(known.file_of(improvement.path))
        return repository.commit_of(improvement, known.root) if repository else None
    except InputError:  # git takes too long
        return None
