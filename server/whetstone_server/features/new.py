"""`whetstone.new`: a template, its test and its place in the tree, as one edit of the editor's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whetstone_server.features import scaffold_wanted, scaffolded
from whetstone_server.features.apply_edit import make
from whetstone_server.features.loading import TEMPLATES, loaded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lsprotocol import types

    from whetstone_server.session import Session

COMMAND = "whetstone.new"


async def new(session: Session, wanted: Mapping[str, Any], _: types.ProgressToken | None) -> dict[str, Any]:
    """Write `{template, name, language?, answers?, supervisor?, supervised?, uri?}`, and return each file's fate.

    With `{add, module, uri}` it adds `callbacks`, a `test` or its place as a `child` to a module that is there, and
    without either it returns all templates, with what they ask. Raises `InputError`, shown to the person too, when it
    cannot be written as wanted.
    """
    if wanted.get("template") is None and wanted.get("add") is None:
        return _templates()
    await loaded(TEMPLATES)
    with session.saying_why():
        changes = scaffold_wanted.changes(session, wanted)
        if any(change.edits for change in changes):
            await make(session, _label(wanted), scaffolded.workspace_edit(session, changes))
    return {
        "version": 1,
        "uri": scaffolded.uri(session, changes[0].path),
        "files": [{"path": str(each.path), "what": each.what, "status": each.status} for each in changes],
    }


def _label(wanted: Mapping[str, Any]) -> str:
    """Return what the editor's list of steps to take back calls it."""
    if wanted.get("add"):
        return f"Add {wanted['add']} to {wanted.get('module')}"
    return f"New {wanted.get('template')} {wanted.get('name')}"


def _templates() -> dict[str, Any]:
    from whetstone_codegen import templates  # noqa: PLC0415 -- an editor's start does not wait for it
    from whetstone_server.scaffolding.described import described  # noqa: PLC0415

    return {"version": 1, "templates": [described(template) for template in templates.TEMPLATES]}
