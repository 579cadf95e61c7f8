"""Hovering over a finding shows its rule's page, and what is known here."""

from __future__ import annotations

from tests.server.features.conversation import FILE
from tests.server.features.sources import CHEAPEST
from whetstone_knowledge import BY_CODE


async def hover(conversation, line, character):
    return await conversation.ask(
        "textDocument/hover", textDocument={"uri": FILE}, position={"line": line, "character": character}
    )


async def test_a_finding_shows_its_page(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST)
    shown = await hover(conversation, 3, 15)
    assert shown["contents"]["kind"] == "markdown"
    assert "WP105" in shown["contents"]["value"]
    assert (BY_CODE["WP105"].__doc__ or "").splitlines()[0] in shown["contents"]["value"]
    assert shown["range"]["start"] == {"line": 3, "character": 11}


async def test_a_client_without_markdown_gets_plain_text(conversation):
    await conversation.begin({})
    conversation.open(CHEAPEST)
    assert (await hover(conversation, 3, 15))["contents"]["kind"] == "plaintext"


async def test_the_verdict_stands_above_the_page(trusted):
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    shown = await hover(trusted, 3, 15)
    assert shown["contents"]["value"].startswith("**Proven 12.3× faster, 11.8–12.9.**")


async def test_nothing_is_shown_where_nothing_is_found(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST)
    assert await hover(conversation, 0, 0) is None
    conversation.tell("textDocument/didClose", textDocument={"uri": FILE})
    assert await hover(conversation, 3, 15) is None
