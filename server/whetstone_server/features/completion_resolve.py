"""`completionItem/resolve`: the page of the rule behind an item, once it is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from whetstone_knowledge import BY_CODE
from whetstone_knowledge.catalogue import page
from whetstone_server.features.feature import Feature

if TYPE_CHECKING:
    from whetstone_server.session import Session


def resolve(session: Session, item: types.CompletionItem) -> types.CompletionItem:
    """Return the item with its rule's page; one that is not ours comes back as it is."""
    code = item.data.get("code") if isinstance(item.data, dict) else None
    if isinstance(code, str) and code in BY_CODE:
        kind = types.MarkupKind.Markdown if session.abilities.documents_in_markdown else types.MarkupKind.PlainText
        item.documentation = types.MarkupContent(kind, page(BY_CODE[code]))
    return item


FEATURE = Feature(types.COMPLETION_ITEM_RESOLVE, resolve)
