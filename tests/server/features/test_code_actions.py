"""What is offered for a finding: little, cheap, and never more than is known."""

from __future__ import annotations

import copy

import pytest

from tests.server.features.conversation import FILE, MODERN
from tests.server.features.sources import CHEAPEST, DEAREST
from whetstone_server.features import fixes
from whetstone_server.sandbox.verdict import Speedup, Verdict

QUICK_FIX, REWRITE, FIX_ALL = "quickfix", "refactor.rewrite", "source.fixAll.whetstone"
TITLE = "Ask for that end with min, max or heapq"


def titles(actions, kind=None):
    return [action["title"] for action in actions if kind is None or action["kind"] == kind]


def at(line, character=0):
    position = {"line": line, "character": character}
    return {"start": position, "end": position}


async def test_nothing_is_offered_where_nothing_is_found(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST)
    assert await conversation.actions(where=at(0)) == []


async def test_a_finding_is_offered_a_fix_and_a_proof(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST)
    fix, proof = await conversation.fixes(where=at(3, 15))
    assert (fix["title"], fix["kind"]) == (TITLE, QUICK_FIX)
    assert proof["title"] == f"Prove: {TITLE}"
    (finding,) = conversation.file().findings()
    assert proof["command"]["command"] == "whetstone.prove"
    assert proof["command"]["arguments"] == [{"uri": FILE, "id": finding.id}]
    assert fix["data"] == {"uri": FILE, "version": 1, "kind": QUICK_FIX, "finding": finding.id}
    assert fix["diagnostics"] == await conversation.squiggles()


async def test_listing_makes_no_edit(conversation, monkeypatch):
    monkeypatch.setattr(fixes, "rewritten", lambda *_: pytest.fail("a rewrite was made for a list"))
    await conversation.begin()
    conversation.open(CHEAPEST)
    assert all("edit" not in action for action in await conversation.actions())


async def test_the_ranges_the_client_sends_back_do_not_matter(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST)
    (squiggle,) = await conversation.squiggles()
    squiggle["range"] = at(0)
    squiggle["data"] = {"finding": "another"}
    actions = await conversation.actions(where=at(3, 15), diagnostics=[squiggle])
    assert actions == await conversation.actions(where=at(3, 15))


@pytest.mark.parametrize(
    ("only", "kinds"),
    [
        (["quickfix"], [QUICK_FIX, QUICK_FIX]),
        (["refactor"], [REWRITE]),
        (["refactor.rewrite"], [REWRITE]),
        ([""], [QUICK_FIX, QUICK_FIX]),
        (["source"], []),
        (["refactor.extract"], []),
        (["quick"], []),
    ],
)
async def test_only_the_kinds_that_were_asked_for_are_listed(conversation, only, kinds):
    await conversation.begin()
    conversation.open(CHEAPEST)
    assert [action["kind"] for action in await conversation.fixes(*only)] == kinds


async def test_a_client_that_cannot_ask_for_the_edit_gets_it_at_once(conversation):
    capabilities = copy.deepcopy(MODERN)
    del capabilities["textDocument"]["codeAction"]
    await conversation.begin(capabilities)
    conversation.open(CHEAPEST)
    fix, proof = await conversation.fixes()
    assert "min(prices)" in fix["edit"]["documentChanges"][0]["edits"][0]["newText"]
    assert "data" not in fix
    assert "edit" not in proof


async def test_a_proven_fix_says_how_much_it_gains(trusted):
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    actions = await trusted.fixes()
    assert titles(actions, QUICK_FIX) == [f"{TITLE} (proven 12.3× faster, 11.8–12.9)"]
    assert actions[0]["isPreferred"] is True


@pytest.mark.parametrize("answer", ["no-difference", "slower", "broken", "not-exercised", "not-tried"])
async def test_no_other_verdict_makes_a_title_say_proven(trusted, laboratory, answer):
    laboratory.verdict = Verdict(answer, "no reason", Speedup(12.3, 11.8, 12.9))
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    for kind in (QUICK_FIX, REWRITE, FIX_ALL):
        assert not [title for title in titles(await trusted.actions(kind)) if "proven" in title]


async def test_a_rewrite_that_changes_what_the_code_does_is_not_offered(trusted, laboratory):
    laboratory.verdict = Verdict("broken", "[] raises another error")
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    assert await trusted.fixes() == []
    assert await trusted.actions("refactor") == []


async def test_a_rewrite_that_gains_nothing_is_only_offered_when_a_rewrite_is_asked_for(trusted, laboratory):
    laboratory.verdict = Verdict("no-difference", "equal and no faster")
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    assert await trusted.fixes("quickfix") == []
    assert titles(await trusted.actions("refactor.rewrite")) == [TITLE]


async def test_everything_proven_is_offered_together(trusted):
    trusted.open(CHEAPEST + "\n\n" + DEAREST)
    assert await trusted.actions("source.fixAll") == []
    await trusted.prove(uri=FILE)
    (action,) = await trusted.actions("source.fixAll")
    assert action["kind"] == FIX_ALL
    assert action["title"] == "Apply all 2 proven rewrites in this file"


async def test_a_document_that_is_not_open_has_no_actions(conversation):
    await conversation.begin()
    assert await conversation.actions() == []
