"""`textDocument/codeLens`: above a function what was measured of it, and what there is to prove."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from whetstone_server.features import prove, wording
from whetstone_server.features.feature import Feature

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from whetstone_knowledge import Finding, Span
    from whetstone_server.session import OpenFile, Session

_NOTHING_TO_RUN = ""
"""Editors show a lens only when it has a command; this one makes it plain words."""


def code_lens(session: Session, params: types.CodeLensParams) -> Sequence[types.CodeLens] | None:
    """Return a lens for each verdict that holds for the text as it stands, and one that proves what has none."""
    file = session.file(params.text_document.uri)
    if file is None:
        return None
    functions: dict[Span, list[Finding]] = {}
    for finding in session.findings(file):
        if finding.unit:
            functions.setdefault(finding.unit, []).append(finding)
    return [lens for unit, findings in functions.items() for lens in _for_function(session, file, unit, findings)]


def _for_function(
    session: Session, file: OpenFile, unit: Span, findings: Sequence[Finding]
) -> Iterator[types.CodeLens]:
    whole = file.text.range(unit)
    where = types.Range(whole.start, whole.start)
    verdicts = [(finding, session.verdicts.verdict(file, finding)) for finding in findings]
    for finding, verdict in verdicts:
        if verdict:
            words = wording.brief(verdict)
            title = f"{words[0].upper()}{words[1:]}" if len(findings) == 1 else f"{finding.code}: {words}"
            yield types.CodeLens(where, types.Command(title, _NOTHING_TO_RUN))
    unproven = [finding for finding, verdict in verdicts if verdict is None and finding.fix == "proof-needed"]
    if unproven and file.path:
        title = "Prove the rewrite" if len(unproven) == 1 else f"Prove {len(unproven)} rewrites"
        wanted = {"uri": file.uri, "range": _as_json(whole)}
        yield types.CodeLens(where, types.Command(title, prove.COMMAND, arguments=[wanted]))


def _as_json(place: types.Range) -> dict[str, dict[str, int]]:
    return {
        "start": {"line": place.start.line, "character": place.start.character},
        "end": {"line": place.end.line, "character": place.end.character},
    }


FEATURE = Feature(types.TEXT_DOCUMENT_CODE_LENS, code_lens, types.CodeLensOptions(resolve_provider=False))
