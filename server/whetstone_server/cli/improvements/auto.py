"""`whetstone improvements auto`: what the policy allows goes into its files, and why the rest does not is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whetstone_server.cli import FAILED, FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace

    from whetstone_server.cli.parser import Parser
    from whetstone_server.improvements.history import History
    from whetstone_server.improvements.policy import Policy, Selection

EXAMPLE = """  whetstone improvements auto --dry-run
  whetstone improvements auto --confidence 0.9 --gain 0.5 --commit"""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    options.add_argument("--dry-run", action="store_true", help="only say what would be applied, and why the rest not")
    options.add_policy()
    options.add_commit()
    options.add_format("text", "json")


def run(arguments: Namespace) -> int:
    """Apply what the policy allows; exit status 2 when some of that could not be written."""
    from whetstone_server.cli.improvements.place import history  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_server.cli.parser import with_options  # noqa: PLC0415
    from whetstone_server.improvements.commits import Commits, applied_message  # noqa: PLC0415
    from whetstone_server.improvements.policy import apply_selected, policy_of, select  # noqa: PLC0415
    from whetstone_server.settings import Settings  # noqa: PLC0415

    known = history(arguments)
    policy = policy_of(with_options(Settings(), arguments), trusted=True)  # by whoever types the command
    selection = select(policy, known, check=Commits.check if arguments.commit else None)
    if arguments.dry_run:
        _report(arguments, known, policy, selection, [])
        return FOUND_NOTHING
    ready = Commits(each.path for each in selection.plans) if arguments.commit else None
    done = apply_selected(policy, known, selection)
    applied = [each.improvement for each in done.decisions if each.allowed]
    commits: list[str] = []
    try:
        if ready and applied:
            commits = ready.make(applied_message(applied))
    finally:  # where a hook refuses, what was applied is told all the same
        _report(arguments, known, policy, done, commits)
    return FOUND_NOTHING if len(done.plans) == len(selection.plans) else FAILED


def _report(arguments: Namespace, known: History, policy: Policy, done: Selection, commits: list[str]) -> None:
    if arguments.format == "json":
        import json  # noqa: PLC0415 -- only this format needs it

        print(json.dumps(_document(arguments, known, policy, done, commits), indent=2))  # noqa: T201
    else:
        _show(arguments, known, policy, done, commits)


def _document(
    arguments: Namespace, known: History, policy: Policy, done: Selection, commits: list[str]
) -> dict[str, Any]:
    from whetstone_server.cli.improvements.shown import as_json  # noqa: PLC0415 -- so that --help stays quick

    return {
        "version": 1,
        "dry_run": arguments.dry_run,
        "policy": {"confidence": policy.confidence, "gain": policy.gain},
        "commits": commits,
        "improvements": [
            {
                **as_json(known, known.improvement(each.improvement.id)),
                "confidence": round(each.confidence.value, 3),
                "gain": round(each.gain, 4),
                "allowed": each.allowed,
                "reason": each.against or each.reason,
            }
            for each in done.decisions
        ],
    }


def _show(arguments: Namespace, known: History, policy: Policy, done: Selection, commits: list[str]) -> None:
    from whetstone_server.cli.improvements.shown import where  # noqa: PLC0415 -- the other format does without
    from whetstone_server.cli.terminal import console, styled  # noqa: PLC0415

    out = console()
    if not done.decisions:
        out.print("Nothing waits to be applied: `whetstone prove` makes proposals.")
        return
    allowed, other = ("would be applied", "would be left alone") if arguments.dry_run else ("applied", "left alone")
    for each in sorted(done.decisions, key=lambda decision: not decision.allowed):
        state = (allowed, "bold green") if each.allowed else (other, "yellow")
        out.print(styled((each.improvement.id, "bold"), "  ", state, f"  {where(known, each.improvement)}"))
        out.print(styled(f"  {each.against or each.reason}"))
    if commits:
        out.print(f"Committed as {', '.join(commits)}.")
    count = sum(each.allowed for each in done.decisions)
    out.print(f"{count} of {len(done.decisions)} {allowed}, by {policy.actor}.")
