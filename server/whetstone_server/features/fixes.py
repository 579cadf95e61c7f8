"""The edits behind a code action, always made from the text as the server has it.

What rewrites code takes a while to load, so this file is only imported once an edit is wanted.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

from lsprotocol import types

from whetstone_codegen import Edit, rewritten
from whetstone_codegen.silence import silenced, without_unused
from whetstone_knowledge import BY_CODE
from whetstone_knowledge.languages import find
from whetstone_knowledge.rule import Refused
from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_knowledge import Finding
    from whetstone_server.session import OpenFile, Session

_REVIEW = "review"
"""What the annotation is called that asks for a look before an edit is made."""
GONE = "what it was for is not there any more"


def fix(source: bytes, finding: Finding) -> tuple[Edit, ...]:
    """Return the edits that put one finding right; raises `Refused` with a sentence when it cannot be done safely."""
    try:
        return rewritten(source, finding, BY_CODE[finding.code]).edits
    except UnicodeDecodeError as error:
        raise Refused("the text is not valid UTF-8") from error


class Fixed(NamedTuple):
    """Several findings put right together."""

    edits: tuple[Edit, ...]
    texts: tuple[tuple[Finding, bytes], ...]
    """Each finding that was, with the text behind it and those before it."""


def fix_all(source: bytes, findings: Sequence[Finding]) -> Fixed:
    """Return what puts all of `findings`, in different functions, right; those that cannot be are left out.

    Each is rewritten in the text that the one before it left, so that an import is not written twice.
    """
    edits: list[Edit] = []
    texts: list[tuple[Finding, bytes]] = []
    text = source
    for wanted in findings:
        rule = BY_CODE[wanted.code]
        found = find(text, rule.language, [rule])
        here = next((finding for finding in found if finding.id == wanted.id), None)
        if here is None:
            continue
        try:
            rewrite = rewritten(text, here, rule)
            # From the back, so that none moves the place of the next.
            edits = reduce(_with, reversed(rewrite.edits), edits)
        except Refused:
            continue
        text = rewrite.text
        texts.append((wanted, text))
    return Fixed(tuple(edits), tuple(texts))


def silence(file: OpenFile, finding: Finding) -> tuple[Edit, ...]:
    """Return the edit that silences one finding; raises `Refused` when no comment can stand there."""
    return (silenced(file.source, finding, file.suppressions()),)


def unsilence(file: OpenFile, start: object) -> tuple[Edit, ...]:
    """Return the edit that removes what is unused in the suppression at `start`; raises `Refused` when it is gone."""
    for suppression in file.suppressions():
        if suppression.span.start == start and suppression.unused != ():
            return (without_unused(file.source, suppression),)
    raise Refused(GONE)


def _with(edits: Sequence[Edit], new: Edit) -> list[Edit]:
    """Add an edit given in the text that `edits` made, in positions of the text before all of them."""
    result: list[Edit] = []
    moved = 0
    for number, (span, text) in enumerate(edits):
        start, end = span.start + moved, span.start + moved + len(text.encode())
        if new.span == Span(end, end):  # right behind what was put there: it goes to the same place
            return [*result, Edit(span, text + new.text), *edits[number + 1 :]]
        if new.span.end <= start:
            return [*result, Edit(new.span.shifted(-moved), new.text), *edits[number:]]
        if new.span.start < end:
            raise Refused("two rewrites touch the same text")
        result.append(Edit(span, text))
        moved += end - start - (span.end - span.start)
    return [*result, Edit(new.span.shifted(-moved), new.text)]


def workspace_edit(session: Session, file: OpenFile, edits: Sequence[Edit], review: str = "") -> types.WorkspaceEdit:
    """Return edits in the client's positions, bound to the version they are for where the client can say so.

    With `review`, why somebody should look first, the client is asked to show them before they are made.
    """
    if review and session.abilities.confirms_edits and session.abilities.versions_edits:
        return _to_confirm(file, edits, review)
    changes = [types.TextEdit(range=file.text.range(span), new_text=text) for span, text in edits]
    if not session.abilities.versions_edits:
        return types.WorkspaceEdit(changes={file.uri: changes})
    document = types.OptionalVersionedTextDocumentIdentifier(uri=file.uri, version=file.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(text_document=document, edits=changes)])


def _to_confirm(file: OpenFile, edits: Sequence[Edit], review: str) -> types.WorkspaceEdit:
    changes = [
        types.AnnotatedTextEdit(annotation_id=_REVIEW, range=file.text.range(span), new_text=text)
        for span, text in edits
    ]
    document = types.OptionalVersionedTextDocumentIdentifier(uri=file.uri, version=file.version)
    annotation = types.ChangeAnnotation(label=review, needs_confirmation=True)
    return types.WorkspaceEdit(
        document_changes=[types.TextDocumentEdit(text_document=document, edits=changes)],
        change_annotations={_REVIEW: annotation},
    )
