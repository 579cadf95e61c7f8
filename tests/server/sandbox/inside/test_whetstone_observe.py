"""Whatever a caller could notice of a call is noticed, and nothing that a caller could not."""

from __future__ import annotations

NOTICED = {
    "a result of another type": ("def f(): return 1", "def f(): return True", (), "returns"),
    "an order": ("def f(x): return sorted(x)", "def f(x): return x", ([2, 1],), "returns"),
    "a result that is the argument": ("def f(x): return x", "def f(x): return x[:]", ([1],), "returns"),
    "a result that holds the argument": ("def f(x): return [x]", "def f(x): return [x[:]]", ([1],), "returns"),
    "one list twice": ("def f(): a = []; return a, a", "def f(): return [], []", (), "returns"),
    "a changed argument": ("def f(x): x.sort(); return 1", "def f(x): return 1", ([2, 1],), "arguments"),
    "arguments that now share an object": (
        "def f(x, y): x.append(y)",
        "def f(x, y): x.append(y[:])",
        ([], [1]),
        "arguments",
    ),
    "the type of an exception": ("def f(x): return x[0]", "def f(x): return next(iter(x))", ([],), "raises"),
    "the message of an exception": ("def f(): raise ValueError('a')", "def f(): raise ValueError('b')", (), "raises"),
    "an attribute of an exception": (
        "def f():\n  e = ValueError()\n  e.code = 1\n  raise e",
        "def f():\n  e = ValueError()\n  e.code = 2\n  raise e",
        (),
        "raises",
    ),
    "the cause of an exception": (
        "def f(): raise ValueError() from KeyError(1)",
        "def f(): raise ValueError()",
        (),
        "raises",
    ),
    "an exception after a change": (
        "def f(x): x.append(1); raise ValueError()",
        "def f(x): raise ValueError()",
        ([],),
        "arguments",
    ),
    "an exit": ("def f(): raise SystemExit(1)", "def f(): raise SystemExit(2)", (), "raises"),
    "printed text": ("def f(): print('a')", "def f(): print('b')", (), "printed"),
    "the stream": (
        "import sys\ndef f(): print('a')",
        "import sys\ndef f(): print('a', file=sys.stderr)",
        (),
        "printed",
    ),
    "printed bytes": (
        "import sys\ndef f(): sys.stdout.buffer.write(b'a')",
        "import sys\ndef f(): sys.stdout.buffer.write(b'b')",
        (),
        "printed",
    ),
    "a log message": (
        "import logging\ndef f(): logging.getLogger('x').warning('a')",
        "import logging\ndef f(): logging.getLogger('x').error('a')",
        (),
        "noted",
    ),
    "a warning": (
        "import warnings\ndef f(): warnings.warn('a')",
        "import warnings\ndef f(): warnings.warn('a', DeprecationWarning)",
        (),
        "noted",
    ),
    "a changed global": (
        "SEEN = []\ndef f(x): SEEN.append(x)",
        "SEEN = []\ndef f(x): SEEN",
        (1,),
        "state",
    ),
    "a global bound again": (
        "LAST = 0\ndef f(x):\n  global LAST\n  LAST = x",
        "LAST = 0\ndef f(x):\n  global LAST\n  LAST = x + 1",
        (1,),
        "state",
    ),
    "a changed default": ("def f(x, seen=[]): seen.append(x)", "def f(x, seen=[]): pass", (1,), "state"),
    "an item of a generator": ("def f(): yield 1", "def f(): yield 2", (), "returns"),
    "a generator's return value": (
        "def f():\n  yield 1\n  return 2",
        "def f():\n  yield 1\n  return 3",
        (),
        "returns",
    ),
    "a generator that became a list": ("def f():\n  yield 1", "def f(): return [1]", (), "returns"),
    "an iterator that became a list": (
        "def f(x): return map(str, x)",
        "def f(x): return [*map(str, x)]",
        ([1],),
        "returns",
    ),
    "input consumed early": (
        "def f(x):\n  for y in x: yield y",
        "def f(x):\n  for y in list(x): yield y",
        (iter([1, 2]),),
        "steps",
    ),
    "input consumed by the call itself": (
        "def f(x):\n  for y in x: yield y",
        "def f(x):\n  z = list(x)\n  return (y for y in z)",
        (iter([1, 2]),),
        "steps",
    ),
    "an argument changed between items": (
        "def f(x):\n  x.append(1)\n  yield 1\n  yield 2",
        "def f(x):\n  yield 1\n  x.append(1)\n  yield 2",
        ([],),
        "steps",
    ),
    "an exception between items": (
        "def f():\n  yield 1\n  raise ValueError(1)",
        "def f():\n  yield 1\n  raise ValueError(2)",
        (),
        "returns",
    ),
    "what a coroutine returns": ("async def f(): return 1", "async def f(): return 2", (), "returns"),
    "a coroutine that became a function": ("async def f(): return 1", "def f(): return 1", (), "returns"),
    "an item of an asynchronous generator": ("async def f(): yield 1", "async def f(): yield 2", (), "returns"),
    "equal results": ("def f(x): return [*x]", "def f(x): return list(x)", ([1],), None),
    "a way without a change": ("def f(x): y = x[:]; y.sort(); return y", "def f(x): return sorted(x)", ([2, 1],), None),
    "equal exceptions": ("def f(x): return x['a']", "def f(x): return x[chr(97)]", ({},), None),
    "equal generators": ("def f(x): yield from x", "def f(x):\n  for y in x: yield y", (iter([1]),), None),
    "a name that only one version uses": (
        "import os\ndef f(): return 1",
        "import os\ndef f(): os.name; return 1",
        (),
        None,
    ),
}
LOOK = """
for name, (old, new, arguments, expected) in CASES.items():
    seen = aspect(old, new, *arguments)
    if seen != expected: print(name, "is seen in", seen)
"""


