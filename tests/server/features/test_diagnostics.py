"""Squiggles: each exactly once, pulled or pushed, with its page and a name that lasts."""

from __future__ import annotations

import copy

from tests.server.features.conversation import FILE, MODERN
from tests.server.features.sources import CHEAPEST, FOUND
from whetstone_knowledge import BY_CODE
from whetstone_knowledge.catalogue import address

PUBLISH, REFRESH = "textDocument/publishDiagnostics", "workspace/diagnostic/refresh"
PUSHED = copy.deepcopy(MODERN)
del PUSHED["textDocument"]["diagnostic"]
PUSHED["textDocument"]["publishDiagnostics"] = {"versionSupport": True}


def published(conversation):
    return [said["params"] for said in conversation.said if said["method"] == PUBLISH]


async def test_a_client_that_pulls_is_never_pushed_to(conversation):
    offered = await conversation.begin()
    conversation.open(CHEAPEST)
    await conversation.squiggles()
    conversation.insert(0, 0, "\n")
    await conversation.until(lambda: conversation.count(REFRESH))
    assert offered["diagnosticProvider"]["interFileDependencies"] is False
    assert conversation.count(PUBLISH) == 0


async def test_a_client_that_does_not_pull_is_offered_nothing_to_pull(conversation):
    offered = await conversation.begin(PUSHED)
    conversation.open(CHEAPEST)
    assert "diagnosticProvider" not in offered
    assert [diagnostic["code"] for diagnostic in published(conversation)[-1]["diagnostics"]] == ["WP105"]
    assert published(conversation)[-1]["version"] == 1


async def test_a_client_that_cannot_be_asked_to_pull_again_is_pushed_to(conversation):
    """Neovim 0.11 is one: what changes without an edit, such as a verdict, would never reach it."""
    capabilities = copy.deepcopy(MODERN)
    del capabilities["workspace"]["diagnostics"]
    offered = await conversation.begin(capabilities)
    conversation.open(CHEAPEST)
    assert "diagnosticProvider" not in offered
    assert len(published(conversation)[-1]["diagnostics"]) == 1


async def test_a_version_is_only_told_to_a_client_that_knows_it(conversation):
    await conversation.begin({})
    conversation.open(CHEAPEST)
    assert "version" not in published(conversation)[-1]


async def test_a_squiggle_says_what_it_is_and_where_its_page_is(conversation):
    await conversation.begin()
    conversation.open("# 😀\n" + CHEAPEST)
    (squiggle,) = await conversation.squiggles()
    assert squiggle["source"] == "whetstone"
    assert squiggle["code"] == "WP105"
    assert squiggle["codeDescription"]["href"] == address(BY_CODE["WP105"])
    assert squiggle["range"] == {
        "start": {"line": 4, "character": 11},
        "end": {"line": 4, "character": 11 + len(FOUND)},
    }
    assert squiggle["data"] == {"finding": conversation.file().findings()[0].id}
    assert squiggle["severity"] > 1  # slow code is no error
    assert "tags" not in squiggle


async def test_the_name_of_a_finding_stays_while_its_function_does(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST)
    (before,) = await conversation.squiggles()
    conversation.insert(0, 0, "import os\n\n")
    (after,) = await conversation.squiggles()
    assert after["data"] == before["data"]
    assert after["range"] != before["range"]


async def test_what_has_not_changed_is_not_sent_again(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST)
    first = await conversation.pull()
    again = await conversation.pull(previous=first["resultId"])
    assert again == {"kind": "unchanged", "resultId": first["resultId"]}
    conversation.insert(4, 0, "x = 1\n")
    below = await conversation.pull(previous=first["resultId"])
    assert below["kind"] == "unchanged"


async def test_what_has_changed_is_sent_under_a_new_name(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST)
    first = await conversation.pull()
    conversation.insert(0, 0, "\n")
    second = await conversation.pull(previous=first["resultId"])
    assert second["kind"] == "full"
    assert second["resultId"] != first["resultId"]
    assert (await conversation.pull(previous=first["resultId"]))["kind"] == "full"


async def test_unchanged_diagnostics_are_not_pushed_again(conversation):
    await conversation.begin(PUSHED)
    conversation.open(CHEAPEST)
    conversation.insert(4, 0, "x = 1\n")
    assert conversation.count(PUBLISH) == 1
    conversation.insert(0, 0, "\n")
    assert conversation.count(PUBLISH) == 2


async def test_a_pause_brings_what_only_a_look_at_the_whole_file_finds(conversation):
    await conversation.begin()
    conversation.open("x = 1\n")
    await conversation.squiggles()
    conversation.insert(1, 0, CHEAPEST)
    await conversation.until(lambda: conversation.count(REFRESH))
    assert len(await conversation.squiggles()) == 1


async def test_a_pause_pushes_to_a_client_that_does_not_pull(conversation):
    await conversation.begin(PUSHED)
    conversation.open("x = 1\n")
    conversation.insert(1, 0, CHEAPEST)
    await conversation.until(lambda: published(conversation)[-1]["diagnostics"])
    assert published(conversation)[-1]["version"] == 2


async def test_closing_takes_back_what_was_pushed(conversation):
    await conversation.begin(PUSHED)
    conversation.open(CHEAPEST)
    conversation.tell("textDocument/didClose", textDocument={"uri": FILE})
    assert published(conversation)[-1] == {"uri": FILE, "diagnostics": [], "version": 1}


async def test_half_typed_code_keeps_the_squiggles_elsewhere(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST + "\n\ndef other(rows):\n    return rows\n")
    conversation.insert(7, 15, "[(")
    assert len(await conversation.squiggles()) == 1
