"""`textDocument/codeAction`: what can be done about the findings here; a cheap list, its edits come when picked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from whetstone_knowledge import BY_CODE
from whetstone_server.features import (
    code_action_resolve,
    diagnostics,
    dismiss,
    module_here,
    new,
    prove,
    scaffold_here,
    suppressions,
    wording,
)
from whetstone_server.features.feature import Feature
from whetstone_server.features.loading import REWRITING, loaded
from whetstone_server.features.proven import proven

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from whetstone_knowledge import Finding
    from whetstone_knowledge.spans import Span
    from whetstone_server.session import OpenFile, Session

QUICK_FIX = types.CodeActionKind.QuickFix
REWRITE = types.CodeActionKind.RefactorRewrite
NEW = scaffold_here.KIND
FIX_ALL = "source.fixAll.whetstone"


async def code_action(session: Session, params: types.CodeActionParams) -> Sequence[types.CodeAction]:
    """Return the actions for the findings that touch the range, of the kinds that were asked for.

    The diagnostics in the request's context are never looked at: some clients send them back with other ranges.
    """
    complete = not (session.abilities.resolves_edits and session.abilities.keeps_action_data)
    file = session.file(params.text_document.uri)
    if file and complete:
        await loaded(REWRITING[file.language])
        file = session.file(params.text_document.uri)  # which may have been closed or opened anew meanwhile
    if file is None:
        return []
    only, span = params.context.only, file.text.span(params.range)
    findings = session.findings_at(file, span)
    actions = [action for finding in findings for action in _for_finding(session, file, finding, only)]
    if params.context.trigger_kind is not types.CodeActionTriggerKind.Automatic:
        _note_offers(session, file, findings, actions)
    if _asked(QUICK_FIX, only):
        actions += _for_suppressions(file, span)
        actions += [_silencing(session, file, finding) for finding in findings]
    actions += _for_file(session, file, only)
    if _asked(NEW, only):
        instead = (offer for finding in findings for offer in scaffold_here.offers_instead(file, finding))
        offers = (*instead, *scaffold_here.offers(file, span), *module_here.offers(file, span))
        actions += [_new(session, file, offer) for offer in offers]
    if complete:
        return [code_action_resolve.completed(session, file, action) for action in actions]
    return actions


def _for_finding(
    session: Session, file: OpenFile, finding: Finding, only: Sequence[str] | None
) -> Iterator[types.CodeAction]:
    """Yield the fix and the proof of one finding.

    A rewrite known to change what the code does is not offered, and one known to gain nothing only when a rewrite
    was asked for.
    """
    proof = session.verdicts.proof(file, finding)
    verdict = proof.verdict if proof else None
    answer = verdict.answer if verdict else None
    if finding.fix == "none" or answer == "broken":
        return
    kind = REWRITE if finding.fix == "review" or answer in wording.NO_GAIN else QUICK_FIX
    wanted = [kind, REWRITE] if only is not None else [kind]
    title = wording.title(BY_CODE[finding.code].title, verdict)
    for offered in dict.fromkeys(wanted):
        if _asked(offered, only) and (offered is kind or not _asked(kind, only)):
            yield types.CodeAction(
                title=title,
                kind=offered,
                diagnostics=[diagnostics.shown(session, file, finding)],
                is_preferred=True if answer == "faster" else None,
                data=_data(file, offered, finding),
            )
    if proof and proof.improvement and answer == "faster" and proof.verdict.assumptions and _asked(QUICK_FIX, only):
        yield _dismissal(session, file, finding, proof.improvement)
    provable = verdict is None and finding.fix == "proof-needed" and file.notebook is None
    if provable and _asked(QUICK_FIX, only):
        yield types.CodeAction(
            title=f"Prove: {title}",
            kind=QUICK_FIX,
            diagnostics=[diagnostics.shown(session, file, finding)],
            command=types.Command(
                title=f"Prove: {title}", command=prove.COMMAND, arguments=[{"uri": file.uri, "id": finding.id}]
            ),
        )


def _dismissal(session: Session, file: OpenFile, finding: Finding, improvement: str) -> types.CodeAction:
    """Return what rejects a rewrite whose proof took something for granted, for whoever knows better."""
    title = f"Reject this rewrite of {finding.code}: what it assumes does not hold"
    return types.CodeAction(
        title=title,
        kind=QUICK_FIX,
        diagnostics=[diagnostics.shown(session, file, finding)],
        command=types.Command(title=title, command=dismiss.COMMAND, arguments=[{"uri": file.uri, "id": improvement}]),
    )


def _note_offers(
    session: Session, file: OpenFile, findings: Sequence[Finding], actions: Sequence[types.CodeAction]
) -> None:
    """Record which rewrites somebody asked to see; an editor that asks by itself, to show a bulb, is not somebody."""
    offered = {action.data["finding"] for action in actions if isinstance(action.data, dict)}
    for finding in findings:
        if finding.id in offered:
            verdict = session.verdicts.verdict(file, finding)
            proven = verdict is not None and verdict.answer == "faster"
            session.note(file, "action.offered", {"code": finding.code, "proven": proven})


def _for_suppressions(file: OpenFile, span: Span) -> Iterator[types.CodeAction]:
    """Yield what removes the suppressions here that silence nothing."""
    for suppression in file.suppressions():
        if suppression.unused != () and suppression.span.touches(span):
            yield types.CodeAction(
                title=suppressions.title(suppression),
                kind=QUICK_FIX,
                diagnostics=list(suppressions.hints(file, suppression)),
                is_preferred=True,
                data=_data(file, QUICK_FIX) | {"suppression": suppression.span.start},
            )


def _silencing(session: Session, file: OpenFile, finding: Finding) -> types.CodeAction:
    """Return what silences a finding by a comment."""
    return types.CodeAction(
        title=f"Ignore {finding.code} here",
        kind=QUICK_FIX,
        diagnostics=[diagnostics.shown(session, file, finding)],
        data=_data(file, QUICK_FIX, finding) | {"silence": True},
    )


def _for_file(session: Session, file: OpenFile, only: Sequence[str] | None) -> Iterator[types.CodeAction]:
    """Yield the action that makes every proven change in the document, when there is any."""
    if not _asked(FIX_ALL, only):
        return
    if count := len(proven(session, file)):
        title = f"Apply all {count} proven rewrites in this file" if count > 1 else "Apply the proven rewrite here"
        yield types.CodeAction(title=title, kind=FIX_ALL, data=_data(file, FIX_ALL))


def _new(session: Session, file: OpenFile, offer: scaffold_here.Offer) -> types.CodeAction:
    """Return what writes a template; a client that never asks for an edit has it made by the command."""
    if session.abilities.resolves_edits and session.abilities.keeps_action_data:
        return types.CodeAction(title=offer.title, kind=NEW, data=_data(file, NEW) | {"new": offer.wanted})
    command = types.Command(title=offer.title, command=new.COMMAND, arguments=[offer.wanted])
    return types.CodeAction(title=offer.title, kind=NEW, command=command)


def _asked(kind: str, only: Sequence[str] | None) -> bool:
    """Whether the client wants actions of this kind; `refactor` means `refactor.rewrite` as well."""
    return only is None or any(not wanted or kind == wanted or kind.startswith(f"{wanted}.") for wanted in only)


def _data(file: OpenFile, kind: str, finding: Finding | None = None) -> dict[str, Any]:
    data = {"uri": file.uri, "version": file.version, "kind": kind}
    return data | {"finding": finding.id} if finding else data


FEATURE = Feature(
    types.TEXT_DOCUMENT_CODE_ACTION,
    code_action,
    types.CodeActionOptions(code_action_kinds=[QUICK_FIX, REWRITE, NEW, FIX_ALL], resolve_provider=True),
)
