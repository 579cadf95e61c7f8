"""The policy: only what is sure enough and gains enough is applied by itself, and never against a person."""

from __future__ import annotations

import pytest

from tests.server.improvements.proposals import ADA, ASSUMES
from whetstone_codegen import rewritten
from whetstone_knowledge.rules import BY_CODE
from whetstone_knowledge.syntax import find
from whetstone_server.improvements.apply import apply
from whetstone_server.improvements.confidence import confidence, past_of
from whetstone_server.improvements.decisions import approve, open_id, reject, settle
from whetstone_server.improvements.history import History
from whetstone_server.improvements.policy import Policy, apply_selected, policy_of, select
from whetstone_server.improvements.record import Subject
from whetstone_server.improvements.rollback import roll_back
from whetstone_server.improvements.store import ProofStore, id_of
from whetstone_server.improvements.texts import name_of
from whetstone_server.sandbox.verdict import Speedup, Verdict, Workload
from whetstone_server.settings import Settings

SOURCE = """\
def cheapest(prices):
    return sorted(prices)[0]


def dearest(prices):
    return sorted(prices)[-1]


def ends(prices):
    low = sorted(prices)[0]
    high = sorted(prices)[-1]
    return low, high
"""
SURE = Verdict(
    "faster",
    "equal and faster",
    Speedup(5.0, 4.8, 5.2),
    Workload(("recorded-calls", "tests", "generated"), calls=40, distinct_inputs=100, tests=4),
    lines=4,
)
UNTESTED = Verdict("faster", "equal and faster", Speedup(5.0, 4.8, 5.2), Workload(("generated",), 0, 100, 0), lines=4)
SLIGHT = Verdict("faster", "equal and faster", Speedup(1.25, 1.19, 1.3), SURE.workload, lines=4)
TRUSTED = Policy(trusted=True)


@pytest.fixture
def history(tmp_path, monkeypatch) -> History:
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "home"))
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "prices.py").write_text(SOURCE)
    return History(tmp_path / "project")


def proposed(history, function, verdict, *, nth=0, name="prices.py"):
    """Put the proof of a finding in a function into the history, and return the improvement's id."""
    source = (history.root / name).read_bytes()
    finding = [each for each in find(source) if each.function == function][nth]
    rewrite = rewritten(source, finding, BY_CODE[finding.code])
    past = past_of(finding.code, history.improvements().values())
    facts = {"code": finding.code, "path": name, "function": function, "python": "3.11.7", "sandbox": "none"}
    evidence = {**facts, "threshold": 1.05, **verdict.as_json()}
    evidence |= confidence(evidence, past).as_evidence()
    with history.writing() as writing:
        improvement = open_id(writing, verdict, lambda attempt: id_of(facts, source, rewrite.text, attempt))
        ProofStore(history.folder.parent).keep(improvement, evidence, source, rewrite)
        texts = name_of(source), name_of(rewrite.text)
        subject = Subject(finding.code, BY_CODE[finding.code].name, name, function, 1, *texts)
        settle(writing, improvement, subject, verdict, evidence)
    return improvement


def against(history, policy=TRUSTED):
    """Return what the policy has against each improvement that waits, by its id."""
    return {each.improvement.id: each.against for each in select(policy, history).decisions}


# -- what it allows ----------------------------------------------------------------------------------------------------


def test_it_is_off_unless_the_person_says_otherwise():
    assert Settings().auto_apply is False
    assert policy_of(Settings(), trusted=False) == Policy(0.8, 0.2, trusted=False)


def test_what_is_sure_and_gains_enough_is_applied_by_the_policy_with_its_numbers(history):
    known = proposed(history, "cheapest", SURE)
    selection = select(TRUSTED, history)
    assert [each.allowed for each in selection.decisions] == [True]
    assert (history.root / "prices.py").read_text() == SOURCE  # selecting writes nothing
    apply_selected(TRUSTED, history, selection)
    assert (history.root / "prices.py").read_text() == SOURCE.replace("sorted(prices)[0]", "min(prices)", 1)
    record = history.improvement(known).records[-1]
    assert (record.step, record.actor.kind, record.actor.name) == (
        "applied",
        "policy",
        "confidence ≥ 0.80, gain ≥ 20%",
    )
    assert record.reason == f"confidence {selection.decisions[0].confidence.value:.2f}, at least 4.8 times as fast"
    assert history.verify() == []


def test_nothing_is_applied_where_the_workspace_is_not_trusted(history):
    known = proposed(history, "cheapest", SURE)
    selection = select(Policy(trusted=False), history)
    assert against(history, Policy(trusted=False)) == {known: "this workspace is not trusted"}
    assert apply_selected(Policy(trusted=False), history, selection).plans == ()
    assert (history.root / "prices.py").read_text() == SOURCE


def test_what_is_not_sure_enough_is_left_with_what_speaks_least_for_it(history):
    known = proposed(history, "cheapest", UNTESTED)
    assert against(history)[known].startswith("confidence 0.59")
    assert against(history)[known].endswith(" is less than 0.8: no test reaches it")
    assert against(history, Policy(0.5, trusted=True)) == {known: None}


