"""The text the server has is the text the editor has, whatever is typed, in whatever units it is counted."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pygls.exceptions import JsonRpcException

from tests.client import units
from tests.server.features.conversation import FILE, MODERN, Conversation
from tests.server.features.sources import CHEAPEST
from whetstone_server.session.open_file import LARGEST

ENCODINGS = ("utf-8", "utf-16", "utf-32")
PIECES = st.sampled_from(
    ["a", " ", "é", "中", "😀", "\ufeff", "\n", "\r", "\r\n", "\u2028", "\x0c", "def f(x):\n    ", "'"]
)
TEXTS = st.lists(PIECES, max_size=30).map("".join)
EDITS = st.lists(st.tuples(st.integers(0, 999), st.integers(0, 999), TEXTS), max_size=6)


def position_of(text, index, encoding):
    """Return the position of an index, the slow and simple way; between the halves of a line end there is none."""
    if text[index - 1 : index + 1] == "\r\n" and index:
        index -= 1
    lines = text[:index].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return {"line": len(lines) - 1, "character": units(lines[-1], encoding)}, index


@pytest.fixture(scope="module")
def conversations():
    """One conversation per encoding, and the loop they are held on: starting one takes longer than an example."""
    with asyncio.Runner() as runner:

        async def begun(encoding):
            conversation = Conversation()
            await conversation.begin({**MODERN, "general": {"positionEncodings": [encoding]}})
            return conversation

        conversations = {encoding: runner.run(begun(encoding)) for encoding in ENCODINGS}
        yield runner, conversations
        for conversation in conversations.values():
            conversation.server.session.end()


async def typed(conversation, text, edits, encoding):
    """Open `text`, replace each pair of places by a text, and return what should have become of it."""
    conversation.open(text)
    for first, second, new in edits:
        start, end = sorted((first % (len(text) + 1), second % (len(text) + 1)))
        (begin, start), (stop, end) = (position_of(text, index, encoding) for index in (start, end))
        conversation.change({"range": {"start": begin, "end": stop}, "text": new})
        text = text[:start] + new + text[end:]
        assert conversation.file().source.decode() == text
    return text


@settings(deadline=None)  # the first example pays for what is imported late
@given(st.sampled_from(ENCODINGS), TEXTS, EDITS)
def test_any_edits_in_any_encoding_lead_to_the_same_text(conversations, encoding, text, edits):
    runner, held = conversations
    runner.run(typed(held[encoding], text, edits, encoding))


@settings(deadline=None)
@given(TEXTS, EDITS)
def test_what_is_found_after_a_pause_is_what_a_fresh_look_finds(conversations, text, edits):
    runner, held = conversations

    async def converse(conversation):
        written = await typed(conversation, text + CHEAPEST, edits, "utf-16")
        conversation.file().refresh()
        after = await conversation.squiggles()
        conversation.open(written)
        assert after == await conversation.squiggles()

    runner.run(converse(held["utf-16"]))


async def test_several_changes_in_one_message_each_stand_on_the_one_before(conversation):
    await conversation.begin()
    conversation.open("")
    conversation.change(
        {"text": "one\ntwo"},
        {"range": {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 3}}, "text": "2"},
        {"range": {"start": {"line": 1, "character": 1}, "end": {"line": 1, "character": 1}}, "text": "!"},
    )
    assert conversation.file().source == b"one\n2!"


async def test_a_change_behind_the_end_goes_to_the_end(conversation):
    await conversation.begin()
    conversation.open("a\nb")
    conversation.insert(0, 99, "x")
    conversation.insert(99, 99, "y")
    assert conversation.file().source == b"ax\nby"


async def test_a_change_to_a_document_that_is_not_open_is_left_alone(conversation):
    await conversation.begin()
    conversation.insert(0, 0, "x")
    assert await conversation.squiggles() == []


async def test_a_document_in_another_language_is_left_alone(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST, language="ruby")
    assert await conversation.squiggles() == []


async def test_opening_a_document_again_takes_the_new_text(conversation):
    await conversation.begin()
    conversation.open("old")
    conversation.open("new")
    assert conversation.file().source == b"new"


async def test_a_file_that_is_too_large_is_kept_but_not_looked_at(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST + "#" * (20 << 20))
    assert await conversation.squiggles() == []
    conversation.insert(0, 0, "# 😀\n")
    assert conversation.file().source.startswith("# 😀\ndef".encode())


async def test_a_file_that_grows_too_large_loses_its_squiggles_and_gets_them_back(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST)
    assert await conversation.squiggles()
    end = {"line": 99, "character": 0}
    conversation.change({"range": {"start": end, "end": end}, "text": "#" * LARGEST})
    assert await conversation.squiggles() == []
    conversation.change({"range": {"start": {"line": 4, "character": 0}, "end": end}, "text": ""})
    await conversation.until(lambda: conversation.count("workspace/diagnostic/refresh"))
    assert await conversation.squiggles()


@pytest.mark.parametrize(
    "bad", [{"start": {"line": -1, "character": 0}, "end": {"line": 0, "character": 0}}, {}, None, 3]
)
async def test_a_malformed_change_is_left_out_and_the_next_one_is_made(conversation, bad):
    await conversation.begin()
    conversation.open("a")
    with suppress(JsonRpcException):  # raised to pygls' reading loop, which goes on with the next message
        conversation.change({"range": bad, "text": "b"})
    conversation.insert(0, 0, "c")
    assert conversation.file(FILE).source in {b"ca", b"cb"}  # without a range a change is the whole text


async def test_a_closed_document_is_gone(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST)
    conversation.insert(0, 0, "\n")
    conversation.tell("textDocument/didClose", textDocument={"uri": FILE})
    assert conversation.server.session.file(FILE) is None
    assert await conversation.squiggles() == []
