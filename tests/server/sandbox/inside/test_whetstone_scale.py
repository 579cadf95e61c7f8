"""Longer calls that are still calls of the same kind: what was found is found again, what was in order stays so."""

from __future__ import annotations

PRELUDE = """
import collections, dataclasses, random
from whetstone_scale import Scaler
@dataclasses.dataclass
class User:
    name: str
    age: int
Row = collections.namedtuple("Row", "id text")
def times(repeats, **call): return Scaler(call, random.Random(1)).times(repeats)
"""
RELATIONS = """
call = times(5, orders=[{"user": 1, "sum": 5}, {"user": 2, "sum": 5}], users=[{"id": 1}, {"id": 2}])
users = [user["id"] for user in call["users"]]
assert len(users) == len(set(users)) == 10, "what told items apart still does"
assert all(order["user"] in users for order in call["orders"]), "what matched still matches"
assert {order["sum"] for order in call["orders"]} == {5}, "what repeated stays as it was"
call = times(4, prices={"apple": 3, "pear": 4}, basket=["apple", "pear"])
assert len(call["prices"]) == 8 and all(fruit in call["prices"] for fruit in call["basket"])
call = times(3, graph={1: [2], 2: [1]})
assert all(target in call["graph"] for targets in call["graph"].values() for target in targets)
call = times(3, rows=[Row(1, "a"), Row(2, "b")], users=[User("a", 5), User("b", 5)])
assert len({row.id for row in call["rows"]}) == 6 and len({user.name for user in call["users"]}) == 6
assert {type(user) for user in call["users"]} == {User} and {user.age for user in call["users"]} == {5}
"""
ORDER = """
assert times(3, xs=[1, 2, 3])["xs"] == list(range(1, 10))
assert times(20, xs=[3, 1, 2])["xs"] != sorted(times(20, xs=[3, 1, 2])["xs"])
assert sorted(times(2, xs=[3, 1, 2])["xs"]) == [1, 2, 3, 4, 5, 6]
"""
TYPES = """
given = {"a": [1], "b": (1, 2), "c": {1, 2}, "d": frozenset({1}), "e": {"x": 1}, "f": collections.deque([1, 2], 50),
         "g": collections.Counter("ab"), "h": 7, "i": "text", "j": None, "k": collections.OrderedDict(a=1)}
for repeats in (1, 3):
    grown = times(repeats, **given)
    assert {name: type(value) for name, value in grown.items()} == {name: type(value) for name, value in given.items()}
    assert all(grown[name] == given[name] for name in "hij")
    assert grown["f"].maxlen == 50
    assert all(len(grown[name]) == repeats * len(given[name]) for name in "abf")
assert times(1, **given) == given
assert times(3, text="ab")["text"] == "ababab", "a text grows when nothing else does"
assert given["a"] == [1] and given["e"] == {"x": 1}, "the recorded call stays as it was"
assert len(times(3, xs=[float("nan"), 1.0])["xs"]) == 6
assert Scaler({"a": [1, 2], "b": "abcdef"}, random).longest() == 2
assert Scaler({"b": "abc"}, random).longest() == 0, "a name is no text"
assert Scaler({"b": "abc" * 6}, random).longest() == 18
assert Scaler({"n": 3}, random).longest() == 0
"""


def test_relations_between_arguments_survive(python, script):
    script(PRELUDE + RELATIONS, python)


def test_what_was_in_order_stays_in_order(python, script):
    script(PRELUDE + ORDER, python)


def test_types_and_all_else_stay(python, script):
    script(PRELUDE + TYPES, python)
