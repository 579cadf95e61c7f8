"""A template's texts are filled in with its answers, and anything forgotten is an error, not a gap."""

from __future__ import annotations

import jinja2
import pytest

from tests.codegen.test_answers import HEAD, asking
from whetstone_codegen.answers import AnswerError, checked
from whetstone_codegen.render import child, rendered
from whetstone_codegen.templates import named


def writing(folder, module: str, *questions: str, language: str = "elixir"):
    """Return a template whose module is this text, and whose test says only what it tests."""
    template = asking(folder, *questions, language=language)
    for name, text in {"module": module, "test": "{{ module }}Test\n"}.items():
        ending = {"elixir": "ex", "python": "py"}[language] + ("s" if (name, language) == ("test", "elixir") else "")
        (template.folder / f"{name}.{ending}.jinja").write_text(text)
    return template


def test_an_elixir_module_and_its_test_lie_where_mix_looks_for_them(tmp_path):
    template = writing(tmp_path, "{{ module }} {{ name }} {{ path }}\n")
    assert rendered(template, "Ledger.HTTPStore", {}) == {
        "lib/ledger/http_store.ex": "Ledger.HTTPStore HTTPStore ledger/http_store\n",
        "test/ledger/http_store_test.exs": "Ledger.HTTPStoreTest\n",
    }


def test_a_python_module_and_its_test_lie_where_pytest_looks_for_them(tmp_path):
    template = writing(tmp_path, "# {{ module }} {{ name }} {{ path }}\n", language="python")
    assert rendered(template, "ledger.store", {}) == {
        "ledger/store.py": "# ledger.store Store ledger/store\n",
        "tests/test_ledger_store.py": "ledger.storeTest\n",
    }


def test_a_name_that_is_none_is_refused(tmp_path):
    with pytest.raises(AnswerError, match=r"'\.\./etc' is no name of a module: write one like Ledger\.Store"):
        rendered(writing(tmp_path, ""), "../etc", {})


@pytest.mark.parametrize("name", ["Child", "deque", "Any", "T", "Exception", "shop.any"])
def test_a_name_that_the_python_module_itself_uses_is_refused(name, tmp_path):
    module = """
from collections import deque as Deque
if TYPE_CHECKING:
    from typing import Any
class Child: ...
T = TypeVar("T")
class {{ name }}: ...
"""
    with pytest.raises(AnswerError, match="is what tried itself uses: choose another name"):
        rendered(writing(tmp_path, module, language="python"), name, {})


def test_a_name_that_nobody_answers_is_an_error(tmp_path):
    with pytest.raises(jinja2.UndefinedError, match="colour"):
        rendered(writing(tmp_path, "{{ colour }}"), "A", {})


@pytest.mark.parametrize(
    ("language", "question", "literal"),
    [
        ("elixir", 'type = "integer"; default = 30_000', "30_000"),
        ("elixir", 'type = "number"; default = 0.5', "0.5"),
        ("elixir", 'type = "number"; default = 1e-7', "1.0e-7"),
        ("elixir", 'type = "boolean"; default = true', "true"),
        ("elixir", "type = 'text'; default = 'a \"b\" #{c} \\d'", '"a \\"b\\" \\#{c} \\\\d"'),
        ("python", 'type = "integer"; default = 30_000', "30_000"),
        ("python", 'type = "number"; default = 1e-7', "1e-07"),
        ("python", 'type = "boolean"; default = true', "True"),
        ("python", "type = 'text'; default = 'a \"b\" \\d'", '"a \\"b\\" \\\\d"'),
    ],
)
def test_a_literal_is_what_the_language_reads_back(language, question, literal, tmp_path):
    template = writing(tmp_path, "{{ q | literal }}", f'name = "q"; {question}', language=language)
    module, _ = rendered(template, "a" if language == "python" else "A", checked(template, {})).values()
    assert module == literal


def test_its_place_in_the_tree_is_filled_in_too(tmp_path):
    template = writing(tmp_path, "", 'name = "limit"; type = "integer"; default = 8')
    toml = template.folder / "template.toml"
    assert child(template, "A.B", checked(template, {})) is None
    toml.write_text(HEAD + 'child = "{{{ module }}, limit: {{ limit }}}"\n' + toml.read_text().removeprefix(HEAD))
    again = type(template)(template.language, template.name, template.templates)
    assert child(again, "A.B", checked(again, {})) == "{A.B, limit: 8}"


@pytest.mark.parametrize(
    "call", ["load: read balance", "note: read balance, save: write balance", "usage: read balance"]
)
def test_a_call_that_the_elixir_module_itself_makes_is_refused(call):
    """As public and private functions they would not compile; `put/2` beside a private `put/3` does."""
    template = named("elixir", "gen-server")
    assert rendered(template, "A.B", checked(template, {"calls": "put: write balance", "persistence": "file"}))
    with pytest.raises(AnswerError, match=r"calls: (load|save|usage) is what gen-server itself uses"):
        rendered(template, "A.B", checked(template, {"calls": call, "persistence": "file"}))


@pytest.mark.parametrize(
    "answers",
    [
        {"calls": "asyncio: read balance"},
        {"calls": "object: read balance"},
        {"calls": "handle: read balance"},
        {"fields": "list: integer, entries: list", "calls": "entries: read entries"},
        {"fields": "field: integer, entries: list", "calls": "entries: read entries"},
    ],
)
def test_a_name_that_the_classes_of_a_python_server_need_is_refused(answers):
    """In the body of a class it would hide the type or the module that other lines there mean."""
    with pytest.raises(AnswerError, match="is what the module itself uses"):
        checked(named("python", "server"), answers)


def test_the_options_of_a_server_that_can_do_everything_have_a_line_each():
    """They are as wide as a line only when three answers meet, and variants are tried for every two."""
    template = named("elixir", "gen-server")
    answers = checked(template, {"persistence": "file", "maintenance_interval": 60_000})
    _, test = rendered(template, "A.B", answers).values()
    assert "      options: [\n        name: nil,\n" in test


@pytest.mark.parametrize(
    ("strategy", "started"), [("list", "A.B"), ("dns", None), ("function", "{A.B, nodes: fn -> [] end}")]
)
def test_a_cluster_is_started_with_what_it_cannot_do_without(strategy, started):
    """Without a host there is none to be looked up, and the application would not start."""
    template = named("elixir", "cluster-membership")
    assert child(template, "A.B", checked(template, {"strategy": strategy})) == started


def test_a_supervisor_is_no_child_of_its_own():
    template = named("elixir", "supervisor")
    with pytest.raises(AnswerError, match=r"children: A\.B would start itself; name other modules"):
        rendered(template, "A.B", checked(template, {"children": "A.C, A.B"}))
