"""`textDocument/completion`: what a comment that asks for silence may say, and templates in an empty file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lsprotocol import types

from whetstone_knowledge import BY_CODE, Span
from whetstone_knowledge.languages import rules_for
from whetstone_knowledge.suppression import MARK, Suppression, covered
from whetstone_server.features import template_completion
from whetstone_server.features.feature import Feature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_knowledge import Rule
    from whetstone_server.session import OpenFile, Session

# The text from the last `#` to the cursor.
_ASKING = re.compile(
    rb"#[ \t]*whetstone:[ \t]*(?:(?P<verb>[a-z-]*)|ignore(?P<file>-file)?[ \t]*\[(?P<list>[^\]\r\n]*))\Z"
)
_VERBS = {
    "ignore": "Silence what is found on this line, or on the next one when the comment stands alone",
    "ignore-file": "Silence what is found in this file",
}


def completion(session: Session, params: types.CompletionParams) -> types.CompletionList | None:
    """Return the codes that may stand in a list, those of what is found here first, or how such a comment goes on.

    Where nothing stands in the file yet it is the templates that could be written there.
    """
    file = session.file(params.text_document.uri)
    if file is None:
        return None
    cursor = file.text.offset(params.position)
    place = _place(file, cursor)
    if place is None:
        templates = list(template_completion.items(session, file, cursor))
        return types.CompletionList(is_incomplete=False, items=templates) if templates else None
    codes = _codes(session, file, place)
    where = file.text.range(place.typed)
    items = _rules(file, place, codes, where) if place.in_list else _verbs(codes, where)
    return types.CompletionList(is_incomplete=False, items=list(items))


class _Place(NamedTuple):
    """Where somebody types in a comment that asks for silence."""

    start: int
    """Of the comment."""
    typed: Span
    """The word that is being typed."""
    in_list: bool
    whole_file: bool
    named: frozenset[str]
    """What stands in the list besides, in capitals."""


def _place(file: OpenFile, cursor: int) -> _Place | None:
    source = file.source
    line = source.rfind(b"\n", 0, cursor) + 1
    if source.find(MARK, line, cursor) < 0:
        return None
    start = source.rfind(b"#", line, cursor)
    asking = _ASKING.match(source, start, cursor) if start >= 0 else None
    if asking is None or not file.is_comment(start):
        return None
    if asking["list"] is None:
        return _Place(start, Span(asking.start("verb"), cursor), in_list=False, whole_file=False, named=frozenset())
    before, _, word = asking["list"].rpartition(b",")
    behind = source[cursor : _end_of_line(source, cursor)].partition(b"]")[0]
    others = re.findall(rb"[^\s,]+", before + b"," + behind.partition(b",")[2])
    named = frozenset(other.decode("utf-8", "replace").upper() for other in others)
    typed = Span(cursor - len(word.lstrip()), cursor)
    return _Place(start, typed, in_list=True, whole_file=asking["file"] is not None, named=named)


def _codes(session: Session, file: OpenFile, place: _Place) -> frozenset[str]:
    """Return the codes of what is found where a comment at `place` is about, also of what is silent already."""
    if place.whole_file:
        return frozenset(finding.code for finding in session.matches(file))
    line = covered(Suppression(Span(place.start, place.typed.end), None, whole_file=False), file.source)
    return frozenset(finding.code for finding in session.matches(file) if finding.span.touches(line))


def _rules(file: OpenFile, place: _Place, codes: frozenset[str], where: types.Range) -> Iterator[types.CompletionItem]:
    gap = " " if file.source[: place.typed.start].endswith(b",") else ""
    # In order, because not every editor looks at `sort_text`.
    for rule in sorted(rules_for(file.language), key=lambda rule: rule.code not in codes):
        if not {rule.code, rule.name.upper()} & place.named:
            yield _item(rule, rule.code, f"{gap}{rule.code}", where, is_here=rule.code in codes)


def _verbs(codes: frozenset[str], where: types.Range) -> Iterator[types.CompletionItem]:
    for code in sorted(codes):
        yield _item(BY_CODE[code], f"ignore[{code}]", f"ignore[{code}]", where, is_here=True)
    for verb, meaning in _VERBS.items():
        yield types.CompletionItem(
            label=verb,
            kind=types.CompletionItemKind.Keyword,
            detail=meaning,
            sort_text=f"1{verb}",
            text_edit=types.TextEdit(where, verb),
        )


def _item(rule: Rule, label: str, text: str, where: types.Range, *, is_here: bool) -> types.CompletionItem:
    """Return a rule as an item; its page is asked for with `completionItem/resolve`."""
    return types.CompletionItem(
        label=label,
        label_details=types.CompletionItemLabelDetails(description=rule.name),
        kind=types.CompletionItemKind.EnumMember,
        detail=rule.title,
        sort_text=f"{0 if is_here else 1}{rule.code}",
        filter_text=f"{label} {rule.name}",
        preselect=True if is_here else None,
        text_edit=types.TextEdit(where, text),
        data={"code": rule.code},
    )


def _end_of_line(source: bytes, offset: int) -> int:
    end = source.find(b"\n", offset)
    return len(source) if end < 0 else end


FEATURE = Feature(
    types.TEXT_DOCUMENT_COMPLETION,
    completion,
    types.CompletionOptions(trigger_characters=["[", ",", " "], resolve_provider=True),
)
