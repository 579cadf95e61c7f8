"""Above a function stands what was measured of it and what there is to prove; never what no longer holds."""

from __future__ import annotations

import copy

import pytest

from tests.server.features.conversation import FILE, MODERN
from tests.server.features.sources import CHEAPEST, DEAREST, FOUND
from whetstone_server.sandbox.verdict import Counterexample, Speedup, Verdict

REFRESH = "workspace/codeLens/refresh"


async def lenses(conversation, uri=FILE):
    return await conversation.ask("textDocument/codeLens", textDocument={"uri": uri})


async def titles(conversation):
    return [lens["command"]["title"] for lens in await lenses(conversation)]


async def test_a_function_with_something_to_prove_can_be_proven(conversation):
    await conversation.begin()
    conversation.open(f"x = 1\n\n\n@decorated\n{CHEAPEST}\n\ndef quiet():\n    pass\n")
    (lens,) = await lenses(conversation)
    assert lens["range"]["start"] == {"line": 3, "character": 0}
    assert lens["command"]["title"] == "Prove the rewrite"
    assert lens["command"]["command"] == "whetstone.prove"
    (wanted,) = lens["command"]["arguments"]
    assert wanted["uri"] == FILE
    assert (wanted["range"]["start"]["line"], wanted["range"]["end"]["line"]) == (3, 7)


async def test_the_lens_proves_its_function_and_no_other(trusted, laboratory):
    twice = CHEAPEST.replace(FOUND, f"{FOUND} + sorted(prices)[-1]")
    trusted.open(f"{DEAREST}\n\n{twice}")
    one, two = await lenses(trusted)
    assert [one["command"]["title"], two["command"]["title"]] == ["Prove the rewrite", "Prove 2 rewrites"]
    await trusted.prove(**two["command"]["arguments"][0])
    assert {candidate.finding.function for candidate in laboratory.candidates} == {"cheapest"}
    assert len(laboratory.candidates) == 2


async def test_a_verdict_is_said_in_place_of_the_offer(trusted):
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    assert await titles(trusted) == ["Proven 12.3× faster, 11.8–12.9"]


async def test_several_verdicts_are_told_apart_by_their_codes(trusted):
    trusted.open(CHEAPEST.replace(FOUND, f"{FOUND} + sorted(prices)[-1]"))
    first, _ = trusted.file().findings()
    await trusted.prove(uri=FILE, id=first.id)
    assert await titles(trusted) == ["WP105: proven 12.3× faster, 11.8–12.9", "Prove the rewrite"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("no-difference", "Not faster here"),
        ("slower", "Slower here"),
        ("broken", "The rewrite would change what it does"),
        ("not-exercised", "Not proven"),
        ("not-tried", "Not proven"),
    ],
)
async def test_no_other_verdict_says_proven_faster(trusted, laboratory, answer, words):
    laboratory.verdict = Verdict(answer, "no reason", Speedup(12.3, 11.8, 12.9))
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    assert await titles(trusted) == [words]


async def test_what_a_verdict_takes_for_granted_is_said(trusted, laboratory):
    assumption = Counterexample("cheapest(x)", "1", "2", "grown-beyond")
    laboratory.verdict = Verdict("faster", "x", Speedup(12.3, 11.8, 12.9), assumptions=(assumption,))
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    assert await titles(trusted) == ["Proven 12.3× faster, 11.8–12.9, on an assumption"]


async def test_an_edit_of_the_function_takes_its_verdict_away(trusted):
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    trusted.insert(1, 4, "print(prices)\n    ")
    assert await titles(trusted) == ["Prove the rewrite"]


async def test_a_document_that_lies_nowhere_cannot_be_proven(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST, uri="untitled:Untitled-1")
    assert await lenses(conversation, "untitled:Untitled-1") == []


async def test_the_client_is_told_to_ask_again_after_a_verdict_where_it_can_be(laboratory, conversation):
    capabilities = copy.deepcopy(MODERN)
    capabilities["workspace"]["codeLens"] = {"refreshSupport": True}
    await conversation.begin(capabilities, options={"trusted": True})
    conversation.open(CHEAPEST)
    await conversation.squiggles()
    before = conversation.count(REFRESH)
    await conversation.prove(uri=FILE)
    assert conversation.count(REFRESH) > before


async def test_a_client_that_cannot_be_told_is_not(trusted):
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    assert trusted.count(REFRESH) == 0
    assert trusted.count("workspace/inlayHint/refresh") == 0


async def test_a_document_that_is_not_open_has_no_lenses(conversation):
    await conversation.begin()
    assert await lenses(conversation) is None
