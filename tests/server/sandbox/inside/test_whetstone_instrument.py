"""Hooks reach raw functions, and nobody can tell that they are there."""

from __future__ import annotations

import json

MODULE = '''# -*- coding: latin-1 -*-
"""Of the module: é."""
from __future__ import annotations
import contextlib
import functools

@functools.lru_cache(maxsize=None)
def cached(a, b=2, *rest, key, other=4, **more) -> Unknown:
    """Of cached."""
    return a

class Outer:
    """Of Outer."""
    @property
    def place(self): return 1
    @place.setter
    def place(self, value): self.y = value
    @staticmethod
    def private(__a, *, __b=1): "only a docstring"
    class Inner:
        async def later(self): return 1
        def each(self):
            yield 1

@contextlib.contextmanager
def managed():
    yield 1

try:
    import no_such_module
except ImportError:
    def conditional(x):
        if x:
            return inner(x)
        def inner(z): return z
        raise ValueError(x)

def twice(): return 1
def twice(): return 2
é = 1
'''
NAMES = [
    "cached",
    "Outer.place",
    "Outer.private",
    "Outer.Inner.later",
    "Outer.Inner.each",
    "managed",
    "conditional",
    "twice",
]
PROBE = """
import importlib, json, inspect, sys, traceback, runpy, warnings
folder, names, hooked = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3] == "hooked"
warnings.simplefilter("error")
import whetstone_instrument as instrument
calls, definitions, loads = [], [], []
class Witness:
    def __init__(self, path, name): self.name = name
    def called(self, args, kwargs): calls.append([self.name, len(args), sorted(kwargs), self.function.__name__])
def on_function(path, name, function):
    definitions.append([name, type(function).__name__])
    return function
if hooked:
    instrument.install({folder + "/under_trial.py": instrument.Target(
        functions=tuple(names), on_function=on_function, witness=Witness, on_load=loads.append)})
sys.path.insert(0, folder)
import under_trial as m
def look(f):
    code = f.__code__
    lines = sorted({line for _, _, line in code.co_lines()} - {None}) if hasattr(code, "co_lines") else []
    return [code.co_firstlineno, lines, code.co_filename, code.co_varnames, f.__doc__, str(inspect.signature(f)),
            inspect.isgeneratorfunction(f), inspect.iscoroutinefunction(f), f.__qualname__, inspect.getsource(f)]
functions = [m.cached.__wrapped__, m.Outer.place.fget, m.Outer.private, m.Outer.Inner.later, m.Outer.Inner.each]
looks = [look(f) for f in (*functions, m.managed.__wrapped__, m.conditional, m.twice)]
looks += [sorted(vars(m)), m.__doc__, m.Outer.__doc__, sorted(dir(__builtins__))]
m.cached(1, key=3, extra=9)
m.Outer().place
m.Outer().place = 4
m.Outer.private(1)
with m.managed(): pass
list(m.Outer.Inner().each())
try: m.Outer.Inner().later().send(None)
except StopIteration: pass
try: m.conditional(0)
except ValueError as error:
    looks.append([(f.filename, f.lineno, f.name) for f in traceback.extract_tb(error.__traceback__)][1:])
looks.append(m.twice())
importlib.reload(m)
runpy.run_path(folder + "/under_trial.py")
runpy.run_module("under_trial")
print(json.dumps({"looks": looks, "calls": calls, "definitions": definitions, "loads": len(loads)}))
"""


def test_nothing_visible_changes(python, script, tmp_path):
    """Lines, names, signatures, docstrings, tracebacks and namespaces are those of the file alone."""
    (tmp_path / "under_trial.py").write_text(MODULE, encoding="latin-1")
    hooked = json.loads(script(PROBE, python, str(tmp_path), json.dumps(NAMES), "hooked"))
    plain = json.loads(script(PROBE, python, str(tmp_path), json.dumps(NAMES), "plain"))
    assert hooked["looks"] == plain["looks"]
    assert plain["calls"] == []


def test_every_definition_and_call_is_seen(python, script, tmp_path):
    """Raw functions are handed over beneath their decorators, at import, reload and runpy alike."""
    (tmp_path / "under_trial.py").write_text(MODULE, encoding="latin-1")
    seen = json.loads(script(PROBE, python, str(tmp_path), json.dumps(NAMES), "hooked"))
    assert seen["calls"] == [
        ["cached", 2, ["extra", "key", "other"], "cached"],
        ["Outer.place", 1, [], "place"],
        ["Outer.place", 2, [], "place"],
        ["Outer.private", 1, ["_Outer__b"], "private"],
        ["managed", 0, [], "managed"],
        ["Outer.Inner.each", 1, [], "each"],
        ["Outer.Inner.later", 1, [], "later"],
        ["conditional", 1, [], "conditional"],
        ["twice", 0, [], "twice"],
    ]
    once = [
        "cached", "Outer.place", "Outer.place", "Outer.private", "Outer.Inner.later", "Outer.Inner.each", "managed",
        "conditional", "twice", "twice",
    ]  # fmt: skip
    assert seen["definitions"] == [[name, "function"] for name in once] * 4
    assert seen["loads"] == 4


def test_hook_stands_between_decorators(python, script, tmp_path):
    """`beneath` counts the decorators, from the top, that lie outside the hook."""
    (tmp_path / "decorated.py").write_text(
        "def tag(n):\n    def put(f):\n        return (n, f)\n    return put\n\n@tag(1)\n@tag(2)\ndef f(): pass\n"
    )
    text = """
import whetstone_instrument as instrument
seen = []
def on_function(path, name, function):
    seen.append(function if isinstance(function, tuple) else "raw")
    return function
for beneath in (None, 0, 1, 2, 9):
    target = instrument.Target(functions=("f",), on_function=on_function, beneath=beneath)
    path = sys.argv[1] + "/decorated.py"
    exec(instrument.code_of(path, open(path, "rb").read(), target), {})
print([s if s == "raw" else s[0] for s in seen])
"""
    assert script(text, python, str(tmp_path)) == "['raw', 1, 2, 'raw', 'raw']\n"


def test_new_text_is_loaded_and_shown(python, script, tmp_path):
    """A replacement is what runs and what tracebacks quote; the file is not touched."""
    (tmp_path / "replaced.py").write_text("def f():\n    return 'old'\n")
    text = """
import inspect, whetstone_instrument as instrument
path = sys.argv[1] + "/replaced.py"
instrument.install({path: instrument.Target(source="def f():\\n    return 'n\\u00e9w'\\n".encode())})
sys.path.insert(0, sys.argv[1])
import replaced
print(ascii(replaced.f()), ascii(inspect.getsource(replaced.f)))
"""
    assert script(text, python, str(tmp_path)) == "'n\\xe9w' \"def f():\\n    return 'n\\xe9w'\\n\"\n"
    assert "old" in (tmp_path / "replaced.py").read_text()
