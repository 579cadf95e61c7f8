"""The edit behind an action: made from the server's own text, for the version it was offered for."""

from __future__ import annotations

import copy

import pytest
from lsprotocol.types import Position, Range, TextEdit

from tests.client import edited
from tests.server.features.conversation import FILE, MODERN
from tests.server.features.sources import CHEAPEST, CHEAPEST_AFTER, DEAREST


async def resolved(conversation, action):
    return await conversation.ask("codeAction/resolve", **action)


def made(text, action, encoding="utf-16"):
    """Return `text` after the action's edit."""
    (change,) = action["edit"]["documentChanges"]
    edits = [
        TextEdit(Range(Position(**edit["range"]["start"]), Position(**edit["range"]["end"])), edit["newText"])
        for edit in change["edits"]
    ]
    return edited(text, edits, encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
async def test_the_edit_makes_the_expected_text_in_every_encoding(conversation, encoding, line_end):
    await conversation.begin({**MODERN, "general": {"positionEncodings": [encoding]}})
    before, after = (f'"""😀 é"""\n\n\n{text}# 😀 end'.replace("\n", line_end) for text in (CHEAPEST, CHEAPEST_AFTER))
    conversation.open(before)
    fix, _ = await conversation.fixes()
    action = await resolved(conversation, fix)
    assert made(before, action, encoding) == after


async def test_the_edit_is_for_the_version_it_was_asked_for(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST)
    fix, _ = await conversation.fixes()
    action = await resolved(conversation, fix)
    assert action["edit"]["documentChanges"][0]["textDocument"] == {"uri": FILE, "version": 1}


async def test_a_client_without_versions_gets_plain_changes(conversation):
    capabilities = copy.deepcopy(MODERN)
    del capabilities["workspace"]["workspaceEdit"]
    await conversation.begin(capabilities)
    conversation.open(CHEAPEST)
    fix, _ = await conversation.fixes()
    action = await resolved(conversation, fix)
    assert list(action["edit"]["changes"]) == [FILE]


async def test_an_action_for_an_older_text_has_no_edit_and_says_so(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST)
    fix, _ = await conversation.fixes()
    conversation.insert(0, 0, "\n")
    action = await resolved(conversation, fix)
    assert "edit" not in action
    assert "changed since" in conversation.said_to_the_person()[-1]


async def test_a_rewrite_that_is_refused_says_why(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST + "\n\ndef half_typed(:\n")
    fix, _ = await conversation.fixes()
    action = await resolved(conversation, fix)
    assert "edit" not in action
    assert "does not parse" in conversation.said_to_the_person()[-1]


@pytest.mark.parametrize("data", [None, 3, {}, {"uri": FILE}, {"uri": FILE, "version": 1, "finding": "none"}])
async def test_an_action_that_is_not_ours_comes_back_without_an_edit(conversation, data):
    await conversation.begin()
    conversation.open(CHEAPEST)
    action = await resolved(conversation, {"title": "x", "data": data})
    assert "edit" not in action


async def test_an_action_that_has_no_edit_to_come_is_left_as_it_is(conversation):
    """VS Code asks for the edit of a proof too."""
    await conversation.begin()
    conversation.open(CHEAPEST)
    _, proof = await conversation.fixes()
    assert proof["command"]["command"] == "whetstone.prove"
    assert await resolved(conversation, proof) == proof
    assert not conversation.said_to_the_person()


async def test_everything_proven_is_made_at_once_and_nothing_else(trusted):
    unproven = CHEAPEST.replace("cheapest", "lowest")
    trusted.open(f"{CHEAPEST}\n\n{DEAREST}\n\n{unproven}")
    for finding in trusted.file().findings()[:2]:
        await trusted.prove(uri=FILE, id=finding.id)
    (action,) = await trusted.actions("source.fixAll")
    text = made(trusted.file().source.decode(), await resolved(trusted, action))
    assert text == f"{CHEAPEST_AFTER}\n\n{DEAREST.replace('sorted(prices)[-1]', 'max(prices)')}\n\n{unproven}"


async def test_an_action_without_an_edit_comes_back_as_it_is(trusted):
    """Neovim asks for the edit of every action, also of one that only names a command."""
    trusted.open(CHEAPEST)
    (proof,) = [action for action in await trusted.actions() if action["title"].startswith("Prove: ")]
    assert await trusted.ask("codeAction/resolve", **proof) == proof
    assert trusted.said_to_the_person() == []
