"""`whetstone knowledge`: everything in JSON as the contract has it, pages as Markdown, and help with a slip."""

from __future__ import annotations

import subprocess
import sys

import pytest
from rich.console import Console

from whetstone_codegen.templates import TEMPLATES
from whetstone_knowledge.entries import entries
from whetstone_knowledge.entry import KINDS
from whetstone_knowledge.entry_pages import page
from whetstone_knowledge.need import FAILURES, SCALES, STATES, USES

NAMES = [entry.name for entry in entries()]
WRITTEN = {template.name for template in TEMPLATES}


def test_list_has_every_entry(whetstone):
    document = whetstone("knowledge", "list", "--format", "json").json
    assert document["version"] == 1
    assert [entry["name"] for entry in document["entries"]] == NAMES
    for entry in document["entries"]:
        assert set(entry) == {"name", "kind", "title", "summary", "score", "reasons"}
        assert (entry["score"], entry["reasons"]) == (None, [])


def test_list_stands_by_kind(whetstone):
    done = whetstone("knowledge", "list")
    assert (done.status, done.err) == (0, "")
    lines = [line for line in done.out.splitlines() if line]
    assert [line for line in lines if line in KINDS.values()] == list(KINDS.values())
    assert [line.split()[0] for line in lines if line not in KINDS.values()] == NAMES


def test_list_of_one_kind(whetstone):
    document = whetstone("knowledge", "list", "--kind", "behaviour", "--format", "json").json
    assert {entry["kind"] for entry in document["entries"]} == {"behaviour"}
    assert whetstone("knowledge", "list", "--kind", "rumour").status == 2


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.name)
def test_show_prints_the_page(whetstone, entry):
    assert whetstone("knowledge", "show", entry.name) == (0, page(entry, WRITTEN), "")


def test_show_knows_titles_in_any_case(whetstone):
    assert whetstone("knowledge", "show", "genserver").out == whetstone("knowledge", "show", "gen-server").out


def test_show_names_rules_that_exist_and_no_others(whetstone):
    sort = whetstone("knowledge", "show", "whole-sort-for-one-end")
    assert "- `WP105` [sorted-for-one-end](https://" in sort.out
    assert "- `WE211` [whole-sort-for-one-end](https://" in sort.out
    assert sort.out.count("](https://") == 2
    document = whetstone("knowledge", "show", "whole-sort-for-one-end", "--format", "json").json
    assert [rule["code"] for rule in document["entry"]["rules"]] == ["WP105", "WE211"]


def test_show_names_templates_that_exist_and_no_others(whetstone):
    assert "- `whetstone new gen-server NAME`" in whetstone("knowledge", "show", "gen-server").out
    for entry in entries():
        document = whetstone("knowledge", "show", entry.name, "--format", "json").json
        shown = {template["template"] for template in document["entry"]["templates"]}
        assert shown == WRITTEN & set(entry.templates)


def test_show_says_why_no_rule_can_find_it(whetstone):
    document = whetstone("knowledge", "show", "comments-overuse", "--format", "json").json
    assert document["entry"]["rules"] == []
    assert document["entry"]["no_rule"] in whetstone("knowledge", "show", "comments-overuse").out


def test_show_as_json_has_the_whole_page(whetstone):
    entry = whetstone("knowledge", "show", "pool", "--format", "json").json["entry"]
    assert list(entry["sections"]) == [
        "What it is",
        "When to use it",
        "When not to",
        "What it costs",
        "What is lost on a crash",
    ]
    assert all(source.startswith("https://") for source in entry["sources"])


def test_show_lays_the_page_out_for_a_terminal(whetstone, monkeypatch):
    monkeypatch.setattr(
        "whetstone_server.cli.terminal.console", lambda: Console(force_terminal=True, width=100, color_system=None)
    )
    out = whetstone("knowledge", "show", "circuit-breaker").out
    assert "Circuit breaker" in out
    assert "```" not in out


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("circut-breaker", "did you mean circuit-breaker?"),
        ("election", "did you mean hot-standby?"),
        ("zzqx", "`whetstone knowledge list` has them all"),
    ],
)
def test_show_of_none_suggests_one(whetstone, word, hint):
    done = whetstone("knowledge", "show", word)
    assert (done.status, done.out) == (2, "")
    assert done.err == f"whetstone: no entry is called {word}; {hint}\n"


