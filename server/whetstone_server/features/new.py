"""`whetstone.new`: a template, its test and its place in the tree, as one edit of the editor's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from whetstone_server.errors import InputError
from whetstone_server.features import scaffold_here, scaffolded
from whetstone_server.features.apply_edit import make
from whetstone_server.features.loading import TEMPLATES, loaded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from whetstone_server.session import Session

COMMAND = "whetstone.new"


async def new(session: Session, wanted: Mapping[str, Any], _: types.ProgressToken | None) -> dict[str, Any]:
    """Write `{template, name, language?, answers?, supervisor?, supervised?, uri?}`, and return each file's fate.

    Without a template it returns all that there are, with what they ask. Raises `InputError`, shown to the person too,
    when it cannot be written as wanted.
    """
    if wanted.get("template") is None:
        return _templates()
    await loaded(TEMPLATES)
    try:
        planned = scaffold_here.planned(session, wanted)
        edit = scaffolded.workspace_edit(session, planned.changes)
        if any(change.edits for change in planned.changes):
            await make(session, f"New {planned.order.template.name} {planned.order.name}", edit)
    except InputError as error:
        session.say(str(error), types.MessageType.Error)
        raise
    module = planned.changes[0]
    return {
        "version": 1,
        "uri": scaffolded.uri(session, module.path),
        "children": list(planned.children),
        "files": [{"path": str(each.path), "what": each.what, "status": each.status} for each in planned.changes],
    }


def _templates() -> dict[str, Any]:
    from whetstone_codegen import templates  # noqa: PLC0415 -- an editor's start does not wait for it
    from whetstone_server.scaffolding.described import described  # noqa: PLC0415

    return {"version": 1, "templates": [described(template) for template in templates.TEMPLATES]}
