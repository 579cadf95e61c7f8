"""Several sizes become one answer, and recorded calls outweigh them."""

from __future__ import annotations

import pytest

from whetstone_server.sandbox.speeds import Speeds
from whetstone_server.sandbox.verdict import Growth, Speedup

FASTER, SLOWER, SAME = Speedup(2.0, 1.9, 2.1), Speedup(0.5, 0.45, 0.55), Speedup(1.0, 0.99, 1.01)


def verdict(usual, *steps):
    growth = tuple(Growth(size, found) for size, found in steps)
    return Speeds(usual, growth, threshold=1.05, recorded=usual is not None).verdict()


@pytest.mark.parametrize(("usual", "answer"), [(FASTER, "faster"), (SLOWER, "slower"), (SAME, "no-difference")])
def test_recorded_calls_decide_by_themselves(usual, answer):
    """Without other sizes the recorded calls are all there is."""
    assert verdict(usual).answer == answer


def test_a_loss_on_longer_inputs_is_said_beside_a_gain_on_recorded_calls():
    """Recorded calls are the best evidence of use, but nothing is kept back."""
    found = verdict(FASTER, (1_000, SLOWER))
    assert found.answer == "faster"
    assert "0.50× (0.45–0.55) at 1,000 items" in found.reason


def test_a_gain_that_grows_outweighs_recorded_calls_that_show_none():
    """Tests are often small: a gain on every larger size counts, and the verdict says where it begins."""
    found = verdict(SAME, (64, FASTER), (512, Speedup(9.0, 8.9, 9.1)))
    assert found.answer == "faster"
    assert found.speedup == FASTER
    assert "no difference on the recorded calls" in found.reason


@pytest.mark.parametrize("steps", [((64, FASTER),), ((64, FASTER), (512, SAME)), ((64, FASTER), (512, SLOWER))])
def test_one_size_or_a_gain_that_fades_does_not(steps):
    """One size may look faster by chance."""
    assert verdict(SAME, *steps).answer == "no-difference"


def test_recorded_calls_that_are_a_little_slower_are_not_outweighed():
    """An interval wholly below 1 says that the tests themselves got slower."""
    assert verdict(Speedup(0.97, 0.96, 0.98), (64, FASTER), (512, FASTER)).answer == "no-difference"


def test_slower_recorded_calls_stay_slower_however_the_gain_grows():
    """Whether it helps depends on the sizes in use, so it is not called faster."""
    assert verdict(SLOWER, (64, FASTER), (512, FASTER)).answer == "slower"


def test_made_up_inputs_need_a_gain_up_to_the_largest_size():
    """A gain in the middle that the largest size does not show is chance."""
    assert verdict(None, (128, SAME), (512, FASTER), (1_024, SAME)).answer == "no-difference"
    found = verdict(None, (128, SAME), (512, FASTER), (1_024, FASTER))
    assert (found.answer, "at 512 items" in found.reason) == ("faster", True)


def test_a_loss_on_tiny_inputs_is_said_and_does_not_decide():
    """Building a set costs more than it saves on four items; nobody is hurt by that."""
    found = verdict(None, (4, SLOWER), (128, FASTER), (1_024, FASTER))
    assert found.answer == "faster"
    assert "at 4 items" in found.reason


def test_a_loss_at_any_size_that_counts_decides():
    """Faster on some inputs and slower on others is not called faster when nobody knows which ones are in use."""
    assert verdict(None, (128, SLOWER), (1_024, FASTER)).answer == "slower"
