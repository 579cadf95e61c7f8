"""Findings: where they point, how they are named, and what half-typed code does to them."""

import logging

import pytest

from whetstone_knowledge.rule import ElixirRule, PythonRule
from whetstone_knowledge.spans import Span
from whetstone_knowledge.syntax import find


class ListSearched(PythonRule):
    """Looks through a list in a loop."""

    code = "WP901"
    title = "Search a set"
    message = "`{name}` is searched by `{here}`"
    severity = "medium"
    weight = 40
    needs_loop = True
    literals = ("in",)
    query = '(comparison_operator (_) "in" (identifier) @name) @here'

    def applies(self, match):
        return bool(match.loops) and match.facts.kind(match.text("name")) == "list"


class CallSorted(PythonRule):
    """Calls sorted."""

    code = "WP902"
    title = "Do not"
    message = "sorted"
    severity = "low"
    weight = 10
    literals = ("sorted",)
    query = "(call function: (identifier) @function arguments: (argument_list (_) @argument)) @here"

    def applies(self, match):
        match.also("extra", match.here)
        return match.text("function") == "sorted"


class Breaks(CallSorted):
    """Cannot even."""

    code = "WP903"

    def applies(self, match):
        raise ZeroDivisionError


RULES = (ListSearched(), CallSorted())
FOUND = b"def f(xs: list[int]):\n    for x in xs:\n        if x in xs:\n            return sorted(xs, key=len)\n"


def test_a_finding_says_where_and_what():
    searched, called = find(FOUND, RULES)
    assert searched.code == "WP901"
    assert FOUND[slice(*searched.span)] == b"x in xs"
    assert searched.message == "`xs` is searched by `x in xs`"
    assert searched.severity == "medium"
    assert searched.function == "f"
    assert searched.unit == Span(0, len(FOUND) - 1)
    assert dict(searched.captures) == {"here": searched.span, "name": Span(55, 57)}
    assert FOUND[slice(*called.span)] == b"sorted(xs, key=len)"


def test_one_finding_for_each_rule_and_place():
    """The query of the second rule matches once for each argument."""
    assert [finding.code for finding in find(FOUND, RULES)] == ["WP901", "WP902"]


def test_nodes_that_a_rule_names_itself_are_kept():
    assert ("extra", find(FOUND, RULES)[1].span) in find(FOUND, RULES)[1].captures


def test_each_further_loop_raises_the_impact_up_to_100():
    def impact(depth):
        lines = ["def f(y):", " x = []"] + [" " * (n + 1) + "while y:" for n in range(depth)]
        return find("\n".join([*lines, " " * (depth + 1) + "y in x"]).encode(), RULES)[0].impact

    assert [impact(1), impact(2), impact(3), impact(9)] == [40, 55, 70, 100]


def test_methods_and_nested_functions_go_by_the_outermost_function():
    source = b"class A:\n  class B:\n    @dec\n    def f(self):\n      def g():\n        return sorted(self)\n"
    (finding,) = find(source, RULES)
    assert finding.function == "A.B.f"
    assert source[slice(*finding.unit)].startswith(b"@dec")


@pytest.mark.parametrize("source", [b"x = sorted(y)\n", b"class A:\n    x = sorted(y)\n", b"f = lambda y: sorted(y)\n"])
def test_code_outside_functions_is_left_alone(source):
    assert find(source, RULES) == []


def test_a_long_capture_is_cut_and_put_on_one_line():
    source = b"def f(y):\n  x = []\n  while y:\n    (y[\n      0] +" + b" y +" * 40 + b" y) in x\n"
    (finding,) = find(source, RULES)
    assert "\n" not in finding.message
    assert len(finding.message) < 100
    assert "…" in finding.message


def test_a_rule_that_breaks_is_named_and_the_others_go_on(caplog):
    with caplog.at_level(logging.ERROR):
        found = find(FOUND, (Breaks(), *RULES))
    assert [finding.code for finding in found] == ["WP901", "WP902"]
    assert "WP903 (breaks)" in caplog.text


def test_a_rule_may_not_bring_a_predicate():
    class Predicate(CallSorted):
        query = '((identifier) @here (#eq? @here "x"))'

    with pytest.raises(ValueError, match="WP902 has a predicate"):
        find(FOUND, (Predicate(),))


def test_rules_for_another_language_are_not_asked():
    class Elixir(ElixirRule):
        code = "WE901"
        words = ("sorted",)

    assert find(FOUND, (Elixir(), CallSorted()))


@pytest.mark.parametrize(
    "source", [b"", b"\n", b"\xff\xfe", b"def", b"def f(", b"\x00", b"(((" * 2000, "é = 'ö'\n".encode()]
)
def test_anything_can_be_read(source):
    assert find(source, RULES) == []


BROKEN = [
    b"def g(y):\n    return sorted(y\n",
    b"def g(y):\n    sorted(y\n    y = 3\n    return y\n",
    b"def g(y):\n    return sorted(y +)\n",
    b"def g(y):\n    return sorted(y) sorted y\n",
    b"def g(y:\n    return sorted(y)\n",
]


@pytest.mark.parametrize("broken", BROKEN)
def test_broken_code_takes_nothing_from_the_functions_around_it(broken):
    kept = [(finding.code, finding.function) for finding in find(FOUND + b"\n\n" + broken + b"\n\n" + FOUND, RULES)]
    assert kept.count(("WP901", "f")) == 2
    assert kept.count(("WP902", "f")) == 2


@pytest.mark.parametrize("broken", BROKEN[:3])
def test_nothing_is_found_inside_the_broken_part(broken):
    assert find(broken, RULES) == []


def test_byte_offsets_count_bytes():
    source = "def f(y):\n    é = 'öö'; return sorted(é)\n".encode()
    (finding,) = find(source, RULES)
    assert source[slice(*finding.span)].decode() == "sorted(é)"


def test_the_id_survives_edits_elsewhere_and_not_in_the_function():
    here = find(FOUND, RULES)
    moved = find(b"import os\n\n\n" + FOUND, RULES)
    changed = find(FOUND + b"    return 3\n", RULES)
    assert [finding.id for finding in here] == [finding.id for finding in moved]
    assert not {finding.id for finding in here} & {finding.id for finding in changed}
