"""The most marked cut and how far it shifts the level, against data that everybody knows."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone_server.metrics.jump import cut, shift, z_of

NILE = [
    *(1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140),
    *(1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969),
    *(831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759, 781),
    *(865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890, 744, 749, 838),
    *(1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740),
]
"""Yearly flow at Aswan from 1871 on, in 10⁸ m³ (Cobb, Biometrika 65, 1978)."""
AT_TERM = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
EARLY = [1.15, 0.88, 0.90, 0.74, 1.21]
"""Permeability of a membrane: Hollander and Wolfe, example 4.1."""


def test_the_nile_fell_in_1899():
    """As Cobb found, and everybody since; by about 250."""
    assert len(NILE) == 100
    found = cut(NILE)
    assert 1871 + found.place == 1899
    assert found.z < 0
    assert found.chance() < 1e-6
    fall = shift(NILE[:28], NILE[28:])
    assert fall.estimate == pytest.approx(-250, abs=20)
    assert fall.low < fall.estimate < fall.high < -150


def test_shift_is_the_one_of_the_textbook():
    assert shift(AT_TERM, EARLY).estimate == pytest.approx(-0.305)


def test_z_is_that_of_mann_and_whitney():
    """Their statistic is 35 here, where 25 is expected with a variance of 10·5·16/12."""
    assert z_of(EARLY, AT_TERM) == pytest.approx((35 - 25) / math.sqrt(10 * 5 * 16 / 12))
    assert z_of(AT_TERM, EARLY) == -z_of(EARLY, AT_TERM)


@given(st.lists(st.integers(0, 4), min_size=6, max_size=30))
def test_cut_is_the_best_of_all(values):
    found = cut(values)
    if found is None:
        assert len(set(values)) == 1
        return
    every = [z_of(values[:place], values[place:]) for place in range(3, len(values) - 2)]
    assert abs(found.z) == pytest.approx(max(map(abs, every)))
    assert z_of(values[: found.place], values[found.place :]) == pytest.approx(found.z)


@pytest.mark.parametrize("count", [12, 30, 100])
def test_chance_is_an_upper_bound_of_how_often_noise_looks_like_that(count):
    dice = Random(count)
    heights = sorted(cut(dice.sample(range(count), count)).chance() for _ in range(1000))
    for level in (0.01, 0.05, 0.2):
        told = sum(chance <= level for chance in heights) / len(heights)
        assert told <= level + 2.5 * math.sqrt(level * (1 - level) / len(heights))


def test_too_few_values_have_no_cut():
    assert cut([]) is None
    assert cut([1, 1, 1, 9, 9]) is None
    assert cut([1, 1, 1, 9, 9, 9]).place == 3


def test_few_values_have_an_interval_without_end():
    assert shift([1], [2])[1:] == (-math.inf, math.inf)
