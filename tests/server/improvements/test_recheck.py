"""What was applied is looked at again: only what fails with it and passes without it is put down to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.server.improvements.proposals import ADA
from tests.server.improvements.repository import Work
from tests.server.improvements.test_policy import SOURCE, SURE, proposed
from whetstone_server.improvements.apply import apply
from whetstone_server.improvements.history import History
from whetstone_server.improvements.recheck import recheck, recheck_all, taken_back
from whetstone_server.improvements.store import ProofStore
from whetstone_server.sandbox.trial import WHOLE
from whetstone_server.sandbox.verdict import Counterexample, Speedup, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

FASTER = Verdict("faster", "equal and faster", Speedup(5.0, 4.8, 5.2))
EQUAL = Verdict("no-difference", "equal, and no faster", Speedup(1.0, 0.99, 1.01))
SLOWER = Verdict("slower", "equal, but slower", Speedup(0.8, 0.7, 0.9))
BROKEN = Verdict("broken", "old and new differ", counterexample=Counterexample("f([])", "1", "2", "recorded"))
UNTRIED = Verdict("not-exercised", "no test calls it")
TESTS = ["test_prices.py::test_low", "test_prices.py::test_more"]


class FakeJudge:
    """Runs nothing: tests end as a function of the text says, and every comparison comes out the same."""

    def __init__(self, history: History, verdict: Verdict = FASTER) -> None:
        self.history = history
        self.python_version = "3.11.7"
        self.verdict = verdict
        self.fails: Callable[[bytes, str], bool | None] = lambda _text, _test: False
        """`None` for a test that is not run at all."""
        self.compared: list[tuple[bytes, bytes, str]] = []
        self.recorded: list[int] = []
        self.reaching: list[str] = []

    def record(self, functions: Sequence[tuple[Path, bytes, str]]) -> None:
        self.recorded.append(len(functions))

    def judge(self, path: Path, old: bytes, new: bytes, function: str) -> Verdict:
        self.compared.append((old, new, function))
        return self.verdict

    def tests(self, path: Path, function: str) -> Sequence[str]:
        return self.reaching

    def outcomes(self, path: Path, text: bytes, function: str, tests: Sequence[str]) -> Mapping[str, str]:
        ends = {True: "failed", False: "passed"}
        found = {test: self.fails(text, test) for test in tests or [WHOLE]}
        return {test: ends[fails] for test, fails in found.items() if fails is not None}


@pytest.fixture
def history(tmp_path, monkeypatch) -> History:
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "home"))
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "prices.py").write_text(SOURCE)
    return History(tmp_path / "project")


@pytest.fixture
def judge(history) -> FakeJudge:
    return FakeJudge(history)


def applied(history, function="cheapest", tests=TESTS):
    """Return an improvement that was just applied, and was proven with these tests."""
    known = proposed(history, function, SURE)
    store = ProofStore(history.folder.parent)
    kept = store.read(known)
    proof = store.proof(known, history.root / "prices.py")
    facts = {name: kept[name] for name in kept if name not in {"id", "version", "proved_at", "edits", "imports"}}
    store.keep(known, {**facts, "tests": list(tests)}, proof.candidate.source, proof.rewrite)
    apply(history, [history.improvement(known)], ADA)
    return history.improvement(known)


def edit(history, old, new):
    path = history.root / "prices.py"
    path.write_text(path.read_text().replace(old, new))


def text_of(history):
    return (history.root / "prices.py").read_text()


# -- what is said ------------------------------------------------------------------------------------------------------


def test_what_still_gains_holds_and_is_compared_with_its_own_absence(history, judge):
    one = applied(history)
    edit(history, "def ends", "RATE = 2\n\n\ndef ends")
    found = recheck(judge, one)
    assert (found.outcome, found.reason, found.edited, found.other_python) == (
        "holds",
        "equal and faster",
        False,
        False,
    )
    now = text_of(history).encode()
    assert judge.compared == [(now.replace(b"min(prices)", b"sorted(prices)[0]"), now, "cheapest")]


@pytest.mark.parametrize(
    ("verdict", "outcome", "words"),
    [
        (EQUAL, "faded", "it does no harm, but is no faster any more"),
        (SLOWER, "regressed", "it is slower now than without it"),
        (BROKEN, "regressed", "it changes behaviour now"),
        (UNTRIED, "unknown", "no test calls it"),
    ],
)
def test_a_comparison_says_what_became_of_it(history, judge, verdict, outcome, words):
    judge.verdict = verdict
    found = recheck(judge, applied(history))
    assert found.outcome == outcome
    assert words in found.reason


def test_another_interpreter_is_told(history, judge):
    judge.python_version = "3.14.0"
    found = recheck(judge, applied(history))
    assert (found.python, found.python_then, found.other_python) == ("3.14.0", "3.11.7", True)


def test_a_function_that_was_edited_since_is_told_and_a_difference_not_put_down_to_the_improvement(history, judge):
    one = applied(history, "ends")
    edit(history, "return low, high", "return [low, high]")
    assert recheck(judge, one).edited
    judge.verdict = BROKEN
    found = recheck(judge, one)
    assert found.outcome == "unknown"
    assert "its function was edited since" in found.reason


# -- tests -------------------------------------------------------------------------------------------------------------


def test_tests_that_fail_with_it_and_pass_without_it_are_its_fault(history, judge):
    judge.fails = lambda text, test: b"min(prices)" in text and test == TESTS[1]
    found = recheck(judge, applied(history))
    assert (found.outcome, found.failing) == ("regressed", (TESTS[1],))
    assert found.reason == f"{TESTS[1]} passed when it was proven, and now fails with it and passes without it"
    assert judge.compared == []


def test_tests_that_fail_without_it_too_are_not_its_fault(history, judge):
    judge.fails = lambda _text, _test: True
    found = recheck(judge, applied(history))
    assert (found.outcome, found.failing) == ("elsewhere", tuple(TESTS))
    assert found.reason == (
        f"{TESTS[0]} and 1 more passed when it was proven, and now fail with it and without it, so something else broke"
    )


def test_of_tests_that_fail_only_those_that_pass_without_it_are_named(history, judge):
    judge.fails = lambda text, test: b"min(prices)" in text or test == TESTS[0]
    assert recheck(judge, applied(history)).failing == (TESTS[1],)


def test_tests_that_cannot_even_be_collected_with_it_are_its_fault(history, judge):
    judge.fails = lambda text, _test: None if b"min(prices)" in text else False
    assert recheck(judge, applied(history)).failing == tuple(TESTS)


def test_tests_that_are_no_longer_there_say_nothing(history, judge):
    judge.fails = lambda _text, test: None if test in TESTS else False
    judge.reaching = ["test_new"]
    found = recheck(judge, applied(history))
    assert (found.outcome, found.tests_gone) == ("holds", True)
    judge.fails = lambda text, test: None if test in TESTS else b"min(prices)" in text
    found = recheck(judge, applied(history, "ends"))
    assert (found.outcome, found.tests_gone) == ("holds", True)  # they fail with the other improvement


def test_a_test_written_since_that_fails_because_of_it_is_its_fault(history, judge):
    judge.reaching = ["test_new"]
    judge.fails = lambda text, test: b"min(prices)" in text and test == "test_new"
    found = recheck(judge, applied(history))
    assert (found.outcome, found.failing, found.tests_gone) == ("regressed", ("test_new",), False)
    assert found.reason == "test_new fails with it and passes without it"
    judge.fails = lambda _text, test: test == "test_new"
    assert recheck(judge, history.improvement(found.improvement.id)).outcome == "holds"  # it fails for another reason


def test_tests_that_fail_now_and_then_say_nothing(history, judge):
    seen = []

    def once(text: bytes, test: str) -> bool:
        seen.append(test)
        return len(seen) == 1

    judge.fails = once
    assert recheck(judge, applied(history)).outcome == "holds"


def test_a_command_that_does_not_name_its_tests_counts_as_one(history, judge):
    judge.fails = lambda text, test: b"min(prices)" in text and test == WHOLE
    assert recheck(judge, applied(history, tests=[])).failing == (WHOLE,)


# -- what cannot be looked at ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("min(prices)", "min(prices, default=0)"), "changed again since"),
        (lambda text: text + "def (\n", "would not parse"),
        (lambda _: SOURCE, "the file does not have it any more"),
    ],
)
def test_what_cannot_be_taken_out_is_unknown_with_the_reason(history, judge, change, words):
    one = applied(history)
    (history.root / "prices.py").write_text(change(text_of(history)))
    found = recheck(judge, one)
    assert found.outcome == "unknown"
    assert words in found.reason


def test_a_file_that_is_gone_or_no_text_is_unknown(history, judge):
    one = applied(history)
    (history.root / "prices.py").write_bytes(b"\xff\xfe" + text_of(history).encode())
    assert recheck(judge, one).outcome == "unknown"
    (history.root / "prices.py").unlink()
    assert "prices.py cannot be read" in recheck(judge, one).reason


def test_a_file_that_was_moved_is_looked_at_where_it_is_now(history, judge, monkeypatch):
    one = applied(history)
    work = Work(history.root, "notes.txt", b"", monkeypatch)
    work.git("mv", "prices.py", "costs.py")
    judge.fails = lambda text, _test: b"min(prices)" in text
    (found,) = recheck_all(judge, [one], take_back=True)
    assert found.rolled_back
    assert (history.root / "costs.py").read_text() == SOURCE


def test_line_ends_that_were_turned_since_change_nothing(history, judge):
    one = applied(history)
    path = history.root / "prices.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    found = recheck(judge, one)
    assert (found.outcome, found.edited) == ("holds", False)


# -- taking back -------------------------------------------------------------------------------------------------------


def test_what_has_regressed_is_rolled_back_by_the_policy_with_what_was_seen(history, judge):
    one = applied(history)
    edit(history, "def ends", "RATE = 2\n\n\ndef ends")
    judge.fails = lambda text, _test: b"min(prices)" in text
    (found,) = recheck_all(judge, [one], take_back=True)
    assert found.rolled_back
    assert text_of(history) == SOURCE.replace("def ends", "RATE = 2\n\n\ndef ends")
    record = history.improvement(one.id).records[-1]
    assert (record.step, record.actor.kind, record.reason) == ("rolled-back", "policy", found.reason)
    assert record.evidence == found.as_json()
    assert history.improvement(one.id).speedup == 5.0  # what was proven stays what was proven
    assert history.verify() == []


def test_without_being_asked_nothing_is_written(history, judge):
    one = applied(history)
    before = text_of(history)
    judge.fails = lambda text, _test: b"min(prices)" in text
    (found,) = recheck_all(judge, [one], take_back=False)
    assert (found.outcome, found.rolled_back, text_of(history)) == ("regressed", False, before)
    assert history.improvement(one.id).status == "applied"


@pytest.mark.parametrize("verdict", [FASTER, EQUAL, UNTRIED])
def test_only_what_has_regressed_is_rolled_back(history, judge, verdict):
    judge.verdict = verdict
    (found,) = recheck_all(judge, [applied(history)], take_back=True)
    assert not found.rolled_back
    with pytest.raises(AssertionError):
        taken_back(history, found)


def test_another_improvement_is_looked_at_again_once_the_one_to_blame_is_out(history, judge):
    low = applied(history)
    high = applied(history, "dearest")
    judge.fails = lambda text, _test: b"min(prices)" in text  # which is there when the later one is looked at first
    found = {each.improvement.id: each for each in recheck_all(judge, [low, high], take_back=True)}
    assert found[low.id].rolled_back
    assert found[high.id].outcome == "holds"
    assert judge.recorded[0] == 2


def test_what_stands_in_the_way_of_a_rollback_is_told(history, judge):
    one = applied(history)
    judge.fails = lambda text, _test: b"min(prices)" in text
    found = recheck(judge, one)
    edit(history, "min(prices)", "min(prices, default=0)")
    found = taken_back(history, found)
    assert not found.rolled_back
    assert "changed again since" in found.in_the_way
    assert history.improvement(one.id).status == "applied"
