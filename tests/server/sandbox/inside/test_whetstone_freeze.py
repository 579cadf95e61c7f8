"""Arguments come back as they were, or the reason why they cannot is a sentence."""

from __future__ import annotations

import pytest

PRELUDE = """
import warnings; warnings.simplefilter("error")
import collections, enum, functools, io, itertools, operator, socket, threading, types, unittest.mock
from whetstone_freeze import Unfreezable, freeze, thaw
def back(*args, **kwargs): return thaw(freeze(args, kwargs, home=globals()))
def refused(thing, **settings):
    try: freeze((thing,), {}, **settings)
    except Unfreezable as reason: return str(reason)
SENTINEL = object()
class Thing:
    def method(self): return self
    @classmethod
    def of_class(cls): return cls
class Empty: pass
MISSING = Empty()
def counter():
    count = [0]
    def call(n):
        count[0] += 1
        return 1 if n < 2 else n * call(n - 1)
    return call, lambda: count[0]
"""
KEPT = {
    "shared references": "x = [1]; (a, b), k = back(x, [x], c=x); assert b[0] is a and k['c'] is a and a == [1]",
    "a cycle": "x = []; x.append(x); (a,), _ = back(x); assert a[0] is a",
    "a lambda with its defaults": "(f,), _ = back(lambda x, y=3, *, z=4: x + y + z); assert f(1) == 8",
    "closures that share a variable": "(f, g), _ = back(*counter()); assert f(5) == 120 and g() == 5",
    "a function that holds itself": "(f, g), _ = back(*counter()); assert f.__closure__[0].cell_contents is f",
    "a function's attributes": "f = lambda: 1; f.mark = 2; (g,), _ = back(f); assert g.mark == 2 and g is not f",
    "a function by its name": "(f,), _ = back(counter); assert f is counter",
    "a method": "t = Thing(); (m, u), _ = back(t.method, t); assert m() is u",
    "a method of a class": "(m,), _ = back(Thing.of_class); assert m() is Thing",
    "a lambda bound to an object": "(m,), _ = back(types.MethodType(lambda s: s, Thing())); assert type(m()) is Thing",
    "a function of no module": "(f,), _ = back(eval('lambda n: n * far(n)', {'far': abs})); assert f(-2) == -4",
    "a function of no module that holds itself": (
        "space = {}; exec('def f(n): return n and n + f(n - 1)', space); (f,), _ = back(space['f']); assert f(3) == 6"
    ),
    "a sentinel": "(s, m), _ = back(SENTINEL, MISSING); assert s is SENTINEL and m is MISSING",
    "an iterator, not advanced": "i = iter([1, 2]); (j,), _ = back(i); assert list(i) == list(j) == [1, 2]",
    "a view of a dict": "d = {1: 2}; (v, e), _ = back(d.keys(), d); e[3] = 4; assert list(v) == [1, 3]",
    "a read-only mapping": "d = {1: 2}; (v, e), _ = back(types.MappingProxyType(d), d); e[3] = 4; assert v[3] == 4",
    "a module": "(m,), _ = back(operator); assert m is operator",
    "classes without a name": "(a, b), _ = back(type(None), types.FunctionType); assert b is types.FunctionType",
    "a partial": "(p,), _ = back(functools.partial(lambda a, b: a - b, 5)); assert p(2) == 3",
    "a method of a list": "x = []; (a, y), _ = back(x.append, x); a(1); assert y == [1]",
    "equal calls in equal bytes": "def f(): return lambda q: q\nassert freeze((f(),), {}) == freeze((f(),), {})",
}
REFUSED = {
    "(i for i in [])": "a generator cannot be copied",
    "threading.Event()": "a lock cannot be copied",
    "threading.RLock()": "a lock cannot be copied",
    "open('/dev/null')": "an open file cannot be copied",
    "socket.socket()": "a socket.socket cannot be copied",
    "itertools.chain([1])": "an itertools.chain cannot be copied",
    "type('Local', (), {})()": "the class Local cannot be found again under its name",
    "[bytes(2000)]": "the arguments are larger than 1000 bytes",
    "sys._getframe()": "a frame cannot be copied",
    "Rude()": "copying the arguments raised ValueError: no",
    "Leaving()": "copying the arguments raised SystemExit: 3",
    "deep": "the arguments are nested too deeply to be copied",
}
RUDE = """
warnings.simplefilter("ignore")
class Rude:
    def __reduce__(self): raise ValueError("no")
class Leaving:
    def __reduce__(self): sys.exit(3)
deep = []
for _ in range(100000): deep = [deep]
"""


def test_what_is_kept(python, script):
    """What a call may receive arrives in one piece."""
    script(PRELUDE + "\n".join(KEPT.values()), python)


@pytest.mark.parametrize("case", KEPT)
def test_keeps(case, script):
    """Each by itself, where this interpreter tells which one fails."""
    import sys

    script(PRELUDE + KEPT[case], sys.executable)


def test_refuses_with_a_reason(python, script):
    """What cannot be copied is named."""
    text = (
        PRELUDE
        + RUDE
        + "\n".join(f"print(refused({thing}, limit=1000000 if {thing!r} == 'deep' else 1000))" for thing in REFUSED)
    )
    assert script(text, python).splitlines() == list(REFUSED.values())


def test_module_off_the_path_is_found_by_its_file(python, script, tmp_path):
    """A class of a test module comes back where nothing leads to the tests' folder."""
    (tmp_path / "far_away.py").write_text("class Far: pass\n")
    freeze = "import whetstone_freeze as w; sys.path.append(sys.argv[1]); import far_away\n"
    freeze += "print(w.freeze((far_away.Far(),), {}).hex())"
    frozen = script(freeze, python, str(tmp_path))
    thaw = "import whetstone_freeze as w; print(type(w.thaw(bytes.fromhex(sys.argv[1]))[0][0]))"
    assert script(thaw, python, frozen.strip()) == "<class 'far_away.Far'>\n"


def test_given_modules_stand_in(python, script):
    """A class is looked up in the module handed over for its name."""
    text = """
import types, whetstone_freeze as w
class C: pass
frozen = w.freeze((C(), lambda: C), {})
other = types.ModuleType("other")
class D: pass
other.C = D
(thing, function), _ = w.thaw(frozen, {"__main__": other})
assert type(thing) is D and function() is D
"""
    script(text, python)
