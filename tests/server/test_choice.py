"""Which rules speak: those that were named, but those that were taken out, and some only when asked for by name."""

from __future__ import annotations

import subprocess
import sys

import pytest

from whetstone_knowledge.rules import BY_CODE, RULES
from whetstone_server.choice import Choice

ON_REQUEST = {rule.code for rule in RULES if rule.on_request}


def codes(choice):
    return {rule.code for language in ("python", "elixir") for rule in choice.rules(language)}


def test_without_a_word_it_is_all_but_those_on_request():
    assert codes(Choice()) == set(BY_CODE) - ON_REQUEST
    assert codes(Choice(on_request=True)) == set(BY_CODE)


@pytest.mark.parametrize("word", ["WP105", "wp105", BY_CODE["WP105"].name, BY_CODE["WP105"].name.upper()])
def test_a_rule_is_named_by_code_or_name(word):
    assert codes(Choice((word,))) == {"WP105"}


def test_the_beginning_of_codes_and_all_mean_many():
    assert codes(Choice(("WE1",))) == {code for code in BY_CODE if code.startswith("WE1")} - ON_REQUEST
    assert codes(Choice(("all",))) == set(BY_CODE) - ON_REQUEST


def test_those_on_request_have_to_be_named():
    for code in ON_REQUEST:
        assert codes(Choice((code,))) == codes(Choice((BY_CODE[code].name,))) == {code}
        assert codes(Choice((code[:4],))) <= set(BY_CODE) - ON_REQUEST


def test_what_is_ignored_is_never_among_them():
    assert codes(Choice(("WP1",), ("WP105",))) == codes(Choice(("WP1",))) - {"WP105"}
    assert codes(Choice(ignore=("all",))) == set()


def test_who_checks_python_does_not_wait_for_the_rules_for_elixir(tmp_path):
    (tmp_path / "a.py").write_text("x = 1  # whetstone: ignore[WP105]\n")
    program = f"""
import sys
from whetstone_server.cli import main
status = main(["check", {str(tmp_path)!r}, "--select", "all", "--ignore", "WP105"])
sys.exit("elixir was loaded" if "whetstone_knowledge.rules.elixir" in sys.modules else status)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
