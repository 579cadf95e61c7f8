"""Confidence: more of what speaks for a rewrite never lowers it, and the numbers mean what they are said to mean."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from whetstone_server.improvements.confidence import UNKNOWN, Grounds, Past, confidence, founded
from whetstone_server.sandbox.verdict import Counterexample, Growth, Speedup, Verdict, Workload

STRONG = Grounds(
    inputs=300,
    calls=40,
    tests=4,
    lines=10,
    unreached=0,
    estimate=5.0,
    low=4.8,
    high=5.2,
    threshold=1.05,
    assumptions=0,
    sizes=3,
    faster_sizes=3,
)
GENERATED_ONLY = replace(STRONG, calls=0, tests=0)
COUNTS = st.integers(0, 10_000)


@st.composite
def grounds(draw):
    """Draw anything that a proof that said `faster` may have found."""
    lines, sizes = draw(st.integers(0, 200)), draw(st.integers(0, 6))
    threshold = draw(st.floats(1.001, 3))
    low = threshold * draw(st.floats(1.001, 100))
    estimate = low * draw(st.floats(1, 3))
    return Grounds(
        inputs=draw(st.integers(1, 10_000)),
        calls=draw(COUNTS),
        tests=draw(st.integers(0, 200)),
        lines=lines,
        unreached=draw(st.integers(0, lines)),
        estimate=estimate,
        low=low,
        high=estimate * draw(st.floats(1, 3)),
        threshold=threshold,
        assumptions=draw(st.integers(0, 5)),
        sizes=sizes,
        faster_sizes=draw(st.integers(0, sizes)),
        past=Past(draw(st.integers(0, 50)), draw(st.integers(0, 50))),
    )


def better(found, **changes):
    """Whether a change for the better does not lower confidence, and raises or keeps every part."""
    before, after = founded(found), founded(replace(found, **changes))
    parts = zip(before.parts, after.parts, strict=True)
    return after.value >= before.value - 1e-12 and all(was.value <= now.value + 1e-12 for was, now in parts)


@given(grounds())
def test_it_lies_between_0_and_1_and_its_weights_come_to_1(found):
    whole = founded(found)
    assert 0 < whole.value <= 1
    assert all(0 < part.value <= 1 and part.sentence for part in whole.parts)
    assert sum(part.weight for part in whole.parts) == pytest.approx(1)


@given(grounds(), st.sampled_from(["inputs", "calls", "tests"]), st.integers(1, 1000))
def test_more_inputs_calls_and_tests_never_lower_it(found, name, more):
    assert better(found, **{name: getattr(found, name) + more})


@given(grounds())
def test_reaching_a_line_more_never_lowers_it(found):
    assume(found.unreached)
    assert better(found, unreached=found.unreached - 1)


@given(grounds(), st.floats(0, 1))
def test_a_narrower_interval_never_lowers_it(found, share):
    assert better(found, low=found.low + (found.estimate - found.low) * share)
    assert better(found, high=found.high - (found.high - found.estimate) * share)


@given(grounds(), st.floats(1, 10))
def test_a_greater_gain_never_lowers_it(found, factor):
    assert better(found, low=found.low * factor, estimate=found.estimate * factor, high=found.high * factor)


@given(grounds())
def test_an_assumption_less_and_a_size_more_at_which_it_is_faster_never_lower_it(found):
    assume(found.assumptions and found.faster_sizes < found.sizes)
    assert better(found, assumptions=found.assumptions - 1)
    assert better(found, faster_sizes=found.faster_sizes + 1)


@given(grounds())
def test_a_kept_improvement_of_the_rule_raises_it_and_one_rolled_back_lowers_it(found):
    kept, rolled_back = found.past
    assert better(found, past=Past(kept + 1, rolled_back))
    assert better(replace(found, past=Past(kept, rolled_back + 1)), past=found.past)


def test_a_function_that_is_tested_well_is_sure_enough_for_the_policy():
    assert founded(STRONG).value >= 0.9
    assert founded(replace(STRONG, inputs=120, calls=12, tests=2, high=6.0)).value >= 0.8


def test_generated_inputs_alone_are_clearly_not_enough():
    assert founded(GENERATED_ONLY).value < 0.65
    assert founded(replace(GENERATED_ONLY, inputs=100_000, past=Past(100, 0))).value < 0.65


@pytest.mark.parametrize(
    "weakness",
    [
        {"inputs": 3},
        {"unreached": 8},
        {"assumptions": 5},
        {"past": Past(0, 8)},
        {"calls": 0, "tests": 1, "unreached": 3},
        {"low": 1.06, "estimate": 1.4, "high": 3.0, "unreached": 4},
    ],
)
def test_one_thing_that_is_really_weak_keeps_the_policy_away(weakness):
    assert founded(replace(STRONG, **weakness)).value < 0.8


def test_a_rule_that_was_rolled_back_here_is_trusted_less_and_one_that_was_kept_more():
    new, bad, good = (founded(replace(STRONG, past=past)) for past in (UNKNOWN, Past(1, 2), Past(9, 0)))
    assert bad.value < new.value < good.value
    assert new.parts[-1].value == pytest.approx(0.9)
    assert bad.parts[-1].value == pytest.approx(5.5 / 8)
    assert bad.parts[-1].sentence == "1 of 3 of this rule were kept here"


def test_a_verdict_in_json_is_all_it_needs():
    found = Verdict(
        "faster",
        "equal and faster",
        Speedup(5.0, 4.8, 5.2),
        Workload(("recorded-calls", "tests", "generated"), calls=40, distinct_inputs=300, tests=4),
        growth=(Growth(10, Speedup(1.2, 0.9, 1.4)), Growth(1000, Speedup(9.0, 8.0, 9.5))),
        assumptions=(Counterexample("f([])", "returned 1", "returned 2", "grown-beyond"),),
        unreached=(3, 4),
        lines=8,
    )
    whole = confidence({"threshold": 1.05, **found.as_json()})
    assert whole == founded(replace(STRONG, lines=8, unreached=2, assumptions=1, sizes=2, faster_sizes=1))
    assert {part.name: part.sentence for part in whole.parts} == {
        "inputs": "compared on 300 distinct inputs",
        "calls": "40 calls recorded in the tests",
        "tests": "4 tests of the project passed with it",
        "coverage": "6 of 8 lines reached by the inputs",
        "precision": "an interval as wide as 8% of the gain",
        "margin": "at least 4.80× faster, which lies 357% above the 1.05× that is asked for",
        "assumptions": "it takes 1 thing for granted",
        "growth": "faster at 1 of 2 sizes of input",
        "past": "it is the first of this rule here",
    }


@pytest.mark.parametrize("answer", ["no-difference", "slower", "broken", "not-exercised", "not-tried"])
def test_a_proof_that_did_not_say_faster_is_no_ground_at_all(answer):
    whole = confidence({"threshold": 1.05, **Verdict(answer, "no").as_json()})
    assert whole.value == 0
    assert whole.parts[0].sentence == f"the proof said {answer}"
    assert confidence({}).value == 0


def test_the_parts_and_their_weights_are_written_down():
    page = (Path(__file__).parents[3] / "docs" / "improvements.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \| (0\.\d\d) \|", page, re.MULTILINE)
    assert rows == [(part.name, f"{part.weight:.2f}") for part in founded(STRONG).parts]


def test_a_verdict_from_before_lines_were_counted_can_still_be_read():
    evidence = {"threshold": 1.05, **Verdict("faster", "equal", Speedup(5.0, 4.8, 5.2), unreached=(7,)).as_json()}
    del evidence["lines"]
    assert 0 < confidence(evidence).value < 0.65
