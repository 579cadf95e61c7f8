"""A page becomes an entry when it is whole, and otherwise says what is wrong with it."""

from __future__ import annotations

import pytest

from whetstone_knowledge.entry import PageError, headings, read

HEAD = """\
title = "Bulkhead"
summary = "Limits how many are in one place."
keywords = ["semaphore"]
sources = ["https://example.org/bulkhead"]
"""
MEETS = """
[[meets]]
need = { use = ["dependency"], scale = ["medium", "large"] }
weight = 3
because = "Only so many are caught in it."
"""


def page(head: str = HEAD, kind: str = "fault-tolerance", body: str | None = None) -> str:
    if body is None:
        body = "\n\n".join(f"## {heading}\n\nSomething about it." for heading in headings(kind))
    return f"+++\n{head}+++\n\n{body}\n"


def test_page_becomes_an_entry():
    entry = read("bulkhead", "fault-tolerance", page(HEAD + MEETS))
    assert (entry.name, entry.kind, entry.title) == ("bulkhead", "fault-tolerance", "Bulkhead")
    assert entry.keywords == ("semaphore",)
    assert tuple(entry.sections) == headings("fault-tolerance")
    assert (entry.rules, entry.templates, entry.no_rule, entry.ruled_out) == ((), (), None, ())
    (clause,) = entry.meets
    assert clause.need == {"use": {"dependency"}, "scale": {"medium", "large"}}
    assert (clause.weight, clause.because) == (3, "Only so many are caught in it.")


def test_body_is_the_page_under_its_head():
    entry = read("bulkhead", "fault-tolerance", page())
    assert page().endswith(f"{entry.body}\n")


@pytest.mark.parametrize("line", HEAD.splitlines())
def test_nothing_of_the_head_may_be_missing(line):
    key = line.partition(" ")[0]
    with pytest.raises(PageError, match=f"bulkhead: its head has no {key}"):
        read("bulkhead", "fault-tolerance", page(HEAD.replace(line + "\n", "")))


@pytest.mark.parametrize("heading", headings("fault-tolerance"))
def test_no_section_may_be_missing_or_empty(heading):
    without = page().replace(f"## {heading}\n\nSomething about it.", "")
    empty = page().replace(f"## {heading}\n\nSomething about it.", f"## {heading}\n")
    for text in (without, empty):
        with pytest.raises(PageError, match="its sections are What it is"):
            read("bulkhead", "fault-tolerance", text)


@pytest.mark.parametrize(
    "change",
    [
        ("## What it is", "Before all.\n\n## What it is"),
        ("## When not to", "## Why not"),
        ("## What it costs", "## What it costs\n\nA little.\n\n## What it costs"),
        ("## What it costs", "## More\n\nStill more.\n\n## What it costs"),
    ],
)
def test_sections_stand_in_order_and_nothing_else_does(change):
    with pytest.raises(PageError, match="in this order"):
        read("bulkhead", "fault-tolerance", page().replace(*change))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (('title = "Bulkhead"', "title = 3"), "title is unknown or not of its type"),
        (('title = "Bulkhead"', 'title = " "'), "title is unknown or not of its type"),
        (('["semaphore"]', "[]"), "keywords is unknown or not of its type"),
        (('["semaphore"]', "[3]"), "keywords is unknown or not of its type"),
        (('["semaphore"]', '"semaphore"'), "keywords is unknown or not of its type"),
        (("keywords", "authors = ['me']\nkeywords"), "authors is unknown or not of its type"),
        (("place.", "place"), "is not one sentence"),
        (("https://", "http://"), "sources are addresses that begin with https://"),
        (("keywords", 'no_rule = "Nobody can tell."\nkeywords'), "an anti-pattern has either rules or the sentence"),
        (("title =", "title"), "bulkhead: Expected '='"),
    ],
)
def test_head_is_checked(change, reason):
    with pytest.raises(PageError, match=reason):
        read("bulkhead", "fault-tolerance", page(HEAD.replace(*change)))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("weight = 3", "weight = 0"), "a weight is a whole number from 1 to 6, not 0"),
        (("weight = 3", "weight = 7"), "a weight is a whole number from 1 to 6, not 7"),
        (("weight = 3", "weight = 1.5"), "a weight is a whole number from 1 to 6, not 1.5"),
        (("weight = 3", "worth = 3"), "a clause has a need"),
        (("dependency", "outside"), "no list of words that a need can be stated in"),
        (("{ use", "{ usage"), "no list of words that a need can be stated in"),
        (('["dependency"]', '"dependency"'), "no list of words that a need can be stated in"),
        (("because =", "reason ="), "a clause has a need"),
        (("caught in it.", "caught in it"), "is not one sentence"),
    ],
)
def test_clauses_are_checked(change, reason):
    with pytest.raises(PageError, match=reason):
        read("bulkhead", "fault-tolerance", page(HEAD + MEETS.replace(*change)))


@pytest.mark.parametrize("text", ["", "## What it is\n", "+++\ntitle = 'x'\n"])
def test_page_without_a_head_is_none(text):
    with pytest.raises(PageError, match="a page begins with a head in TOML"):
        read("bulkhead", "fault-tolerance", text)


def test_anti_pattern_names_a_rule_or_says_why_there_is_none():
    kind = "anti-pattern"
    assert read("x", kind, page('rules = ["bare-spawn"]\n' + HEAD, kind)).rules == ("bare-spawn",)
    assert read("x", kind, page('no_rule = "Nobody can tell."\n' + HEAD, kind)).no_rule == "Nobody can tell."
    for head in (HEAD, 'rules = ["bare-spawn"]\nno_rule = "Nobody can tell."\n' + HEAD):
        with pytest.raises(PageError, match="either rules or the sentence no_rule"):
            read("x", kind, page(head, kind))
