"""The proven gain stands at the end of its line, where it is looked at and wanted."""

from __future__ import annotations

import copy

from tests.server.features.conversation import FILE, MODERN, WHOLE
from tests.server.features.sources import CHEAPEST, DEAREST, FOUND

REFRESH = "workspace/inlayHint/refresh"


async def hints(conversation, where=WHOLE):
    return await conversation.ask("textDocument/inlayHint", textDocument={"uri": FILE}, range=where)


def lines(first, last):
    return {"start": {"line": first, "character": 0}, "end": {"line": last, "character": 0}}


async def test_nothing_stands_there_before_a_proof(trusted):
    trusted.open(CHEAPEST)
    assert await hints(trusted) == []


async def test_the_gain_stands_at_the_end_of_the_first_line(trusted):
    several = CHEAPEST.replace(FOUND, "sorted(  # 😀\n        prices\n    )[0]")
    trusted.open(several)
    await trusted.prove(uri=FILE)
    (hint,) = await hints(trusted)
    assert hint["label"] == "12.3× if fixed"
    assert hint["position"] == {"line": 3, "character": len("    return sorted(  # 😀") + 1}
    assert hint["paddingLeft"] is True
    assert "proven 12.3× faster, 11.8–12.9" in hint["tooltip"]


async def test_only_what_is_looked_at_is_answered(trusted):
    trusted.open(f"{CHEAPEST}\n\n{DEAREST}")
    await trusted.prove(uri=FILE)
    assert len(await hints(trusted)) == 2
    assert [hint["position"]["line"] for hint in await hints(trusted, lines(0, 4))] == [3]
    assert [hint["position"]["line"] for hint in await hints(trusted, lines(5, 12))] == [9]
    assert await hints(trusted, lines(4, 9)) == []


async def test_an_edit_of_the_function_takes_the_gain_away(trusted):
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    trusted.insert(1, 4, "print(prices)\n    ")
    assert await hints(trusted) == []


async def test_they_can_be_turned_off(conversation):
    await conversation.begin(options={"trusted": True, "inlayHints": False})
    conversation.open(CHEAPEST)
    await conversation.prove(uri=FILE)
    assert await hints(conversation) is None


async def test_the_client_is_told_to_ask_again_after_a_verdict_and_new_settings(conversation):
    capabilities = copy.deepcopy(MODERN)
    capabilities["workspace"]["inlayHint"] = {"refreshSupport": True}
    await conversation.begin(capabilities, options={"trusted": True})
    conversation.open(CHEAPEST)
    await conversation.squiggles()
    await conversation.prove(uri=FILE)
    assert conversation.count(REFRESH) == 1
    conversation.tell("workspace/didChangeConfiguration", settings={"whetstone": {"inlayHints": False}})
    assert conversation.count(REFRESH) == 2
    assert await hints(conversation) is None
