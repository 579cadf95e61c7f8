"""No wrong rewrite is ever called faster, nor is one that is none; run in a real sandbox."""

from __future__ import annotations

import pytest

from tests.proofs.corpus import all_pairs, project
from whetstone_server.improvements.prove import Prover

PAIRS = all_pairs()
BUDGET_SECONDS = 4.0
SAMPLE = 4
"""Of the right and of the equal pairs every fourth is tried here; `benchmarks/proofs.py` tries them all."""


@pytest.fixture(scope="module")
def prover(tmp_path_factory):
    """One warm sandbox over one project that holds every old version with its tests."""
    root = project(tmp_path_factory.mktemp("project"), PAIRS)
    with Prover(root, budget=BUDGET_SECONDS) as opened:
        opened.record([(root / f"{pair.module}.py", pair.old, pair.function) for pair in PAIRS])
        yield root, opened


def of_kind(kind):
    pairs = [pair for pair in PAIRS if pair.kind == kind]
    if kind != "wrong":
        pairs = pairs[::SAMPLE]
    return pytest.mark.parametrize("pair", pairs, ids=[pair.name for pair in pairs])


def verdict_on(prover, pair):
    root, opened = prover
    return opened.compare(root / f"{pair.module}.py", pair.old, pair.new, pair.function).verdict


@of_kind("wrong")
def test_a_wrong_rewrite_is_never_called_faster(prover, pair):
    verdict = verdict_on(prover, pair)
    assert verdict.answer != "faster", verdict.reason


@of_kind("equal")
def test_a_rewrite_that_is_no_faster_is_not_called_so(prover, pair):
    verdict = verdict_on(prover, pair)
    assert verdict.answer in {"no-difference", "slower"}, verdict.reason


def test_nine_of_ten_right_rewrites_are_proven(prover):
    pairs = [pair for pair in PAIRS if pair.kind == "faster"][::SAMPLE]
    answers = {pair.name: verdict_on(prover, pair) for pair in pairs}
    missed = {name: verdict.reason for name, verdict in answers.items() if verdict.answer != "faster"}
    assert len(missed) <= len(pairs) / 10, missed
