"""From a need to entries: the rows that must be right, what is ruled out, and a need that nothing answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone_knowledge.entries import entries
from whetstone_knowledge.need import FAILURES, SCALES, STATES, USES, Contradiction, Need
from whetstone_knowledge.recommend import Advice, recommend


def need(*use: str, state=None, scale=None, survive=(), nodes=None) -> Need:
    return Need(frozenset(use), state, scale, frozenset(survive), nodes)


def names(judged) -> list[str]:
    return [each.entry.name for each in judged]


def advice(wanted: Need) -> Advice:
    return recommend(wanted, entries())


@pytest.mark.parametrize(
    ("wanted", "first"),
    [
        (need(state="private", survive=["crash", "dependency"]), ["supervision-tree", "circuit-breaker"]),
        (need(state="private", survive=["crash", "dependency", "overload"]), ["supervision-tree", "circuit-breaker"]),
        (need("workers", scale="medium"), ["worker-pool"]),
        (need("events", scale="large"), ["pub-sub", "clustering", "replication"]),
        (need("events", scale="large", nodes=3), ["pub-sub", "clustering", "replication"]),
        (need("functions"), ["plain-functions"]),
        (need("functions", state="none", scale="large"), ["plain-functions"]),
        (need("reads", state="shared"), ["ets-cache"]),
        (need("entities"), ["dynamic-supervisor", "registry"]),
        (need("hot-server"), ["partitioned-server"]),
        (need("dependency"), ["timeout", "retry-with-jitter", "circuit-breaker", "bulkhead"]),
        (need("dependency", survive=["dependency"]), ["timeout", "retry-with-jitter", "circuit-breaker", "bulkhead"]),
        (need("bursts"), ["pipeline", "rate-limiting"]),
        (need("single", nodes=2), ["hot-standby"]),
        (need("workflow"), ["gen-statem"]),
        (need(survive=["vm"]), ["durable-state"]),
        (need("workflow", state="private", survive=["vm"]), ["durable-state", "gen-statem"]),
        (need("resource"), ["pool"]),
    ],
)
def test_need_is_answered(wanted, first):
    fitting = advice(wanted).fitting
    assert names(fitting)[: len(first)] == first
    assert all(judged.reasons and judged.score > 0 for judged in fitting)


@pytest.mark.parametrize(
    ("wanted", "never"),
    [
        (need("functions"), {"gen-server", "agent", "supervision-tree"}),
        (need("reads"), {"gen-server", "agent"}),
        (need(state="private", survive=["vm"]), {"gen-server", "agent"}),
        (need("workers", scale="medium"), {"pool"}),
        (need("single", nodes=1), {"hot-standby"}),
        (need("entities", nodes=1), {"partitioning"}),
    ],
)
def test_what_seems_to_fit_is_ruled_out_with_a_reason(wanted, never):
    ruled_out = advice(wanted).ruled_out
    assert never <= set(names(ruled_out))
    assert all(judged.reasons for judged in ruled_out)


def test_only_functions_need_no_process():
    assert names(advice(need("functions")).fitting) == ["plain-functions"]


def test_need_that_nothing_answers_gets_nothing():
    assert advice(need(scale="small")) == Advice((), ())


def test_weightier_reasons_come_first():
    (tree, *_) = advice(need(state="private", survive=["crash"])).fitting
    weights = {clause.because: clause.weight for clause in tree.entry.meets}
    assert [weights[reason] for reason in tree.reasons] == sorted(map(weights.get, tree.reasons), reverse=True)


def test_every_use_is_answered():
    for use in USES:
        assert advice(need(use)).fitting, use


def test_every_failure_is_answered():
    for failure in FAILURES:
        assert advice(need(survive=[failure])).fitting, failure


def test_no_clause_is_in_vain():
    """Each can hold for some need that can be stated."""
    for entry in entries():
        for clause in (*entry.meets, *entry.ruled_out):
            stated = {facet: next(iter(words)) for facet, words in clause.need.items()}
            nodes = {None: None, "one": 1, "many": 2}[stated.get("nodes")]
            use = [stated["use"]] if "use" in stated else []
            survive = [stated["survive"]] if "survive" in stated else []
            wanted = need(*use, state=stated.get("state"), scale=stated.get("scale"), survive=survive, nodes=nodes)
            assert clause.holds(wanted), (entry.name, clause)


@st.composite
def needs(draw) -> Need:
    try:
        return Need(
            draw(st.frozensets(st.sampled_from(sorted(USES)), max_size=3)),
            draw(st.none() | st.sampled_from(sorted(STATES))),
            draw(st.none() | st.sampled_from(sorted(SCALES))),
            draw(st.frozensets(st.sampled_from(sorted(FAILURES)), max_size=3)),
            draw(st.none() | st.integers(1, 9)),
        )
    except Contradiction:
        return Need()


@given(needs())
def test_advice_is_in_order_and_never_contradicts_itself(wanted):
    given_advice = advice(wanted)
    scores = [judged.score for judged in given_advice.fitting]
    assert scores == sorted(scores, reverse=True)
    assert not set(names(given_advice.fitting)) & set(names(given_advice.ruled_out))
    every = (*given_advice.fitting, *given_advice.ruled_out)
    assert all(judged.reasons for judged in every)


@pytest.mark.parametrize(
    ("stated", "reason"),
    [
        ({"use": frozenset({"jobs"})}, "jobs is no use case; there are functions, workers,"),
        ({"state": "much"}, "much is no state; there are none, private, shared"),
        ({"scale": "huge"}, "huge is no scale; there are small, medium, large"),
        ({"survive": frozenset({"fire"})}, "fire is no failure to survive; there are crash,"),
        ({"nodes": 0}, "there is at least 1 node, not 0"),
    ],
)
def test_word_that_is_none_is_refused(stated, reason):
    with pytest.raises(ValueError, match=reason):
        Need(**stated)


@pytest.mark.parametrize(
    ("stated", "reason"),
    [
        ({"use": frozenset({"functions", "workers"})}, "leave out functions, or workers"),
        ({"use": frozenset({"functions"}), "state": "shared"}, "leave out functions, or the state"),
        ({"use": frozenset({"entities"}), "state": "none"}, "leave out entities, or state none"),
        ({"survive": frozenset({"node"}), "nodes": 1}, "name more nodes, or vm"),
    ],
)
def test_contradiction_is_refused(stated, reason):
    with pytest.raises(Contradiction, match=reason):
        Need(**stated)
