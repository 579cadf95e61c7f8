"""Values that find differences: on the constants of the code, beside them, odd ones, long ones; the same for a seed."""

from __future__ import annotations

PRELUDE = """
import random
from whetstone_grow import Grower, relatives
INTS, STRINGS, FLOATS = ("atom", int, ()), ("atom", str, ()), ("atom", float, ())
def values(shape, count=400, seed=3, **settings):
    grower = Grower(random.Random(seed), **settings)
    return [grower.value(shape) for _ in range(count)]
"""
CONSTANTS = """
found = values(INTS, constants=[123456])
assert {123455, 123456, 123457} <= set(found)
assert {"needle", "needlex", "needl"} <= set(values(STRINGS, constants=["needle"]))
assert 7.25 in values(FLOATS, constants=[7.25])
"""
ODD = """
floats = values(FLOATS)
assert any(value != value for value in floats) and float("inf") in floats and "-0.0" in map(repr, floats)
numbers = values(INTS)
assert 0 in numbers and min(numbers) < 0 and any(abs(value) > 2 ** 53 for value in numbers)
texts = values(STRINGS)
assert "" in texts and any(not text.isascii() for text in texts) and any(text != text.strip() for text in texts)
assert {True, False} == set(values(("atom", bool, ())))
"""
SEEDED = """
shape = ("dict", dict, STRINGS, ("list", ("any", (INTS, FLOATS))))
assert repr(values(shape, 50)) == repr(values(shape, 50))
assert repr(values(shape, 50)) != repr(values(shape, 50, seed=4))
"""
BOUNDED = """
assert max(values(INTS, largest=16)) <= 16
assert max(values(("atom", int, ()), largest=16, constants=[1000, 9])) <= 16
assert 9 in values(INTS, largest=16, constants=[1000, 9])
"""
SIZED = """
grower = Grower(random.Random(3))
for size in (10, 1000):
    for shape in (("list", INTS), ("list", STRINGS), ("tuple*", INTS), ("deque", FLOATS),
                  ("list", ("record", dict, (("id", INTS), ("name", STRINGS)), ()))):
        assert len(grower.value(shape, size)) == size, shape
    for shape in (("set", INTS), ("dict", dict, INTS, STRINGS)):
        assert len(grower.value(shape, size)) > size / 2, shape
    assert len(set(grower.value(("list", INTS), size))) > size / 2, "most are different"
    assert len(grower.value(STRINGS, size)) >= size / 2
"""
RELATIVES = """
for value in ("Abc", 5, True, 1.5): assert all(type(other) is type(value) for other in relatives(value))
assert "ABC" in relatives("Abc") and 6 in relatives(5)
"""


def test_constants_of_the_code_are_hit(python, script):
    script(PRELUDE + CONSTANTS, python)


def test_odd_values_come_up(python, script):
    script(PRELUDE + ODD, python)


def test_a_seed_repeats_them_all(python, script):
    script(PRELUDE + SEEDED, python)


def test_whole_numbers_stay_below_a_bound(python, script):
    script(PRELUDE + BOUNDED, python)


def test_collections_are_as_long_as_asked(python, script):
    script(PRELUDE + SIZED, python)


def test_relatives_are_of_the_same_type(python, script):
    script(PRELUDE + RELATIVES, python)