def test_search_ranks_and_says_where_the_words_stand(whetstone):
    document = whetstone("knowledge", "search", "circuit", "breaker", "--format", "json").json
    (first, second, *_) = document["entries"]
    assert (first["name"], first["reasons"]) == ("circuit-breaker", ["circuit in the title", "breaker in the title"])
    assert first["score"] > second["score"] > 0
    assert whetstone("knowledge", "search", "circuit breaker").out.startswith("circuit-breaker ")


def test_search_lists_no_more_than_wanted(whetstone):
    assert len(whetstone("knowledge", "search", "process", "--limit", "3").out.splitlines()) == 3
    assert len(whetstone("knowledge", "search", "process").out.splitlines()) == 10
    done = whetstone("knowledge", "search", "process", "--limit", "0")
    assert (done.status, done.err) == (2, "whetstone: --limit must be 1 or more, not 0\n")


def test_search_that_finds_nothing_is_no_failure(whetstone):
    assert whetstone("knowledge", "search", "zzqx", "--format", "json").json == {"version": 1, "entries": []}
    done = whetstone("knowledge", "search", "braeker")
    assert (done.status, done.out) == (0, "")
    assert done.err == "whetstone: no entry speaks of braeker; did you mean breaker?\n"
    assert "`whetstone knowledge list` has them all" in whetstone("knowledge", "search", "zzqx").err


def test_recommend_gives_reasons_and_says_what_was_ruled_out(whetstone):
    document = whetstone("knowledge", "recommend", "--use-case", "functions", "--format", "json").json
    assert document["need"] == {"use": ["functions"], "state": [], "scale": [], "survive": [], "nodes": []}
    assert [entry["name"] for entry in document["entries"]] == ["plain-functions"]
    assert {"gen-server", "agent"} <= {entry["name"] for entry in document["ruled_out"]}
    for entry in (*document["entries"], *document["ruled_out"]):
        assert entry["reasons"]


def test_recommend_in_words(whetstone):
    out = whetstone("knowledge", "recommend", "--use-case", "workers", "--scale", "medium").out
    above, below = out.split("ruled out")
    assert above.startswith(" 1. worker-pool  Worker pool of tasks\n      Independent jobs are tasks")
    assert "    pool  Pool with check-out\n" in below
    assert all(len(line) <= 100 for line in out.splitlines())


def test_recommend_takes_several_words_together_or_apart(whetstone):
    together = whetstone("knowledge", "recommend", "--survive", "crash,dependency")
    apart = whetstone("knowledge", "recommend", "--survive", "crash", "--survive", "dependency")
    assert together == apart
    assert together.status == 0


def test_need_that_nothing_answers_is_no_failure(whetstone):
    document = whetstone("knowledge", "recommend", "--scale", "small", "--format", "json").json
    assert (document["entries"], document["ruled_out"]) == ([], [])
    done = whetstone("knowledge", "recommend", "--scale", "small")
    assert (done.status, done.err) == (0, "")
    assert done.out == "No entry answers this. Say more of what it does, keeps, or must survive.\n"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "say what is needed: --use-case, --state, --scale, --survive, --nodes; --help lists the words"),
        (("--use-case", "jobs"), "jobs is no use case; there are functions, workers,"),
        (("--state", "much"), "much is no state; there are none, private, shared;"),
        (("--nodes", "0"), "there is at least 1 node, not 0;"),
        (("--use-case", "functions,workers"), "what only computes does no workers: leave out functions, or workers;"),
    ],
)
def test_need_that_cannot_be_meant_is_status_2(whetstone, options, sentence):
    done = whetstone("knowledge", "recommend", *options)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"whetstone: {sentence}")
    assert done.err.count("\n") == 1


def test_help_lists_every_word_of_a_need(whetstone):
    known = whetstone("knowledge", "recommend", "--help").out
    told = " ".join(known.split())  # however wide the terminal is
    for words in (USES, STATES, SCALES, FAILURES):
        for word, meaning in words.items():
            assert f"\n  {word} " in known
            assert f"{word} {meaning}" in told


@pytest.mark.parametrize("deed", [("list",), ("search", "cache"), ("recommend", "--use-case", "reads")])
def test_no_parser_of_code_is_loaded_to_look_something_up(deed, tmp_path):
    """These start quickly because the rules, and what they parse with, stay away."""
    script = (
        "import sys; from whetstone_server.cli import main; "
        f"main({['knowledge', *deed]!r}); sys.exit(sum(name.startswith('tree_sitter') for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, cwd=tmp_path, check=False)
    assert done.returncode == 0
