"""Dates, decimals and fractions: odd ones to try, and the neighbours of those that were seen."""

from __future__ import annotations

import datetime as dt
import sys
from decimal import Decimal
from pathlib import Path

import pytest

import whetstone_server

INSIDE = str(Path(whetstone_server.__file__).parent / "sandbox" / "inside")


@pytest.fixture
def kinds(monkeypatch):
    monkeypatch.syspath_prepend(INSIDE)
    import whetstone_kinds

    yield whetstone_kinds
    sys.modules.pop("whetstone_kinds")


def test_the_leap_day_is_among_the_odd_dates(kinds):
    assert dt.date(2024, 2, 29) in kinds.odd(dt.date)
    assert {type(value) for value in kinds.odd(Decimal)} == {Decimal}
    assert kinds.odd(str) == ()


def test_neighbours_of_a_leap_day_are_real_days(kinds):
    beside = kinds.beside(dt.date(2024, 2, 29))
    assert dt.date(2024, 3, 1) in beside
    assert dt.date(2024, 2, 28) in beside
    assert all(type(day) is dt.date for day in beside)
    assert dt.date.max not in kinds.beside(dt.date.max)
