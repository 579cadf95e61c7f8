"""A counterexample becomes as small as it can be while it stays one."""

from __future__ import annotations

SMALLEST = """
import time
from whetstone_shrink import smaller
made = subject("def f(*a, **k): pass", "def f(*a, **k): pass")
def smallest(differs, *args, **kwargs):
    def still(frozen):
        given, named = made.thaw(frozen)
        return differs(*given, **named)
    return made.thaw(smaller(made, freeze(args, kwargs), still, time.monotonic() + 20))
assert smallest(lambda x: len(x) >= 2, [5, 6, 7, 8, 9]) == (([0, 0],), {})
assert smallest(lambda x: 7 in x, [5, 6, 7, 8, 9]) == (([7],), {})
assert smallest(lambda x: "b" in x, "aaabaaaa") == (("b",), {})
assert smallest(lambda x: x > 40, 1000)[0][0] in range(41, 63)
assert smallest(lambda x: x < -3, -900)[0][0] in range(-7, -3)
assert smallest(lambda x: "id" in x, {"id": 30, "name": "x"}) == (({"id": 0},), {})
assert smallest(lambda x: len(x) > 1, {1, 2, 3})[0][0] <= {1, 2, 3}
assert smallest(lambda x, y: bool(x and y), [1, 2], (3, 4)) == (([0], (0,)), {})
assert smallest(lambda x: any(x.get("a", ())), x={"a": [True, 2]}) == ((), {"x": {"a": [True]}})
assert smallest(lambda x: any(y != y for y in x), [1.5, float("nan")])[0][0].__len__() == 1
kept = smallest(lambda x: bool(x) and type(x[0]) is float, [2.5])
assert kept == (([0.0],), {}) and type(kept[0][0][0]) is float, "types stay"
"""
IN_TIME = """
import time
from whetstone_shrink import MOST_TRIES, smaller
made = subject("def f(x): pass", "def f(x): pass")
tries = []
frozen = freeze((list(range(500)),), {})
assert smaller(made, frozen, lambda each: tries.append(each) or False, time.monotonic() + 20) == frozen
assert 0 < len(tries) <= MOST_TRIES
assert smaller(made, frozen, lambda each: 1 / 0, time.monotonic() - 1) == frozen, "no time, no try"
"""


def test_finds_the_smallest(python, subjects):
    subjects(SMALLEST, python)


def test_stops_in_time(python, subjects):
    subjects(IN_TIME, python)
