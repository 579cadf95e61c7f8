"""Hovering over a finding shows its rule's page, and what is known here."""

from __future__ import annotations

from tests.server.features.conversation import FILE
from tests.server.features.sources import CHEAPEST
from whetstone_knowledge import BY_CODE
from whetstone_knowledge.catalogue import page
from whetstone_server.sandbox.verdict import Counterexample, Growth, Speedup, Verdict, Workload


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


async def test_a_finding_says_why_it_ranks_where_it_does(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST)
    shown = (await hover(conversation, 3, 15))["contents"]["value"]
    assert shown.startswith("*Impact 40 of 100: 40 for the rule; severity medium.*")
    looped = CHEAPEST.replace("    return sorted", "    for _ in prices:\n      while prices:\n        return sorted")
    conversation.open(looped)
    shown = (await hover(conversation, 5, 19))["contents"]["value"]
    assert shown.startswith("*Impact 70 of 100: 40 for the rule and 30 for 2 more loops around it; severity medium.*")


async def test_a_verdict_says_what_it_was_reached_on_and_what_it_assumes(trusted, laboratory):
    speedup = Speedup(12.3, 11.8, 12.9)
    laboratory.verdict = Verdict(
        "faster",
        "12 times faster on 3 recorded calls",
        speedup,
        workload=Workload(("recorded-calls", "generated"), 3, 63, 2),
        assumptions=(Counterexample("cheapest('x')", "returns 'x'", "raises TypeError", "grown-beyond"),),
        growth=(Growth(2000, speedup),),
        unreached=(3,),
        lines=4,
    )
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    assert (await hover(trusted, 3, 15))["contents"]["value"] == (
        "**Proven 12.3× faster, 11.8–12.9.**\n\n"
        "- Compared on 63 inputs (recorded calls, generated ones); 3 calls seen in tests; 2 tests passed with it\n"
        "- By size: 2,000 items 12.3× (11.8–12.9)\n"
        "- Never reached: 1 of 4 lines\n\n"
        "This assumes no call like:\n\n"
        "```text\ninput   cheapest('x')\nbefore  returns 'x'\nafter   raises TypeError\n```\n\n"
        "*Impact 40 of 100: 40 for the rule; severity medium.*\n\n" + page(BY_CODE["WP105"])
    )


async def test_a_broken_rewrite_shows_the_input_that_breaks_it(trusted, laboratory):
    found = Counterexample("cheapest([])", "returns None", "raises ValueError", "recorded")
    laboratory.verdict = Verdict("broken", "Old and new differ.", counterexample=found)
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    shown = (await hover(trusted, 3, 15))["contents"]["value"]
    assert shown.startswith("**The rewrite would change what it does.**\n\nOld and new differ:\n\n```text\n")
    assert "input   cheapest([])\nbefore  returns None\nafter   raises ValueError" in shown


async def test_what_code_answers_brings_no_picture_into_the_editor(trusted, laboratory):
    seen = "raises ValueError: ![seen](https://example.org/seen.png)"
    laboratory.verdict = Verdict("broken", f"old and new differ on cheapest([]): the old code {seen}")
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    shown = (await hover(trusted, 3, 15))["contents"]["value"]
    assert "raises ValueError: !\\[seen](https" in shown.splitlines()[0]


async def test_a_stale_verdict_is_not_shown(trusted):
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    trusted.insert(1, 4, "print(prices)\n    ")
    assert "Proven" not in (await hover(trusted, 4, 15))["contents"]["value"]


async def test_nothing_is_shown_where_nothing_is_found(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST)
    assert await hover(conversation, 0, 0) is None
    conversation.tell("textDocument/didClose", textDocument={"uri": FILE})
    assert await hover(conversation, 3, 15) is None
