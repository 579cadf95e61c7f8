"""`textDocument/hover`: the page of the rule that found something here, and the verdict if there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from whetstone_knowledge import BY_CODE
from whetstone_knowledge.catalogue import page
from whetstone_knowledge.spans import Span
from whetstone_server.features import wording
from whetstone_server.features.feature import Feature

if TYPE_CHECKING:
    from whetstone_knowledge import Finding
    from whetstone_server.session import OpenFile, Session


def hover(session: Session, params: types.HoverParams) -> types.Hover | None:
    """Return the page of each rule that found something at the position; `None` where none did."""
    file = session.file(params.text_document.uri)
    if file is None:
        return None
    offset = file.text.offset(params.position)
    findings = session.findings_at(file, Span(offset, offset))
    if not findings:
        return None
    kind = types.MarkupKind.Markdown if session.abilities.reads_markdown else types.MarkupKind.PlainText
    text = "\n\n---\n\n".join(_page(session, file, finding) for finding in findings)
    return types.Hover(types.MarkupContent(kind, text), range=file.text.range(findings[0].span))


def _page(session: Session, file: OpenFile, finding: Finding) -> str:
    verdict = session.verdicts.verdict(file, finding)
    text = page(BY_CODE[finding.code])
    return f"**{wording.tail(verdict).capitalize()}.**\n\n{text}" if verdict else text


FEATURE = Feature(types.TEXT_DOCUMENT_HOVER, hover)
