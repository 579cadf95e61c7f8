"""`whetstone new`: real projects in which what was written passes its own tests, and bad input that touches nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from whetstone_codegen.templates import TEMPLATES

needs_elixir = pytest.mark.skipif(shutil.which("mix") is None, reason="needs Elixir")


def mix(folder, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["mix", *arguments], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def app(folder):
    """A project as `mix new --sup` makes it, below the working directory."""
    made = mix(folder, "new", "ledger", "--sup")
    assert made.returncode == 0, made.stderr
    return folder / "ledger"


def held(folder) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@needs_elixir
def test_a_template_works_in_a_new_project_at_once(whetstone, app):
    """The issue's own story: written, tested, formatted, and a second time nothing changes."""
    done = whetstone("new", "gen_server", "Ledger.Store", "--into", "ledger")
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines() == [
        "created    ledger/lib/ledger/store.ex",
        "created    ledger/test/ledger/store_test.exs",
        "changed    ledger/lib/ledger/application.ex  starts Ledger.Store",
        "try it     cd ledger && mix test test/ledger/store_test.exs",
    ]
    tested = mix(app, "test", "--warnings-as-errors")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert mix(app, "format", "--check-formatted").returncode == 0
    before = held(app)
    again = whetstone("new", "gen-server", "Ledger.Store", "--into", "ledger/lib")
    assert (again.status, again.err) == (0, "")
    assert again.out.splitlines()[-1] == "It was all there already; nothing was changed."
    assert held(app) == before


@needs_elixir
def test_all_templates_live_in_one_application(whetstone, app):
    """Each is started by the application while its own test runs beside it."""
    for template in (each for each in TEMPLATES if each.language == "elixir"):
        name = "".join(part.capitalize() for part in template.name.split("-"))
        alone = ["--unsupervised"] * (template.name == "application")  # the project has one
        done = whetstone("new", template.name, f"Ledger.Parts.{name}", "--into", "ledger", *alone)
        assert (done.status, done.err) == (0, "")
    tested = mix(app, "test", "--warnings-as-errors")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert mix(app, "format", "--check-formatted").returncode == 0


@needs_elixir
def test_json_says_what_became_of_each_file(whetstone, app):
    document = whetstone(
        *("new", "gen_server", "Ledger.Store", "--into", "ledger", "--set", "shutdown=1000", "--format", "json")
    ).json
    files = document.pop("files")
    assert document.pop("answers")["shutdown"] == "1000"
    assert document == {
        "version": 1,
        "template": "gen-server",
        "language": "elixir",
        "name": "Ledger.Store",
        "children": ["Ledger.Store"],
        "dry_run": False,
    }
    assert [(file["path"], file["what"], file["status"]) for file in files] == [
        ("ledger/lib/ledger/store.ex", "module", "created"),
        ("ledger/test/ledger/store_test.exs", "test", "created"),
        ("ledger/lib/ledger/application.ex", "supervisor", "changed"),
    ]
    assert "+      Ledger.Store\n" in files[2]["diff"]
    assert "shutdown: 1_000" in (app / "lib" / "ledger" / "store.ex").read_text()


@needs_elixir
def test_a_dry_run_shows_all_and_writes_nothing(whetstone, app):
    before = held(app)
    done = whetstone("new", "gen_server", "Ledger.Store", "--into", "ledger", "--dry-run")
    assert done.status == 0
    assert "+defmodule Ledger.Store do" in done.out
    assert "+      Ledger.Store\n" in done.out
    assert done.out.splitlines()[-1] == "Nothing was written, because of --dry-run."
    assert held(app) == before


@needs_elixir
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("gen_server", "ledger"), "'ledger' is no name of a module"),
        (("gen_server", "Ledger.Application"), "application.ex is there and holds something else"),
        (("gen_server", "Ledger.Store", "--set", "fields=end: integer"), "fields: end is a word of the language"),
        (("gen_server", "Ledger.Store", "--set", "fields"), "--set takes KEY=VALUE, not fields"),
        (
            ("gen_server", "Ledger.Store", "--set", "naming=none", "--set", "naming=local"),
            "--set naming is given twice",
        ),
        (("gen_server", "Ledger.Store", "--supervisor", "Ledger.Nobody"), "defines Ledger.Nobody"),
        (("gen_servant", "Ledger.Store"), "did you mean gen-server?"),
        (("gen_server", "--dry-run"), "a NAME is missing"),
    ],
)
def test_bad_input_says_what_is_wrong_and_touches_nothing(whetstone, app, arguments, said):
    before = held(app)
    done = whetstone("new", *arguments, "--into", "ledger")
    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1
    assert held(app) == before


