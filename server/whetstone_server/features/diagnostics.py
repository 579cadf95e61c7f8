"""`textDocument/diagnostic` and `publishDiagnostics`: findings as squiggles, pulled where the client pulls."""

from __future__ import annotations

from codecs import BOM_UTF8
from functools import cache
from typing import TYPE_CHECKING

from lsprotocol import types

from whetstone_knowledge import BY_CODE
from whetstone_knowledge.catalogue import address
from whetstone_server.convert import Text
from whetstone_server.features import suppressions, wording
from whetstone_server.features.feature import Feature
from whetstone_server.features.refresh import refresh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_knowledge import Finding
    from whetstone_server.sandbox.verdict import Verdict
    from whetstone_server.session import OpenFile, Session

SEVERITIES = {
    "critical": types.DiagnosticSeverity.Warning,  # slow code is not broken code: nothing here is an error
    "high": types.DiagnosticSeverity.Warning,
    "medium": types.DiagnosticSeverity.Information,
    "low": types.DiagnosticSeverity.Hint,
}


def diagnostic(
    session: Session, params: types.DocumentDiagnosticParams
) -> types.RelatedFullDocumentDiagnosticReport | types.RelatedUnchangedDocumentDiagnosticReport:
    """Return the diagnostics of a document, or that they are those the client has; none for what is not open."""
    file = session.file(params.text_document.uri)
    if file is None:
        return types.RelatedFullDocumentDiagnosticReport(items=[])
    fresh = take(session, file)
    if not fresh and params.previous_result_id == file.shown.name:
        return types.RelatedUnchangedDocumentDiagnosticReport(result_id=file.shown.name)
    return types.RelatedFullDocumentDiagnosticReport(items=file.shown.items, result_id=file.shown.name)


def publish(session: Session, file: OpenFile) -> bool:
    """Send the diagnostics of a document to a client that does not pull them; answer whether it had others before."""
    fresh = not session.abilities.pulls_diagnostics and take(session, file)
    if fresh:
        _send(session, file, file.shown.items)
    return fresh


def take(session: Session, file: OpenFile) -> bool:
    """Show the diagnostics of the text as it stands from now on; answer whether they are others than before."""
    fresh = file.shown.take(_diagnostics(session, file))
    if fresh:
        _note(session, file, [finding.code for finding in session.findings(file)])
    return fresh


def show(session: Session, file: OpenFile) -> None:
    """Let the client see what has changed without an edit: send it where it does not pull, and have it ask again."""
    pulls = session.abilities.pulls_diagnostics
    changed = file.shown.items != _diagnostics(session, file) if pulls else publish(session, file)
    if changed:
        refresh(session)


def show_file(session: Session, uri: str) -> None:
    """Do the same for a document that may have been closed or opened anew in the meantime."""
    if file := session.file(uri):
        show(session, file)


def show_again(session: Session) -> None:
    """Do the same for every open document."""
    for file in session.files:
        publish(session, file)
    refresh(session)


def withdraw(session: Session, file: OpenFile) -> None:
    """Take back what was published about a document, which is not shown any more."""
    _note(session, file, [])
    if not session.abilities.pulls_diagnostics:
        _send(session, file, [])


def _note(session: Session, file: OpenFile, codes: list[str]) -> None:
    """Record what is shown when that is something else than before."""
    if codes and codes != file.told:
        session.note(file, "diagnostics.shown", {"findings": codes})
    elif file.told and not codes:
        session.note(file, "diagnostics.cleared", {"findings": len(file.told)})
    file.told = codes


def _send(session: Session, file: OpenFile, items: Sequence[types.Diagnostic]) -> None:
    version = file.version if session.abilities.versions_diagnostics else None
    session.client.text_document_publish_diagnostics(
        types.PublishDiagnosticsParams(uri=file.uri, diagnostics=items, version=version)
    )


def _diagnostics(session: Session, file: OpenFile) -> list[types.Diagnostic]:
    return [*(shown(session, file, finding) for finding in session.findings(file)), *suppressions.unused(file)]


def shown(session: Session, file: OpenFile, finding: Finding) -> types.Diagnostic:
    """Return one finding as a diagnostic, with what is known about its rewrite behind its message."""
    return _diagnostic(session, file.text, finding, session.verdicts.verdict(file, finding))


def stored(session: Session, source: bytes, findings: Sequence[Finding]) -> Sequence[types.Diagnostic]:
    """Return findings in a file that is not open, of which `source` is the text in UTF-8.

    A byte order mark is no character of an editor's.
    """
    mark = len(BOM_UTF8) if source.startswith(BOM_UTF8) else 0
    text = Text(source[mark:].decode("utf-8", "replace"), session.encoding)
    return [_diagnostic(session, text, finding.shifted(-mark), None) for finding in findings]


def _diagnostic(session: Session, text: Text, finding: Finding, verdict: Verdict | None) -> types.Diagnostic:
    idle = verdict is not None and verdict.answer in wording.NO_GAIN
    return types.Diagnostic(
        range=text.range(finding.span),
        message=f"{finding.message} ({wording.tail(verdict)})" if verdict else finding.message,
        severity=types.DiagnosticSeverity.Hint if idle else SEVERITIES[finding.severity],
        code=finding.code,
        code_description=_link(finding.code) if session.abilities.links_codes else None,
        source=suppressions.SOURCE,
        data={"finding": finding.id},
    )


@cache
def _link(code: str) -> types.CodeDescription:
    return types.CodeDescription(href=address(BY_CODE[code]))


FEATURE = Feature(
    types.TEXT_DOCUMENT_DIAGNOSTIC,
    diagnostic,
    types.DiagnosticOptions(inter_file_dependencies=False, workspace_diagnostics=False, identifier=suppressions.SOURCE),
    offered=lambda session: session.abilities.pulls_diagnostics,
)