def test_the_gain_counts_by_the_low_end_of_its_interval(history):
    known = proposed(history, "cheapest", SLIGHT)
    assert against(history) == {known: "it is only sure to be 1.19 times as fast, and 1.2 is asked for"}
    assert against(history, Policy(gain=0.19, trusted=True)) == {known: None}


# -- people come first -------------------------------------------------------------------------------------------------


def test_a_file_outside_the_project_is_never_written_by_itself(history, tmp_path):
    (tmp_path / "other.py").write_text(SOURCE)
    (history.root / "link.py").symlink_to(tmp_path / "other.py")
    improvement = proposed(history, "cheapest", SURE, name=history.path_of(history.root / "link.py"))
    assert against(history) == {improvement: "its file lies outside of the project, so a person decides"}
    assert select(TRUSTED, history).plans == ()


def test_what_assumes_something_waits_for_a_person_and_may_go_once_somebody_approved(history):
    verdict = Verdict("faster", "equal", Speedup(5, 4.8, 5.2), SURE.workload, assumptions=(ASSUMES,), lines=4)
    known = proposed(history, "cheapest", verdict)
    assert against(history) == {known: "it waits for a person, since it assumes no call like cheapest(iter([]))"}
    approve(history, [known], ADA)
    assert against(history) == {known: None}


def test_what_was_rolled_back_is_never_applied_by_itself_again(history):
    known = proposed(history, "cheapest", SURE)
    apply(history, [history.improvement(known)], ADA)
    roll_back(history, [history.improvement(known)], ADA, "slower in production")
    again = proposed(history, "cheapest", SURE)
    other = proposed(history, "dearest", SURE)
    assert again != known
    assert against(history)[again] == f"the same was rolled-back here before ({known}), so a person decides"
    assert against(history)[other] is None


def test_what_a_person_turned_down_is_never_applied_by_itself(history):
    verdict = Verdict("faster", "equal", Speedup(5, 4.8, 5.2), SURE.workload, assumptions=(ASSUMES,), lines=4)
    known = proposed(history, "cheapest", verdict)
    reject(history, [known], ADA)
    again = proposed(history, "cheapest", SURE)
    assert against(history) == {again: f"the same was rejected here before ({known}), so a person decides"}


def test_a_rule_that_was_rolled_back_elsewhere_needs_to_be_surer(history):
    for number in range(6):
        (history.root / f"a{number}.py").write_text(SOURCE)
        known = proposed(history, "cheapest", SURE, name=f"a{number}.py")
        apply(history, [history.improvement(known)], ADA)
        roll_back(history, [history.improvement(known)], ADA)
    known = proposed(history, "cheapest", SURE)
    assert against(history)[known].endswith("0 of 6 of this rule were kept here")


# -- files -------------------------------------------------------------------------------------------------------------


def test_several_in_one_file_go_together_and_of_two_on_the_same_lines_the_better_one(history):
    cheap, dear = proposed(history, "cheapest", SURE), proposed(history, "dearest", SURE)
    low = proposed(history, "ends", SURE)
    better = Verdict("faster", "equal", Speedup(9, 8.8, 9.2), SURE.workload, lines=4)
    high = proposed(history, "ends", better, nth=1)
    selection = select(TRUSTED, history)
    assert {each.improvement.id: each.against for each in selection.decisions} == {
        cheap: None,
        dear: None,
        high: None,
        low: f"{high} changes the same lines and gains more; prove it again after that",
    }
    done = apply_selected(TRUSTED, history, selection)
    assert [each.allowed for each in done.decisions] == [True, True, False, True]
    text = (history.root / "prices.py").read_text()
    assert (text.count("min(prices)"), text.count("max(prices)")) == (1, 2)


def test_a_file_that_changed_since_does_not_stand_in_the_way_of_others(history):
    (history.root / "other.py").write_text(SOURCE)
    here, there = proposed(history, "cheapest", SURE), proposed(history, "cheapest", SURE, name="other.py")
    (history.root / "prices.py").write_text(SOURCE + "\n# mine\n")
    found = against(history)
    assert found[there] is None
    assert found[here].endswith("has changed since its rewrite was proven, so it was left alone; prove it again")


def test_a_file_that_changes_at_the_last_moment_is_left_and_the_others_are_written(history):
    (history.root / "other.py").write_text(SOURCE)
    here, there = proposed(history, "cheapest", SURE), proposed(history, "cheapest", SURE, name="other.py")
    selection = select(TRUSTED, history)
    (history.root / "prices.py").write_text(SOURCE + "\n# mine\n")
    done = apply_selected(TRUSTED, history, selection)
    found = {each.improvement.id: each.against for each in done.decisions}
    assert found[there] is None
    assert "changed" in found[here]
    assert history.improvement(here).status == "approved"
    assert (history.root / "prices.py").read_text() == SOURCE + "\n# mine\n"


def test_what_a_later_proof_gainsays_is_left(history):
    known = proposed(history, "cheapest", SURE)
    proposed(history, "cheapest", Verdict("slower", "slower after all", Speedup(0.8, 0.7, 0.9)))
    assert "it was proven again since" in against(history)[known]


def test_only_some_can_be_asked_about(history):
    cheap, _ = proposed(history, "cheapest", SURE), proposed(history, "dearest", SURE)
    assert [each.improvement.id for each in select(TRUSTED, history, {cheap}).decisions] == [cheap]
