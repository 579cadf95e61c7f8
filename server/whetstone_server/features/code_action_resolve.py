"""`codeAction/resolve`: the edit itself, once an action is picked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from whetstone_knowledge.rule import Refused
from whetstone_server.features.feature import Feature
from whetstone_server.features.proven import proven

if TYPE_CHECKING:
    from whetstone_server.session import OpenFile, Session

CHANGED = "The text has changed since this fix was offered; ask for the fixes again."


def resolve(session: Session, action: types.CodeAction) -> types.CodeAction:
    """Return the action with its edit; without one, and with a message, when the text is no longer what it was for."""
    data = action.data if isinstance(action.data, dict) else {}
    file = session.file(str(data.get("uri")))
    if file is None or data.get("version") != file.version:
        session.say(f"Whetstone made no change. {CHANGED}", types.MessageType.Warning)
        return action
    try:
        action.edit = _edit(session, file, data)
    except Refused as refusal:
        session.say(f"Whetstone made no change: {refusal}.", types.MessageType.Warning)
    return action


def completed(session: Session, file: OpenFile, action: types.CodeAction) -> types.CodeAction:
    """Return the action with its edit for a client that never asks for it; disabled with the reason when refused."""
    if isinstance(action.data, dict):
        try:
            action.edit = _edit(session, file, action.data)
        except Refused as refusal:
            action.disabled = types.CodeActionDisabled(reason=str(refusal))
    action.data = None
    return action


def _edit(session: Session, file: OpenFile, data: dict[str, Any]) -> types.WorkspaceEdit:
    """Return the edit for what an action's `data` names."""
    from whetstone_server.features import fixes  # noqa: PLC0415 -- an editor's start does not wait for it

    if "suppression" in data:
        edits = fixes.unsilence(file, data["suppression"])
    elif "finding" not in data:
        edits = fixes.fix_all(file.source, proven(session, file))
    elif (finding := session.finding(file, str(data["finding"]))) is None:
        raise Refused(fixes.GONE)
    elif data.get("silence"):
        edits = fixes.silence(file, finding)
    else:
        edits = fixes.fix(file.source, finding)
    return fixes.workspace_edit(session, file, edits)


FEATURE = Feature(types.CODE_ACTION_RESOLVE, resolve)
