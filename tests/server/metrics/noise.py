"""Noise as measurements have it, a sample each hour, from a seed; and series made of it."""

from __future__ import annotations

import math
from random import Random

from whetstone_server.metrics import Sample, Series, metric_named

START = 1_760_000_000_000_000
HOUR = 3_600_000_000
WEEK = 168
"""Samples."""


def normal(dice, count):
    return [100 + 5 * dice.gauss(0, 1) for _ in range(count)]


def lognormal(dice, count):
    return [100 * math.exp(0.5 * dice.gauss(0, 1)) for _ in range(count)]


def heavy_tailed(dice, count):
    """Cauchy's: not even its mean exists."""
    return [100 + math.tan(math.pi * (dice.random() - 0.5)) for _ in range(count)]


def autocorrelated(dice, count, neighbour=0.5):
    value, values = dice.gauss(0, 1) / math.sqrt(1 - neighbour**2), []
    for _ in range(count):
        value = neighbour * value + dice.gauss(0, 1)
        values.append(100 + 5 * value)
    return values


def skewed_and_autocorrelated(dice, count):
    return [100 * math.exp((value - 100) / 20) for value in autocorrelated(dice, count)]


def moving_average(dice, count):
    """Each value shares something with the next five."""
    pieces = [dice.gauss(0, 1) for _ in range(count + 5)]
    return [100 + sum(pieces[place : place + 6]) for place in range(count)]


def daily(dice, count):
    late = 24 * dice.random()
    return [100 + 10 * math.sin(2 * math.pi * (hour + late) / 24) + 5 * dice.gauss(0, 1) for hour in range(count)]


def office_hours(dice, count):
    return [value + 20 * (8 <= hour % 24 < 18) for hour, value in enumerate(autocorrelated(dice, count, 0.3))]


def rounded(dice, count):
    return [round(10 + 0.6 * dice.gauss(0, 1)) for _ in range(count)]


def rare(dice, count):
    """Errors: mostly none."""
    return [float(dice.random() < 0.05) for _ in range(count)]


def two_modes(dice, count):
    return [(100 if dice.random() < 0.7 else 150) + dice.gauss(0, 1) for _ in range(count)]


def spreading(dice, count):
    """The level stays, the spread grows to five times what it was."""
    return [100 + dice.gauss(0, 1) * (1 + 4 * hour / count) for hour in range(count)]


KINDS = (
    normal,
    lognormal,
    heavy_tailed,
    autocorrelated,
    skewed_and_autocorrelated,
    moving_average,
    daily,
    office_hours,
    rounded,
    rare,
    two_modes,
    spreading,
)


def series_of(values, name="latency_ms", every=HOUR, meta=None):
    return Series(
        metric_named(name, meta[-1] if meta else None),
        {},
        [
            Sample(START + place * every, float(value), meta[place] if meta else {})
            for place, value in enumerate(values)
        ],
    )


def made(kind, seed, count=WEEK):
    return kind(Random(seed), count)
