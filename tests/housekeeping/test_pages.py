"""Pages written from the source say what the source says."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from pathlib import Path

import pytest

from dev import editor_settings
from whetstone_knowledge import catalogue, entry_pages
from whetstone_knowledge.entries import entries
from whetstone_knowledge.rules import RULES
from whetstone_server.settings import Settings


def test_rules_page_is_current() -> None:
    assert catalogue.RULES_PAGE.read_text(encoding="utf-8") == catalogue.catalogue(RULES)


def test_entries_page_is_current() -> None:
    assert entry_pages.ENTRIES_PAGE.read_text(encoding="utf-8") == entry_pages.catalogue(entries())


def test_editor_settings_are_current() -> None:
    text = editor_settings.MANIFEST.read_text(encoding="utf-8")
    assert text == editor_settings.written(text)


def test_the_editor_has_every_setting_but_trust_which_it_knows_better() -> None:
    written = json.loads(editor_settings.MANIFEST.read_text(encoding="utf-8"))
    names = {name.removeprefix("whetstone.") for name in written["contributes"]["configuration"]["properties"]}
    ours = {editor_settings._camel(setting.name) for setting in dataclasses.fields(Settings)}
    assert names == (ours - {"trusted"}) | {"server.command", "preview"}


def test_no_workspace_can_set_what_only_the_person_may() -> None:
    scopes = {name: value["scope"] for name, value in editor_settings.properties().items()}
    for setting in dataclasses.fields(Settings):
        if setting.metadata["editor_only"] and setting.name != "trusted":
            assert scopes[editor_settings._camel(setting.name)] == "application"


def test_stale_editor_settings_are_told_and_written_anew(tmp_path, monkeypatch, capsys) -> None:
    stale = tmp_path / "package.json"
    stale.write_text(editor_settings.MANIFEST.read_text(encoding="utf-8").replace('"default": 1.05', '"default": 1.5'))
    monkeypatch.setattr(editor_settings, "MANIFEST", stale)
    assert editor_settings.main(["--check"]) == 1
    assert "package.json is not current: run `python dev/editor_settings.py`" in capsys.readouterr().err
    assert editor_settings.main([]) == 0
    assert editor_settings.main(["--check"]) == 0


def test_the_extension_and_the_server_have_one_version() -> None:
    root = Path(__file__).parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert json.loads(editor_settings.MANIFEST.read_text(encoding="utf-8"))["version"] == project["version"]


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
    for example in filter(None, (*(source for pair in rule.pairs for source in pair), *rule.look_alikes)):
        assert f"\n{example.rstrip()}\n" in page


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_first_line_of_a_page_is_a_sentence(rule) -> None:
    first = (type(rule).__doc__ or "").partition("\n")[0]
    assert first.endswith(".")
    assert first[0].isupper()
