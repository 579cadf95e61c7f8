"""Pages written from the source say what the source says."""

from __future__ import annotations

import pytest

from whetstone_knowledge import catalogue, entry_pages
from whetstone_knowledge.entries import entries
from whetstone_knowledge.rules import RULES


def test_rules_page_is_current() -> None:
    assert catalogue.RULES_PAGE.read_text(encoding="utf-8") == catalogue.catalogue(RULES)


def test_entries_page_is_current() -> None:
    assert entry_pages.ENTRIES_PAGE.read_text(encoding="utf-8") == entry_pages.catalogue(entries())


@pytest.mark.parametrize(("module", "page"), [(catalogue, "RULES"), (entry_pages, "ENTRIES")])
def test_check_says_what_to_run_when_a_page_is_stale(module, page, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(module, f"{page}_PAGE", tmp_path / f"{page}.md")
    assert catalogue.main(["--check"]) == 1
    assert f"{page}.md is not current: run `python -m whetstone_knowledge.catalogue`" in capsys.readouterr().err
    assert catalogue.main([]) == 0
    assert catalogue.main(["--check"]) == 0


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_index_leads_to_the_page_of_every_rule(rule) -> None:
    text = catalogue.catalogue(RULES)
    assert f"| {rule.code} | [{rule.name}](#{rule.name}) |" in text
    assert text.count(f"\n## {rule.name}\n") == 1


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_page_shows_every_example(rule) -> None:
    page = catalogue.page(rule)
    for example in (*(source for pair in rule.pairs for source in pair), *rule.look_alikes):
        assert f"\n{example.rstrip()}\n" in page


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_first_line_of_a_page_is_a_sentence(rule) -> None:
    first = (type(rule).__doc__ or "").partition("\n")[0]
    assert first.endswith(".")
    assert first[0].isupper()
