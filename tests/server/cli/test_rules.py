"""`whetstone rules` and `explain`: every rule by code and by name, on a page that a pipe gets as Markdown."""

from __future__ import annotations

import pytest
from rich.console import Console

from whetstone_knowledge import BY_CODE, RULES
from whetstone_knowledge.catalogue import page


def test_rules_lists_them_all(whetstone):
    done = whetstone("rules")
    assert done.status == 0
    assert [line.split()[:2] for line in done.out.splitlines()] == [[rule.code, rule.name] for rule in RULES]


def test_rules_as_json_is_the_contract(whetstone):
    document = whetstone("rules", "--format", "json").json
    assert document["version"] == 1
    assert [rule["code"] for rule in document["rules"]] == list(BY_CODE)
    for rule in document["rules"]:
        assert {"code", "rule", "title", "language", "fix", "evidence"} <= set(rule)
        assert all(isinstance(ratio, float) for ratio in rule["evidence"].values())


def test_one_rule_can_be_asked_for(whetstone):
    document = whetstone("rules", "wp101", "--format", "json").json
    assert [rule["rule"] for rule in document["rules"]] == ["string-built-in-loop"]


def test_a_rule_that_is_none_is_status_2(whetstone):
    assert whetstone("rules", "WX1").status == 2


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_explain_prints_the_page(whetstone, rule):
    for word in (rule.code, rule.code.lower(), rule.name):
        assert whetstone("explain", word) == (0, page(rule), "")


def test_explain_lays_the_page_out_for_a_terminal(whetstone, monkeypatch):
    monkeypatch.setattr(
        "whetstone_server.cli.terminal.console", lambda: Console(force_terminal=True, width=100, color_system=None)
    )
    out = whetstone("explain", "WP101").out
    assert "string-built-in-loop" in out
    assert "```" not in out


def test_explain_suggests_the_nearest(whetstone):
    done = whetstone("explain", "string-build-in-loop")
    assert (done.status, done.out) == (2, "")
    assert "did you mean WP101 (string-built-in-loop)?" in done.err
