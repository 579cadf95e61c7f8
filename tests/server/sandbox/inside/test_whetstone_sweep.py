"""Odd values in every place: in the fields of objects too, and shared between arguments."""

from __future__ import annotations

PRELUDE = """
import collections, random
import whetstone_sweep
from whetstone_grow import Grower
FLOATS, STRINGS = ("atom", float, ()), ("atom", str, ())
class Price:
    def __init__(self, amount, currency):
        if amount < 0:
            raise ValueError("no such price")
        self.amount, self.currency = amount, currency
PRICE = ("built", Price, (("amount", FLOATS), ("currency", STRINGS)))
Point = collections.namedtuple("Point", "x name")
POINT = ("named", Point, (FLOATS, STRINGS))
grower = Grower(random.Random(5))
def shared(source, target):
    return list(whetstone_sweep.shared(source, target, grower))
"""
FIELDS = """
prices = list(whetstone_sweep.values(PRICE, {}, grower))
assert any(price.amount != price.amount for price in prices) and any(price.currency == "" for price in prices)
assert all(not price.amount < 0 for price in prices)  # those that the constructor refused are left out
points = list(whetstone_sweep.values(("list", POINT), {str: ["needle"]}, grower))
assert any(len(row) == 2 and row[0] is row[1] and row[0].name == "needle" for row in points)
"""
SHARED = """
for element in (FLOATS, PRICE, POINT):
    for kind, made in (("list", list), ("tuple*", tuple)):
        found = shared((kind, element), ("any", (("atom", int, ()), element)))
        assert {1} <= {len(row) for row in found} <= {1, 3} and all(type(row) is made for row in found)
assert [len(row) for row in shared(("list", FLOATS), FLOATS)] == [1, 3]
assert all(row[0] != row[0] for row in shared(("list", FLOATS), FLOATS))
assert any(row[0].amount != row[0].amount for row in shared(("list", PRICE), PRICE))
"""
NOT_SHARED = """
assert shared(("list", FLOATS), STRINGS) == shared(FLOATS, FLOATS) == shared(("set", FLOATS), FLOATS) == []
assert shared(("list", STRINGS), STRINGS) == []
"""


def test_fields_of_objects_are_swept(python, script):
    script(PRELUDE + FIELDS, python)


def test_what_is_unequal_to_itself_is_shared(python, script):
    script(PRELUDE + SHARED, python)


def test_nothing_is_shared_between_unlike_arguments(python, script):
    script(PRELUDE + NOT_SHARED, python)
