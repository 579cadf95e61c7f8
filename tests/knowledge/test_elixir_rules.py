"""Every rule for Elixir against its own examples: what it finds, what it makes of it, and where it holds its tongue."""

from __future__ import annotations

import inspect
import logging
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from benchmarks import elixir_evidence
from whetstone_codegen import rewritten
from whetstone_knowledge.elixir.find import find
from whetstone_knowledge.elixir.reading import read
from whetstone_knowledge.rules import elixir_rules

if TYPE_CHECKING:
    from whetstone_knowledge.rule import ElixirRule

RULES = elixir_rules()
PAIRS = [
    pytest.param(rule, before, after, id=f"{rule.name}-{number}")
    for rule in RULES
    for number, (before, after) in enumerate(rule.pairs)
]
MENDED = [pair for pair in PAIRS if pair.values[0].fix != "none"]
LOOK_ALIKES = [
    pytest.param(rule, example, id=f"{rule.name}-{number}")
    for rule in RULES
    for number, example in enumerate(rule.look_alikes)
]
FORMATTER = """
for path <- System.argv() do
  source = File.read!(path)
  formatted = IO.iodata_to_binary([Code.format_string!(source), "\\n"])
  IO.puts(if formatted == source, do: "as it is", else: "otherwise: " <> inspect(path))
end
"""

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@pytest.fixture(autouse=True)
def no_rule_breaks(caplog):
    """A rule that raises is logged and passed over where people work; here it fails."""
    yield
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(("rule", "example"), LOOK_ALIKES)
def test_stays_quiet(rule: ElixirRule, example: str) -> None:
    assert not read(example.encode()).root.has_error
    assert find(example.encode(), [rule]) == []


@pytest.mark.parametrize(("rule", "before", "after"), PAIRS)
def test_finds_one_thing(rule: ElixirRule, before: str, after: str) -> None:
    findings = find(before.encode(), [rule])
    assert [finding.code for finding in findings] == [rule.code]
    assert findings[0].fix == rule.fix or (rule.fix, findings[0].fix) == ("mechanical", "review")
    assert findings[0].severity == rule.severity
    assert not re.search(r"\{\w+\}", findings[0].message)
    assert bool(after) == (rule.fix != "none")


@pytest.mark.parametrize(("rule", "before", "after"), MENDED)
def test_mends_it(rule: ElixirRule, before: str, after: str) -> None:
    (finding,) = find(before.encode(), [rule])
    assert rewritten(before.encode(), finding, rule).text.decode() == after


@pytest.mark.parametrize(("rule", "before", "after"), MENDED)
def test_leaves_nothing_to_find(rule: ElixirRule, before: str, after: str) -> None:
    """What a rule makes, it does not find again."""
    assert find(after.encode(), [rule]) == []


@pytest.mark.parametrize(("rule", "before", "after"), MENDED)
def test_mends_with_windows_newlines(rule: ElixirRule, before: str, after: str) -> None:
    source = before.replace("\n", "\r\n").encode()
    (finding,) = find(source, [rule])
    assert rewritten(source, finding, rule).text.decode() == after.replace("\n", "\r\n")


@pytest.mark.parametrize(("rule", "before", "after"), PAIRS)
def test_says_the_same_behind_a_function_that_is_being_typed(rule: ElixirRule, before: str, after: str) -> None:
    """An open bracket somewhere else in the text hides nothing, and adds nothing."""
    typed = b"defmodule Typed do\n  def half(a) do\n    case foo(a do\n  end\nend\n\n"
    found = find(before.encode(), [rule])
    beside = find(typed + before.encode(), [rule])
    assert [finding.shifted(len(typed)) for finding in found] == beside


@pytest.mark.parametrize(("rule", "before", "after"), PAIRS)
def test_never_raises_while_somebody_types(rule: ElixirRule, before: str, after: str) -> None:
    source = before.encode()
    for end in range(0, len(source), 3):
        find(source[:end], [rule])


@pytest.mark.parametrize(("rule", "before", "after"), PAIRS)
def test_leaves_tests_and_scripts_alone_where_it_says_so(rule: ElixirRule, before: str, after: str) -> None:
    for path in ("test/support/thing.ex", "priv/repo/seeds.exs"):
        assert bool(find(before.encode(), [rule], path)) != rule.leaves_tests
    assert find(before.encode(), [rule], "lib/thing.ex")


@each_rule
def test_speaks_unasked_unless_it_is_for_request(rule: ElixirRule) -> None:
    (before, _), *_ = rule.pairs
    assert (rule.code in {finding.code for finding in find(before.encode())}) != rule.on_request


@each_rule
def test_reads_as_a_page(rule: ElixirRule) -> None:
    """The first line says what is found, the rest why it matters and when the rule stays quiet."""
    lines = (inspect.getdoc(rule) or "").splitlines()
    assert lines[0].endswith(".")
    assert len(lines[0]) <= 100
    assert lines[1:2] == [""]
    assert re.search(r"quiet|speaks only", " ".join(lines[2:]))
    assert rule.title
    assert rule.message[0].isupper() or rule.message[0] in "`{"
    assert not rule.title.endswith(".")
    assert not rule.message.endswith(".")
    assert 0 <= rule.weight <= 100
    assert rule.quiet


@pytest.mark.skipif(shutil.which("elixir") is None, reason="Elixir is not installed")
def test_examples_are_formatted_as_elixir_does_it(tmp_path) -> None:
    """So what a rule writes into formatted code is formatted, and every example is code that Elixir reads."""
    paths = []
    for rule in RULES:
        texts = (*(text for pair in rule.pairs for text in pair if text), *rule.look_alikes)
        for number, text in enumerate(texts):
            path = tmp_path / f"{rule.code}_{number}.ex"
            path.write_text(text, encoding="utf-8")
            paths.append(str(path))
    script = tmp_path / "check.exs"
    script.write_text(FORMATTER, encoding="utf-8")
    done = subprocess.run(["elixir", str(script), *paths], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line != "as it is"] == []
    assert len(done.stdout.splitlines()) == len(paths)


def test_what_was_measured_can_be_measured_again() -> None:
    assert [rule.name for rule in RULES if rule.evidence] == [rule.name for rule in RULES if rule.sample]


@pytest.mark.skipif(shutil.which("elixir") is None, reason="Elixir is not installed")
def test_samples_give_the_same_before_and_after() -> None:
    """The benchmark itself says so: it ends with the rule's code where a rewrite changes what comes out."""
    sampled = [rule for rule in RULES if rule.sample]
    assert [took.code for took in elixir_evidence.measured(sampled, rounds=1)] == [rule.code for rule in sampled]
