"""What was just proven is applied by itself, where the person set that and the policy allows it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from lsprotocol import types

from whetstone_server.errors import InputError
from whetstone_server.features.apply_edit import send

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from whetstone_codegen import Edit
    from whetstone_server.improvements.policy import Decision, Policy
    from whetstone_server.improvements.proof import Proof
    from whetstone_server.session import OpenFile, Session
    from whetstone_server.settings import Settings


async def auto_apply(
    session: Session, file: OpenFile, root: Path, settings: Settings, proofs: Sequence[Proof]
) -> Sequence[str]:
    """Have the editor make the edits that the policy allows, and return the ids of these improvements.

    Nothing happens unless the setting `autoApply` is on and the workspace trusted. What goes wrong is shown to the
    person, and nothing was changed then.
    """
    if not settings.auto_apply or not session.trusted or file.path is None:
        return ()
    from whetstone_server.improvements.policy import policy_of  # noqa: PLC0415 -- an editor's start does without

    policy = policy_of(settings, trusted=session.trusted)
    try:
        chosen = await asyncio.to_thread(_chosen, policy, root, file.source, proofs)
        if not chosen.made:
            return ()
        await send(session, "Apply what was proven", {file.path: (file.source, chosen.edits)})
        await asyncio.to_thread(_keep, policy, root, file.path, chosen)
    except InputError as error:
        session.say(str(error), types.MessageType.Error)
        return ()
    for decision in chosen.decisions:
        session.say(
            f"Applied {decision.improvement.id} in {decision.improvement.function} by itself: {decision.reason}."
        )
    return [improvement for improvement, _, _ in chosen.made]


class _Chosen(NamedTuple):
    """What the policy allows of some proofs, and what becomes of the text."""

    decisions: Sequence[Decision]
    made: Sequence[tuple[str, bytes, bytes]]
    """Each improvement with the texts before and after it."""
    edits: Sequence[Edit]
    """From the first text to the last."""


def _chosen(policy: Policy, root: Path, source: bytes, proofs: Sequence[Proof]) -> _Chosen:
    """Choose among the proofs that are about `source`."""
    from whetstone_server.improvements.apply import side_by_side  # noqa: PLC0415 -- an editor's start does without
    from whetstone_server.improvements.changes import edits_between  # noqa: PLC0415
    from whetstone_server.improvements.history import History  # noqa: PLC0415
    from whetstone_server.improvements.policy import decisions  # noqa: PLC0415

    about = {proof.improvement: proof for proof in proofs if proof.improvement and proof.candidate.source == source}
    found = decisions(policy, History(root), {name for name in about if name})
    allowed = {each.improvement.id: each for each in found if each.allowed}
    taken, texts = side_by_side(source, [about[name] for name in allowed])
    names = [proof.improvement or "" for proof in taken]
    return _Chosen(
        [allowed[name] for name in names],
        list(zip(names, [source, *texts], texts, strict=False)),
        edits_between(source, texts[-1]) if texts else [],
    )


def _keep(policy: Policy, root: Path, path: Path, chosen: _Chosen) -> None:
    from whetstone_server.improvements.elsewhere import note_applied  # noqa: PLC0415 -- as above
    from whetstone_server.improvements.history import History  # noqa: PLC0415

    reasons = {each.improvement.id: each.reason for each in chosen.decisions}
    note_applied(History(root), path, chosen.made, policy.actor, reasons)
