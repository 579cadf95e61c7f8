"""Templates are whole: every folder is in the list, holds all its files, and names what exists."""

from __future__ import annotations

import subprocess
import sys

import pytest

from whetstone_codegen import catalogue
from whetstone_codegen.answers import checked
from whetstone_codegen.render import child
from whetstone_codegen.template import FOLDER, LANGUAGES
from whetstone_codegen.templates import MENU, TEMPLATES, named
from whetstone_knowledge.elixir.children import child_from
from whetstone_knowledge.entries import entries

ENTRIES = {entry.name: entry for entry in entries()}
FILES = {
    "elixir": {"template.toml", "module.ex.jinja", "test.exs.jinja", "mutants.toml"},
    "python": {"template.toml", "module.py.jinja", "test.py.jinja", "mutants.toml"},
}
every_template = pytest.mark.parametrize("template", TEMPLATES, ids=str)


def test_every_folder_is_in_the_menu():
    folders = {(folder.parent.name, folder.name) for folder in FOLDER.glob("*/*/") if folder.name != "__pycache__"}
    assert folders == {(template.language, template.folder.name) for template in TEMPLATES}
    assert len(set(MENU)) == len(MENU)


def test_a_template_is_found_by_either_way_to_write_its_name():
    found = named("elixir", "gen-server")
    assert found is not None
    assert (found.language, found.name) == ("elixir", "gen-server")
    assert named("elixir", "gen_server") is found
    assert named("elixir", "gen-servers") is None


@every_template
def test_its_folder_holds_all_its_files(template):
    assert {path.name for path in template.folder.iterdir()} - {"example"} == FILES[template.language]


@every_template
def test_its_entry_leads_back_to_it(template):
    assert template.name in ENTRIES[template.entry].templates


@every_template
def test_its_head_reads_well(template):
    assert template.title
    assert not template.title.endswith(".")
    assert template.summary.endswith(".")
    assert "\n" not in template.summary
    assert all(named(template.language, other) for other in template.after)


@every_template
def test_its_questions_are_few_and_say_what_they_ask(template):
    """Four to nine, so that every pair of answers can be tried, and nobody is asked for what matters little."""
    assert 4 <= len(template.questions) <= 9
    for question in template.questions:
        assert question.help.endswith("."), question.name
        assert (question.unit is not None) == (question.type in {"integer", "number"}), question.name


@every_template
def test_what_is_asked_is_answered_by_default(template):
    answers = checked(template, {})
    assert list(answers) == [question.name for question in template.questions if question.name in answers]


@pytest.mark.parametrize("template", [each for each in TEMPLATES if each.child], ids=str)
def test_its_child_is_one_that_a_supervisor_can_start(template):
    lines = (child(template, template.example, checked(template, {})) or "").splitlines()
    listed = [child_from(line.strip()) for line in lines if line.strip()]
    assert any(template.example in {each.module, each.name} for each in listed)


@every_template
def test_it_says_what_its_test_holds_it_to(template):
    features = [mutant.feature for mutant in template.mutants]
    assert len(features) >= 3
    assert len(set(features)) == len(features)


def test_what_the_server_imports_first_is_not_jinja():
    code = "import sys, whetstone_codegen, whetstone_codegen.templates; print('jinja2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(LANGUAGES) == set(FILES)
    assert done.stdout == "False\n"


def test_the_page_of_all_templates_is_current():
    assert catalogue.PAGE.read_text(encoding="utf-8") == catalogue.catalogue(TEMPLATES)


@every_template
def test_its_example_is_what_it_writes(template):
    """To the letter, and there is nothing else in it."""
    wanted = catalogue.examples([template])
    there = {path for path in (template.folder / "example").rglob("*") if path.is_file()}
    assert {path: path.read_text(encoding="utf-8") for path in there} == wanted


@every_template
def test_its_page_names_all_that_it_asks(template):
    page = catalogue.page(template)
    assert all(f"| `{question.name}` |" in page for question in template.questions)
    assert catalogue.catalogue(TEMPLATES).count(f"\n### {template.name}-in-{template.language}\n") == 1


def test_check_says_what_to_run_when_something_is_stale(monkeypatch, capsys):
    monkeypatch.setattr(catalogue, "PAGE", catalogue.PAGE.with_name("STALE.md"))
    assert catalogue.main(["--check"]) == 1
    assert capsys.readouterr().err == "STALE.md is not current: run `python -m whetstone_codegen.catalogue`\n"
    assert not catalogue.PAGE.exists()
