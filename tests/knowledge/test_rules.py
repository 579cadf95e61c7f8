"""Every rule for Python against its own examples: what it finds, what it makes of it, and where it holds its tongue."""

from __future__ import annotations

import importlib
import re
import textwrap
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import whetstone_knowledge
from whetstone_codegen import rewritten
from whetstone_knowledge import BY_CODE
from whetstone_knowledge.rules import PYTHON_RULES
from whetstone_knowledge.syntax import find

if TYPE_CHECKING:
    from whetstone_knowledge.rule import PythonRule

PAIRS = [
    pytest.param(rule, before, after, id=f"{rule.name}-{number}")
    for rule in PYTHON_RULES
    for number, (before, after) in enumerate(rule.pairs)
]
LOOK_ALIKES = [
    pytest.param(rule, example, id=f"{rule.name}-{number}")
    for rule in PYTHON_RULES
    for number, example in enumerate(rule.look_alikes)
]


def _calls_itself(source: object) -> bool:
    """Whether an example is recursive: a method has no such name to call itself by."""
    name = re.search(r"def (\w+)", str(source))
    return name is not None and len(re.findall(rf"\b{name[1]}\(", str(source))) > 1


each_rule = pytest.mark.parametrize("rule", PYTHON_RULES, ids=lambda rule: rule.name)


@pytest.mark.parametrize(("rule", "example"), LOOK_ALIKES)
def test_stays_quiet(rule: PythonRule, example: str) -> None:
    """A look-alike is valid code in which the rule finds nothing."""
    _compiles(example)
    assert find(example.encode(), [rule]) == []


@pytest.mark.parametrize(("rule", "before", "after"), PAIRS)
def test_finds_one_thing_and_mends_it(rule: PythonRule, before: str, after: str) -> None:
    _compiles(before)
    findings = find(before.encode(), [rule])
    assert [finding.code for finding in findings] == [rule.code]
    assert rewritten(before.encode(), findings[0], rule).text.decode() == after


@pytest.mark.parametrize(("rule", "before", "after"), PAIRS)
def test_leaves_nothing_to_find(rule: PythonRule, before: str, after: str) -> None:
    """What a rule makes, it does not find again: a second look offers nothing more."""
    _compiles(after)
    assert find(after.encode(), [rule]) == []


@pytest.mark.parametrize(("rule", "before", "after"), PAIRS)
def test_mends_with_windows_newlines(rule: PythonRule, before: str, after: str) -> None:
    source = before.replace("\n", "\r\n").encode()
    (finding,) = find(source, [rule])
    assert rewritten(source, finding, rule).text.decode() == after.replace("\n", "\r\n")


@pytest.mark.parametrize(("rule", "before", "after"), [pair for pair in PAIRS if not _calls_itself(pair.values[1])])
def test_mends_a_method_as_it_mends_a_function(rule: PythonRule, before: str, after: str) -> None:
    """In a class, with a decorator and another method beside it, the same lines come out, indented."""
    head, function = _split(before)
    source = f"{head}class Holder:\n    kept = 1\n\n    @staticmethod\n{textwrap.indent(function, '    ')}"
    (finding,) = find(source.encode(), [rule])
    new = rewritten(source.encode(), finding, rule).text.decode()
    assert textwrap.indent(_split(after)[1], "    ") in new
    _compiles(new)


@pytest.mark.parametrize(("rule", "before", "after"), PAIRS)
def test_says_where_and_what_in_words(rule: PythonRule, before: str, after: str) -> None:
    (finding,) = find(before.encode(), [rule])
    assert finding.severity == rule.severity
    assert finding.fix == rule.fix
    assert finding.unit is not None
    assert "{" not in finding.message
    assert any(literal in before for literal in rule.literals), "a scan would skip this function"
    if rule.needs_loop:
        assert re.search(r"\b(for|while)\b", before)


@each_rule
def test_reads_as_a_page(rule: PythonRule) -> None:
    """The first line says what is found, the rest why it costs time and when the rule stays quiet."""
    lines = textwrap.dedent("    " + (type(rule).__doc__ or "")).strip().splitlines()
    assert lines[0].endswith(".")
    assert len(lines[0]) <= 100
    assert lines[1:2] == [""]
    assert re.search(r"quiet|speaks only", " ".join(lines[2:]))
    assert rule.title
    assert rule.message[0].isupper() or rule.message[0] in "`{"
    assert not rule.title.endswith(".")
    assert not rule.message.endswith(".")


@each_rule
def test_has_one_name_in_many_forms(rule: PythonRule) -> None:
    module = importlib.import_module(type(rule).__module__)
    assert module.__name__.rpartition(".")[2].replace("_", "-") == rule.name
    assert (module.__doc__ or "").startswith(f"{rule.code}: ")
    assert BY_CODE[rule.code] is rule


@each_rule
def test_states_measured_evidence(rule: PythonRule) -> None:
    assert set(rule.evidence) >= {"3.11", "3.12", "3.13"}
    assert all(ratio > 0 for ratio in rule.evidence.values())
    before, after = rule.pairs[0]
    old, new = _called(rule, before), _called(rule, after)
    assert type(old) is type(new)
    assert old == new


@each_rule
def test_weighs_something(rule: PythonRule) -> None:
    assert 0 <= rule.weight <= 100
    assert rule.quiet
    assert rule.literals


def test_lists_every_rule_once_in_order_of_code() -> None:
    codes = [rule.code for rule in PYTHON_RULES]
    assert codes == sorted(codes)
    assert len(set(codes)) == len(codes)
    assert len({rule.name for rule in PYTHON_RULES}) == len(PYTHON_RULES)
    folder = Path(whetstone_knowledge.__file__).parent / "rules" / "python"
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert files == {type(rule).__module__.rpartition(".")[2] for rule in PYTHON_RULES}


def _called(rule: PythonRule, source: str) -> object:
    """Return what the last function of an example makes of the rule's sample; all items, when it is a generator."""
    names: dict[str, object] = {}
    exec(source, names)
    exec(textwrap.dedent(rule.sample), names)
    function = names[re.findall(r"^(?:async )?def (\w+)", source, re.MULTILINE)[-1]]
    result = function(*names["args"])
    return list(result) if hasattr(result, "__next__") else result


def _compiles(source: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # an example may do something silly on purpose
        compile(source, "example", "exec")


def _split(source: str) -> tuple[str, str]:
    """Return the lines before the last top-level function or class, and that."""
    start = max(match.start() for match in re.finditer(r"^(@|def |async def )", source, re.MULTILINE))
    while (above := source.rfind("\n@", 0, start)) >= 0 and not source[above + 1 : start].count("\n\n"):
        start = above + 1
    return source[:start], source[start:]
