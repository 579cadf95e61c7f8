"""`codeAction/resolve`: the edit itself, once an action is picked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from whetstone_knowledge.rule import Refused
from whetstone_server.errors import InputError
from whetstone_server.features import scaffold_wanted, scaffolded
from whetstone_server.features.applied import COMMAND
from whetstone_server.features.feature import Feature
from whetstone_server.features.loading import REWRITING, TEMPLATES, loaded
from whetstone_server.features.proven import proven
from whetstone_server.session import picks
from whetstone_server.session.offers import Offer, Rewritten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_knowledge import Finding
    from whetstone_server.session import OpenFile, Session

CHANGED = "The text has changed since this fix was offered; ask for the fixes again."


async def resolve(session: Session, action: types.CodeAction) -> types.CodeAction:
    """Return the action with its edit; without one, and with a message, when the text is no longer what it was for."""
    if not isinstance(action.data, dict):  # one that has no edit; Neovim asks for it all the same
        return action
    data = action.data
    uri = str(data.get("uri"))
    if "new" in data:
        await loaded(TEMPLATES)
    elif file := session.file(uri):
        await loaded(REWRITING[file.language])
    file = session.file(uri)  # which may have been closed or opened anew meanwhile
    if file is None or data.get("version") != file.version:
        session.say(f"Whetstone made no change. {CHANGED}", types.MessageType.Warning)
        return action
    try:
        _complete(session, file, action, data)
    except Refused as refusal:
        session.say(f"Whetstone made no change: {refusal}.", types.MessageType.Warning)
    except InputError as error:
        session.say(f"Whetstone made no change: {error}", types.MessageType.Warning)
    return action


def completed(session: Session, file: OpenFile, action: types.CodeAction) -> types.CodeAction:
    """Return the action with its edit for a client that never asks for it; disabled with the reason when refused."""
    if isinstance(action.data, dict):
        try:
            _complete(session, file, action, action.data)
        except Refused as refusal:
            action.disabled = types.CodeActionDisabled(reason=str(refusal))
    action.data = None
    return action


def _complete(session: Session, file: OpenFile, action: types.CodeAction, data: dict[str, Any]) -> None:
    """Give an action the edit for what its `data` names and, where it was proven, what tells us that it was made."""
    if "new" in data:
        action.edit = scaffolded.workspace_edit(session, scaffold_wanted.changes(session, data["new"]))
        return
    from whetstone_codegen import applied  # noqa: PLC0415 -- an editor's start does not wait for it
    from whetstone_server.features import fixes  # noqa: PLC0415

    texts: Sequence[tuple[Finding, bytes]] = ()
    review = ""
    if "suppression" in data:
        edits = fixes.unsilence(file, data["suppression"])
    elif "finding" not in data:
        edits, texts = fixes.fix_all(file.source, proven(session, file))
    elif (finding := session.finding(file, str(data["finding"]))) is None:
        raise Refused(fixes.GONE)
    elif data.get("silence"):
        edits = fixes.silence(file, finding)
    else:
        edits = fixes.fix(file.source, finding)
        texts = [(finding, applied(file.source, edits))]
        review = action.title if finding.fix == "review" else ""
    action.edit = fixes.workspace_edit(session, file, edits, review)
    if texts:
        _expect(session, file, action, texts)


def _expect(session: Session, file: OpenFile, action: types.CodeAction, texts: Sequence[tuple[Finding, bytes]]) -> None:
    """Watch for an action's edit, which puts findings right one after the other, and have it kept where proven."""
    picked, made, before = [], [], file.source
    for finding, after in texts:
        proof = session.verdicts.proof(file, finding)
        is_proven = proof is not None and proof.verdict.answer == "faster"
        picked.append(picks.Rewritten(finding.code, is_proven, proof.improvement if proof else None))
        if proof and proof.improvement and is_proven:
            made.append(Rewritten(proof.improvement, before, after))
        before = after
    session.picks.watch(file.uri, file.source, before, picked)
    if made:
        name = session.offers.keep(Offer(file.uri, tuple(made)))
        action.command = types.Command(title="Keep it in the history", command=COMMAND, arguments=[{"id": name}])


FEATURE = Feature(types.CODE_ACTION_RESOLVE, resolve)
