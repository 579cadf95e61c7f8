"""The interval keeps its word, and the judgement follows the interval."""

from __future__ import annotations

from math import exp
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whetstone_server.sandbox.timing import NOISE_FLOOR, judged, speedup
from whetstone_server.sandbox.verdict import Speedup

QUADS = st.lists(st.floats(0.05, 20), min_size=1, max_size=12)
SAMPLES = st.lists(QUADS, min_size=1, max_size=7)


def simulated(dice: Random, gain: float, *, processes: int, quads: int, between: float, within: float) -> Speedup:
    """What would be answered for processes whose luck differs by `between` and whose quads differ by `within`."""
    lucks = [dice.gauss(0, between) for _ in range(processes)]
    return speedup([[gain * exp(luck + dice.gauss(0, within)) for _ in range(quads)] for luck in lucks], seed=3)


@pytest.mark.parametrize("processes", [2, 3, 5])
@pytest.mark.parametrize(("between", "within"), [(0.002, 0.01), (0.02, 0.05)])
def test_the_interval_holds_the_true_gain_nineteen_times_in_twenty(processes, between, within):
    dice = Random(7)
    found = [simulated(dice, 1.2, processes=processes, quads=15, between=between, within=within) for _ in range(100)]
    covered = sum(one.low <= 1.2 <= one.high for one in found)
    assert covered >= 91  # 95 of 100 tries, less twice their standard error


def test_the_same_code_twice_is_hardly_ever_told_apart():
    """One process in twenty is off by several percent, as measured on a busy machine."""
    dice = Random(11)
    told_apart = 0
    for _ in range(100):
        lucks = [dice.gauss(0, 0.03 if dice.random() < 0.05 else 0.003) for _ in range(5)]
        found = speedup([[exp(luck + dice.gauss(0, 0.03)) for _ in range(30)] for luck in lucks])
        told_apart += judged(found) != "no-difference"
    assert told_apart == 0


def test_a_true_gain_of_a_tenth_is_found():
    dice = Random(13)
    found = [simulated(dice, 1.1, processes=5, quads=30, between=0.003, within=0.02) for _ in range(60)]
    assert all(judged(one) == "faster" for one in found)
    assert all(judged(one, threshold=1.2) == "no-difference" for one in found)


@given(SAMPLES)
def test_the_estimate_lies_inside_an_interval_no_narrower_than_the_noise(samples):
    found = speedup(samples)
    assert found.low <= found.estimate / (1 + NOISE_FLOOR) * (1 + 1e-12)
    assert found.high >= found.estimate * (1 + NOISE_FLOOR) * (1 - 1e-12)


@given(SAMPLES)
def test_swapping_old_and_new_turns_the_answer_upside_down(samples):
    found, swapped = speedup(samples), speedup([[1 / ratio for ratio in quads] for quads in samples])
    assert swapped.estimate == pytest.approx(1 / found.estimate)
    assert (swapped.low, swapped.high) == pytest.approx((1 / found.high, 1 / found.low))


@given(SAMPLES, st.floats(0.1, 10))
def test_scaling_every_ratio_scales_the_answer(samples, factor):
    found, scaled = speedup(samples), speedup([[factor * ratio for ratio in quads] for quads in samples])
    assert (scaled.estimate, scaled.low, scaled.high) == pytest.approx(
        (factor * found.estimate, factor * found.low, factor * found.high)
    )


@given(SAMPLES)
@settings(max_examples=20)
def test_the_same_samples_give_the_same_answer(samples):
    assert speedup(samples) == speedup(samples)


def test_fewer_processes_widen_the_interval():
    quads = [1.19, 1.2, 1.21] * 10
    widths = [speedup([quads] * processes).high for processes in (1, 2, 3, 4, 5)]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 1.2 * 1.03


def test_one_disturbed_process_does_not_move_the_estimate():
    quiet = [1.3, 1.31, 1.29]
    assert speedup([quiet, quiet, quiet, quiet, [9.0, 9.5]]).estimate == pytest.approx(1.3)


def test_processes_that_finished_nothing_are_passed_over():
    assert speedup([[], [2.0], []]).estimate == pytest.approx(2.0)


@pytest.mark.parametrize("samples", [[], [[]], [[0.0]], [[-1.0]]])
def test_samples_that_say_nothing_are_refused(samples):
    with pytest.raises(ValueError):
        speedup(samples)


@pytest.mark.parametrize(
    ("low", "high", "answer"),
    [
        (1.06, 3.0, "faster"),
        (1.05, 3.0, "no-difference"),
        (0.5, 0.95, "slower"),
        (0.5, 0.96, "no-difference"),
        (0.5, 2.0, "no-difference"),
    ],
)
def test_only_a_whole_interval_beyond_the_threshold_decides(low, high, answer):
    assert judged(Speedup((low * high) ** 0.5, low, high)) == answer