def test_notices_what_a_caller_could(python, subjects):
    cases = repr(NOTICED)
    for iterator in {repr(arguments[0]) for *_, arguments, _ in NOTICED.values() if arguments}:
        if "iterator" in iterator:
            cases = cases.replace(iterator, "iter([1, 2])")
    assert subjects(f"CASES = {cases}\n{LOOK}", python) == ""


REFUSED = {
    "a function that the call made": ("def f(): return lambda: 1", "def f(): return lambda: 2"),
    "functions that a generator made": (
        "def f():\n  yield lambda: 1\n  yield 1",
        "def f():\n  yield lambda: 2\n  yield 2",
    ),
    "a lock": (
        "import threading\ndef f(): return threading.Lock()",
        "import threading\ndef f(): return threading.RLock()",
    ),
    "an open file": ("import os\ndef f(): return open(os.devnull)", "import os\ndef f(): return open(os.devnull)"),
    "written files": ("def f(): open('/nowhere/x', 'w')", "def f(): open('/nowhere/y', 'w')"),
    "removed files": ("import os\ndef f(): os.remove('/nowhere/x')", "import os\ndef f(): pass"),
    "programs": ("import subprocess\ndef f(): subprocess.run(['true'])", "import subprocess\ndef f(): pass"),
    "the shell": ("import os\ndef f(): os.system('true')", "import os\ndef f(): pass"),
    "the network": (
        "import socket\ndef f(): socket.create_connection(('127.0.0.1', 9), 1)",
        "import socket\ndef f(): pass",
    ),
}
REFUSE = """
for name, (old, new) in CASES.items():
    for before, after in ((old, new), (new, old)):
        seen = aspect(before, after)
        if seen in (None, "returns", "raises"): print(name, "is seen in", seen)
"""


def test_says_what_cannot_be_compared(python, subjects):
    assert subjects(f"CASES = {REFUSED!r}\n{REFUSE}", python) == ""


LATER = """
made = subject("def f(n): return [n]",
               "import functools\\n@functools.lru_cache(None)\\ndef f(n): return [n]")
frozen = freeze((1,), {})
observers = {side: Observer(made) for side in ("old", "new")}
first, second = [[observers[side].call(side, frozen) for side in ("old", "new")] for _ in range(2)]
assert same(*first) is None, "the first call"
assert same(*second) == "shares", "the second call returns what the first one did"
"""


def test_a_fresh_object_stays_fresh_from_call_to_call(python, subjects):
    subjects(LATER, python)


LIMITS = """
made = subject("def f(n): return n and f(n - 1)", "def f(n): return 0")
before, after = outcomes(made, 10 ** 6)
assert before["limit"] == "RecursionError" and "limit" not in after
"""


def test_limits_of_the_machine_are_no_behaviour(python, subjects):
    subjects(LIMITS, python)


FACTS = """
raising = "def f(x):\\n  if x: raise ValueError(x)\\n  return None.a"
made = subject(raising, raising)
assert outcomes(made, 1)[0]["announced"] and outcomes(made, 1)[0]["error"] == "ValueError"
assert not outcomes(made, 0)[0]["announced"] and outcomes(made, 0)[0]["error"] == "AttributeError"
changing = subject("def f(x): x.append(1)", "def f(x): pass")
before, after = outcomes(changing, [])
assert before["changed"] and not after["changed"]
remembering = subject("M = {}\\ndef f(x): return x", "M = {}\\ndef f(x): M[x] = 1; return x")
before, after = outcomes(remembering, 1)
assert after["remembers"] and not before["remembers"]
text = Observer(made).call("old", freeze((3,), {}), show=True)["text"]
assert text["raises"] == "raises ValueError: 3", text
"""


def test_facts_that_go_with_an_outcome(python, subjects):
    subjects(FACTS, python)
