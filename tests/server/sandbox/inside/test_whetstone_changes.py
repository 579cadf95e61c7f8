"""Answers that are remembered for objects which change between two calls."""

from __future__ import annotations

import base64

import pytest


@pytest.fixture
def differences(project, job):
    """Return what differs between two texts of a module, in a function of it."""

    def found(old, new, function="f"):
        root = project(subject=old)
        arguments = {"root": str(root), "path": str(root / "subject.py"), "module": "subject", "function": function}
        arguments |= {side: base64.b64encode(text.encode()).decode() for side, text in (("old", old), ("new", new))}
        return job("whetstone_behaviour", {**arguments, "recorded": [], "seconds": 2, "seed": 1})["differences"]

    return found


def test_a_list_that_grew_is_not_the_list_it_was(differences):
    new = "_known = {}\ndef f(xs: list[int]) -> int:\n    return _known.setdefault(id(xs), sum(xs))\n"
    told = differences("def f(xs: list[int]) -> int:\n    return sum(xs)\n", new)
    assert "its objects changed" in told[0]["input"]


BASKET = """\
{extra}
class Basket:
    def __init__(self) -> None:
        self.prices = []

    def add(self, price: int) -> None:
        self.prices.append(price)

    {decorator}def total(self) -> int:
        return sum(self.prices)
"""


def test_an_object_is_changed_by_its_own_methods(differences):
    old = BASKET.format(extra="", decorator="")
    new = BASKET.format(extra="import functools", decorator="@functools.lru_cache(None)\n    ")
    assert differences(old, new, "Basket.total")


def test_data_that_other_functions_change_is_asked_for_anew(differences):
    text = "_banned = ['a']\ndef ban(word):\n    _banned.append(word)\n"
    old = text + "def f(word: str) -> bool:\n    return word in _banned\n"
    new = text + "def f(word: str) -> bool:\n    return word == 'a'\n"
    assert differences(old, new)
    assert differences(old, old.replace("word in", "_banned.count(word) > 0 and word in")) == []


def test_a_generator_that_is_left_early_still_closes(differences):
    text = "closed = []\ndef f(xs: list[int]):\n"
    old = text + "    try:\n        yield from xs\n    finally:\n        closed.append(1)\n"
    new = text + "    yield from xs\n    closed.append(1)\n"
    assert differences(old, new)
