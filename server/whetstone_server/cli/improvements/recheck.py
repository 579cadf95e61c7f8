"""`whetstone improvements recheck`: whether what was applied still holds; what has regressed can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whetstone_server.cli import FAILED, FOUND, FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from whetstone_server.cli.parser import Parser
    from whetstone_server.cli.progress import Steps
    from whetstone_server.improvements.history import History
    from whetstone_server.improvements.improvement import Improvement
    from whetstone_server.improvements.recheck import Recheck

EXAMPLE = """  whetstone improvements recheck --all
  whetstone improvements recheck --all --rollback --python .venv-3.14/bin/python"""
OUTCOME_STYLES = {
    "holds": "bold green",
    "faded": "yellow",
    "regressed": "bold red",
    "elsewhere": "magenta",
    "unknown": "dim",
}


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    options.add_ids(least="*")
    options.add_argument("--all", action="store_true", help="everything that is applied")
    options.add_argument("--rollback", action="store_true", help="roll back what has regressed")
    options.add_proving()
    options.add_format("text", "json")


def run(arguments: Namespace) -> int:
    """Look again; exit status 1 unless everything holds, 2 when something could not be rolled back."""
    from whetstone_server.cli.improvements.place import history  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_server.cli.interruption import tidy_stop  # noqa: PLC0415
    from whetstone_server.cli.progress import Steps  # noqa: PLC0415

    known = history(arguments)
    improvements = _chosen(arguments, known)
    found: list[Recheck] = []
    with tidy_stop(), Steps() as steps:
        for each in _rechecked(arguments, known, improvements, steps):
            found.append(each)
            if arguments.format == "text":
                with steps.paused():
                    _show(known, each, rollback=arguments.rollback)
    _finish(arguments, known, found)
    if any(each.in_the_way for each in found):
        return FAILED
    return FOUND_NOTHING if all(each.outcome == "holds" for each in found) else FOUND


def _chosen(arguments: Namespace, known: History) -> list[Improvement]:
    """Return the improvements that are meant; raises `InputError` when none was named or one is not applied."""
    from whetstone_server.cli.improvements.place import wanted  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_server.errors import InputError  # noqa: PLC0415

    if arguments.all == bool(arguments.ids):
        raise InputError("name the improvements to look at again, or say --all")
    if arguments.all:
        return [each for each in known.improvements().values() if each.status == "applied"]
    chosen = wanted(arguments, known)
    for each in chosen:
        if each.status != "applied":
            raise InputError(f"{each.id} is {each.status}; only what is applied can be looked at again")
    return chosen


def _rechecked(
    arguments: Namespace, known: History, improvements: Sequence[Improvement], steps: Steps
) -> Iterator[Recheck]:
    """Yield what became of each, with the test command that it was proven with unless another is given."""
    import shlex  # noqa: PLC0415 -- so that --help stays quick
    from dataclasses import replace  # noqa: PLC0415

    from whetstone_server.cli.parser import with_options  # noqa: PLC0415
    from whetstone_server.cli.proving import prover  # noqa: PLC0415
    from whetstone_server.improvements.recheck import recheck_all  # noqa: PLC0415
    from whetstone_server.improvements.store import ProofStore  # noqa: PLC0415
    from whetstone_server.settings import read_settings  # noqa: PLC0415

    settings = with_options(read_settings(known.root), arguments)
    store = ProofStore(known.folder.parent)
    by_workload: dict[str | None, list[Improvement]] = {}
    for each in improvements:
        command = store.read(each.id).get("workload_command")
        workload = settings.workload or (shlex.join(command) if command else None)
        by_workload.setdefault(workload, []).append(each)
    for workload, together in by_workload.items():
        with prover(known.root, replace(settings, workload=workload)) as judge:
            yield from recheck_all(judge, together, take_back=arguments.rollback, on_step=steps.step)


def _finish(arguments: Namespace, known: History, found: Sequence[Recheck]) -> None:
    if arguments.format == "json":
        import json  # noqa: PLC0415 -- only this format needs it

        document = {"version": 1, "improvements": [_as_json(known, each) for each in found]}
        print(json.dumps(document, indent=2))  # noqa: T201
        return
    counts = [f"{sum(each.outcome == name for each in found)} {name}" for name in OUTCOME_STYLES]
    said = ", ".join(count for count in counts if not count.startswith("0 "))
    print(f"{said}." if said else "Nothing is applied here, so there is nothing to look at again.")  # noqa: T201


def _as_json(known: History, found: Recheck) -> dict[str, Any]:
    from whetstone_server.cli.improvements.shown import as_json  # noqa: PLC0415 -- only this format needs it

    about = as_json(known, known.improvement(found.improvement.id))
    return {**about, **found.as_json(), "rolled_back": found.rolled_back, "in_the_way": found.in_the_way}


def _show(known: History, found: Recheck, *, rollback: bool) -> None:
    from whetstone_server.cli.improvements.shown import where  # noqa: PLC0415 -- the other format does without
    from whetstone_server.cli.terminal import console, styled  # noqa: PLC0415

    about = found.improvement
    out: Console = console()
    out.print(
        styled(
            (about.id, "bold"),
            "  ",
            (found.outcome, OUTCOME_STYLES[found.outcome]),
            f"  {where(known, about)}",
        )
    )
    for sentence in _sentences(found, rollback=rollback):
        out.print(styled("  ", sentence))


def _sentences(found: Recheck, *, rollback: bool) -> Iterator[str]:
    from whetstone_server.improvements.told import gain  # noqa: PLC0415 -- the other format does without

    yield found.reason
    if found.verdict and found.verdict.speedup:
        yield f"{gain(found.improvement)} when it was proven, {found.verdict.speedup} now"
    if found.edited:
        yield f"{found.improvement.function} was edited since it was applied"
    if found.tests_gone:
        yield "the tests that passed when it was proven are not found any more; those that reach it now were run"
    if found.other_python:
        yield f"on Python {found.python}; it was proven on {found.python_then}"
    if found.rolled_back:
        yield "rolled back"
    elif found.in_the_way:
        yield found.in_the_way
    elif found.outcome == "regressed" and not rollback:
        yield f"take it back: whetstone improvements rollback {found.improvement.id}"
