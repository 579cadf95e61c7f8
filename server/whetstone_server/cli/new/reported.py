"""What became of an order, or would: a line for each file, and what to do next."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from whetstone_codegen.answers import typed
from whetstone_server.cli.findings.located import shown
from whetstone_server.cli.terminal import console, plain, styled
from whetstone_server.improvements.changes import unified

if TYPE_CHECKING:
    from whetstone_server.scaffolding.change import Change
    from whetstone_server.scaffolding.plan import Plan

_STYLES = {"created": "green", "changed": "yellow", "unchanged": "dim"}


def report(planned: Plan, shape: str, *, is_dry: bool) -> None:
    """Print what was done, or with `is_dry` what would be."""
    if shape == "json":
        import json  # noqa: PLC0415 -- only this format needs it

        print(json.dumps(_document(planned, is_dry=is_dry), indent=2, ensure_ascii=False))  # noqa: T201
    else:
        _show(planned, is_dry=is_dry)


def _document(planned: Plan, *, is_dry: bool) -> dict[str, Any]:
    order = planned.order
    return {
        "version": 1,
        "template": order.template.name,
        "language": order.template.language,
        "name": order.name,
        "answers": {name: typed(value) for name, value in order.answers.items()},
        "children": list(planned.children),
        "dry_run": is_dry,
        "files": [
            {"path": shown(each.path), "what": each.what, "status": each.status, "diff": _diff(each)}
            for each in planned.changes
        ],
    }


def _diff(change: Change) -> str:
    return unified(shown(change.path), change.before or b"", change.after) if change.edits else ""


def _show(planned: Plan, *, is_dry: bool) -> None:
    out = console()
    for change in planned.changes:
        style = _STYLES[change.status]
        what = f"  starts {_started(planned, change)}" if change.what in {"supervisor", "project"} else ""
        out.print(styled((f"{change.status:<9}", style), f"  {shown(change.path)}", (what, "dim")))
    if is_dry:
        for change in planned.changes:
            if change.edits:
                out.print(plain(_diff(change)), end="")
        out.print(styled(("Nothing was written, because of --dry-run.", "dim")))
    elif not any(change.edits for change in planned.changes):
        out.print(styled("It was all there already; nothing was changed."))
    else:
        order = planned.order
        if order.is_supervised and order.template.child and not planned.children:
            out.print(
                styled(
                    "With these answers it wants options at its start, so nothing starts it yet; its text lists them."
                )
            )
        out.print(styled(("try it", "dim"), f"     {_command(planned)}"))


def _started(planned: Plan, change: Change) -> str:
    return planned.order.name if change.what == "project" else ", ".join(planned.children)


def _command(planned: Plan) -> str:
    """Return what one types to run the new test."""
    root = planned.project.root
    test = next(change.path for change in planned.changes if change.what == "test").relative_to(root)
    command = "mix test" if planned.order.template.language == "elixir" else "python -m pytest"
    there = f"cd {quote(str(root))} && " if root.absolute() != Path.cwd() else ""
    return f"{there}{command} {test.as_posix()}"