@needs_elixir
def test_an_application_without_a_supervisor_is_told_how_to_get_one(whetstone, folder):
    assert mix(folder, "new", "plain").returncode == 0
    before = held(folder)
    done = whetstone("new", "gen_server", "Plain.Store", "--into", "plain")
    assert done.status == 2
    assert "`whetstone new application Plain.Application`" in done.err
    assert held(folder) == before
    assert whetstone("new", "gen_server", "Plain.Store", "--into", "plain", "--unsupervised").status == 0
    assert mix(folder / "plain", "test", "--warnings-as-errors").returncode == 0


@needs_elixir
def test_an_application_is_named_in_the_project_and_takes_children_afterwards(whetstone, folder):
    """From a project without a tree to one with a supervised server, in two commands."""
    assert mix(folder, "new", "plain").returncode == 0
    first = whetstone("new", "application", "Plain.Application", "--into", "plain")
    assert (first.status, first.err) == (0, "")
    assert "changed    plain/mix.exs  starts Plain.Application" in first.out
    again = whetstone("new", "application", "Plain.Application", "--into", "plain")
    assert again.out.splitlines()[-1] == "It was all there already; nothing was changed."
    second = whetstone("new", "gen_server", "Plain.Store", "--into", "plain")
    assert "changed    plain/lib/plain/application.ex  starts Plain.Store" in second.out
    tested = mix(folder / "plain", "test", "--warnings-as-errors")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert mix(folder / "plain", "format", "--check-formatted").returncode == 0
    before = held(folder)
    other = whetstone("new", "application", "Plain.Other", "--into", "plain")
    assert other.status == 2
    assert "mix.exs: the application starts with Plain.Application already" in other.err
    assert held(folder) == before


@pytest.mark.parametrize("source", ["", "src"])
def test_python_gets_a_module_and_a_test(whetstone, folder, source):
    """A package that is there decides where it goes; there is no tree to be put into."""
    package = folder / source / "ledger"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    done = whetstone("new", "circuit_breaker", "ledger.bank", "--format", "json")
    assert (done.status, done.err) == (0, "")
    document = done.json
    assert (document["language"], document["children"]) == ("python", [])
    module = (package / "bank.py").relative_to(folder).as_posix()
    assert [(file["path"], file["status"]) for file in document["files"]] == [
        (module, "created"),
        ("tests/test_ledger_bank.py", "created"),
    ]
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(package.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr
    again = whetstone("new", "circuit_breaker", "ledger.bank")
    assert again.out.splitlines()[-1] == "It was all there already; nothing was changed."


def test_a_folder_that_is_no_project_is_named(whetstone):
    done = whetstone("new", "gen_server", "Ledger.Store")
    assert done.status == 2
    assert "is not in a Mix project" in done.err
    assert "--into" in done.err


def test_the_list_says_what_each_template_asks(whetstone):
    document = whetstone("new", "--list", "--format", "json").json
    assert document["version"] == 1
    assert [(each["language"], each["name"]) for each in document["templates"]] == [
        (each.language, each.name) for each in TEMPLATES
    ]
    for listed, template in zip(document["templates"], TEMPLATES, strict=True):
        assert [asked["name"] for asked in listed["questions"]] == [asked.name for asked in template.questions]
    out = whetstone("new").out
    assert all(template.title in out for template in TEMPLATES)
    assert all(f"'{question.name}=" in out for template in TEMPLATES for question in template.questions)


def test_one_template_says_what_it_asks(whetstone):
    out = whetstone("new", "gen_server").out
    assert out.startswith("gen-server  elixir  GenServer")
    assert "circuit-breaker" not in out
    assert "--set 'naming=local'" in out
    unknown = whetstone("new", "teapot")
    assert (unknown.status, unknown.out) == (2, "")
    assert "no template is called teapot" in unknown.err
