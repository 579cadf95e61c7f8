"""`whetstone.prove`: run the rewrites of some findings against the old code, and remember the verdicts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from whetstone_server.errors import InputError
from whetstone_server.features import diagnostics, wording
from whetstone_server.features.auto_apply import auto_apply
from whetstone_server.features.loading import PROVING, loaded
from whetstone_server.features.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from whetstone_knowledge import Finding
    from whetstone_server.improvements.prove import Candidate, Proof
    from whetstone_server.session import OpenFile, Session

COMMAND = "whetstone.prove"
UNTRUSTED = (
    "Whetstone proves a rewrite by running your code, and this workspace is not trusted: "
    "trust it in the editor or set whetstone.trusted, then prove again."
)
OVERTAKEN = "Other code of this project changed while Whetstone ran it: prove again."


async def prove(session: Session, wanted: Mapping[str, Any], token: types.ProgressToken | None) -> dict[str, Any]:
    """Prove `{uri, id}`, `{uri, range}` or `{uri}`: one finding, those in a range, all in the document.

    The text is the editor's, saved or not. Returns the verdicts; those that were there when it was cancelled count.
    Raises an error with one sentence, shown to the person too, when nothing can be proven.
    """
    await loaded(PROVING)
    from whetstone_server.improvements.prove import Candidate  # noqa: PLC0415 -- an editor's start does not wait for it

    with session.saying_why():
        file, path = _place(session, wanted)
        candidates = [Candidate(path, file.source, finding) for finding in _findings(session, file, wanted)]
        return await _proven(session, file, candidates, token)


async def _proven(
    session: Session, file: OpenFile, candidates: Sequence[Candidate], token: types.ProgressToken | None
) -> dict[str, Any]:
    root = file.root or candidates[0].path.parent
    settings = session.settings_for(root)
    proofs: list[Proof] = []
    ticket = session.verdicts.ticket(file.uri)

    def keep(proof: Proof) -> None:
        proofs.append(proof)
        if session.verdicts.keep(file.uri, proof, ticket):
            diagnostics.show_file(session, file.uri)

    task = asyncio.current_task()
    async with Progress(session, _title(candidates), token) as progress:
        work = asyncio.create_task(
            session.provers.prove(root, settings, candidates, on_step=progress.report, on_proof=keep)
        )
        progress.stops(work)
        try:
            await work
        except asyncio.CancelledError:
            if not progress.cancelled or (task and task.cancelling()):
                raise
    if proofs and ticket != session.verdicts.ticket(file.uri):
        session.say(OVERTAKEN, types.MessageType.Warning)
    elif proofs and not progress.cancelled:
        session.say(wording.sentence(proofs))
        await auto_apply(session, file, root, settings, proofs)
    return _answer(root, proofs, cancelled=progress.cancelled)


def _place(session: Session, wanted: Mapping[str, Any]) -> tuple[OpenFile, Path]:
    """Return the document that was named and where it lies."""
    if not session.trusted:
        raise InputError(UNTRUSTED)
    file = session.file(str(wanted.get("uri")))
    if file is None:
        raise InputError("Whetstone proves what is open in the editor: open the file, then prove again.")
    if file.notebook:
        raise InputError("Whetstone proves functions of modules: move this one into a file, then prove it there.")
    if file.path is None:
        raise InputError("Whetstone needs to know which project this code belongs to: save the file, then prove again.")
    return file, file.path


def _findings(session: Session, file: OpenFile, wanted: Mapping[str, Any]) -> Sequence[Finding]:
    """Return the findings that were named and that a proof can judge; raises `InputError` when there are none."""
    if "id" in wanted:
        named = session.finding(file, str(wanted["id"]))
        findings = [named] if named else []
    elif "range" in wanted:
        findings = list(session.findings_at(file, file.text.span(_range(wanted["range"]))))
    else:
        findings = list(session.findings(file))
    provable = [finding for finding in findings if finding.fix == "proof-needed"]
    if not provable:
        raise InputError("There is nothing here to prove any more: the text has changed since it was offered.")
    return provable


def _range(value: Any) -> types.Range:
    try:
        start, end = (types.Position(value[edge]["line"], value[edge]["character"]) for edge in ("start", "end"))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{value!r} is not a range: it needs a start and an end with a line and a character"
        ) from error
    return types.Range(start, end)


def _title(candidates: Sequence[Candidate]) -> str:
    if len(candidates) == 1:
        return f"Proving {candidates[0].finding.function}"
    return f"Proving {len(candidates)} rewrites"


def _answer(root: Path, proofs: Sequence[Proof], *, cancelled: bool) -> dict[str, Any]:
    """Return the verdicts in the shape of the command line's JSON, as far as it makes sense in an editor."""
    verdicts = [
        {
            "code": proof.candidate.finding.code,
            "id": proof.candidate.finding.id,
            "function": proof.candidate.finding.function,
            **proof.verdict.as_json(),
            "confidence": round(proof.confidence.value, 3) if proof.confidence else None,
            "diff": proof.diff,
            "improvement": proof.improvement,
        }
        for proof in proofs
    ]
    return {"version": 1, "root": str(root), "cancelled": cancelled, "verdicts": verdicts}
