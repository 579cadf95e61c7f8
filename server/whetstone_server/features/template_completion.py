"""Templates as items of a completion, where a module begins and nothing else stands in the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from whetstone_knowledge import Span
from whetstone_server.features import new, scaffold_here

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_server.session import OpenFile, Session

_WORD = re.compile(rb"[A-Za-z0-9_-]*\Z")
_LONGEST = 40
"""Bytes of a word that could be the name of a template."""


def items(session: Session, file: OpenFile, cursor: int) -> Iterator[types.CompletionItem]:
    """Yield the templates that the word before the cursor may stand for.

    An item takes that word away and has `whetstone.new` write the module, its test and its place in the tree.
    """
    if not (session.abilities.applies_edits and session.abilities.creates_files):
        return
    word = _WORD.search(file.source, max(0, cursor - _LONGEST), cursor)
    start = word.start() if word else cursor
    for offer in scaffold_here.offers_while_typing(file, Span(start, cursor)):
        name = offer.wanted["template"]
        yield types.CompletionItem(
            label=name,
            kind=types.CompletionItemKind.Snippet,
            detail=offer.title.partition(": ")[2],
            filter_text=name.replace("-", "_"),
            text_edit=types.TextEdit(file.text.range(Span(start, cursor)), ""),
            command=types.Command(title=offer.title, command=new.COMMAND, arguments=[offer.wanted]),
        )
