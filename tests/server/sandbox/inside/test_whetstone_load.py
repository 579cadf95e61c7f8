"""Two versions of one function in one module, either of which can be put in place for everybody who calls it."""

from __future__ import annotations

PUT_IN_PLACE = {
    "a function": ("def f(): return 1", "def f(): return 2", "f", "m.f()"),
    "a function that others call": (
        "def f(): return 1\ndef g(): return f()",
        "def f(): return 2\ndef g(): return f()",
        "f",
        "m.g()",
    ),
    "a function that others hold": (
        "def f(): return 1\nHELD = [f]",
        "def f(): return 2\nHELD = [f]",
        "f",
        "m.HELD[0]()",
    ),
    "a default": ("def f(x=1): return x", "def f(x=2): return x", "f", "m.f()"),
    "a keyword default": ("def f(*, x=1): return x", "def f(*, x=2): return x", "f", "m.f()"),
    "a method": (
        "class A:\n  def f(self): return 1\nclass B(A): pass",
        "class A:\n  def f(self): return 2\nclass B(A): pass",
        "A.f",
        "m.B().f()",
    ),
    "a method of an inner class": (
        "class A:\n  class B:\n    def f(self): return 1",
        "class A:\n  class B:\n    def f(self): return 2",
        "A.B.f",
        "m.A.B().f()",
    ),
    "super()": (
        "class A:\n  def f(self): return 0\nclass B(A):\n  def f(self): return super().f() + 1",
        "class A:\n  def f(self): return 0\nclass B(A):\n  def f(self): return 2 + super().f()",
        "B.f",
        "m.B().f()",
    ),
    "super() only in the new version": (
        "class A:\n  def f(self): return 2\nclass B(A):\n  def f(self): return 1",
        "class A:\n  def f(self): return 2\nclass B(A):\n  def f(self): return super().f()",
        "B.f",
        "m.B().f()",
    ),
    "a private name": (
        "class A:\n  __x = 1\n  def f(self): return self.__x",
        "class A:\n  __x = 1\n  def f(self): return self.__x + 1",
        "A.f",
        "m.A().f()",
    ),
    "a static method": (
        "class A:\n  @staticmethod\n  def f(): return 1",
        "class A:\n  @staticmethod\n  def f(): return 2",
        "A.f",
        "m.A.f()",
    ),
    "a method of the class": (
        "class A:\n  @classmethod\n  def f(cls): return 1",
        "class A:\n  @classmethod\n  def f(cls): return 2",
        "A.f",
        "m.A.f()",
    ),
    "a property": (
        "class A:\n  @property\n  def f(self): return 1",
        "class A:\n  @property\n  def f(self): return 2",
        "A.f",
        "m.A().f",
    ),
    "a function beneath a decorator": (
        "def d(g): return lambda: g() * 1\n@d\ndef f(): return 1",
        "def d(g): return lambda: g() * 1\n@d\ndef f(): return 2",
        "f",
        "m.f()",
    ),
    "an added cache": (
        "def f(n): return 1",
        "import functools\n@functools.lru_cache(maxsize=None)\ndef f(n): return 2",
        "f",
        "m.f(0)",
    ),
    "an added cache on a method": (
        "class A:\n  def f(self): return 1",
        "import functools\nclass A:\n  @functools.lru_cache(maxsize=None)\n  def f(self): return 2",
        "A.f",
        "m.A().f()",
    ),
    "the last of two": ("def f(): return 0\ndef f(): return 1", "def f(): return 0\ndef f(): return 2", "f", "m.f()"),
    "one of two, as the platform wants": (
        "import sys\nif sys.platform:\n  def f(): return 1\nelse:\n  def g(): return 0",
        "import sys\nif sys.platform:\n  def f(): return 2\nelse:\n  def g(): return 0",
        "f",
        "m.f()",
    ),
    "a new import": (
        "def f(): return 1",
        "import collections as c\ndef f(): return len(c.deque([1, 2]))",
        "f",
        "m.f()",
    ),
    "a new helper": ("def f(): return 1", "def _g(): return 2\ndef f(): return _g()", "f", "m.f()"),
    "a new constant": ("def f(): return 1", "_C = frozenset({2})\ndef f(): return max(_C)", "f", "m.f()"),
    "a changed helper": (
        "def g(): return 1\ndef f(): return g()",
        "def g(): return 2\ndef f(): return g()",
        "f",
        "s.function()",
    ),
    "postponed annotations": (
        "from __future__ import annotations\ndef f(x: No = 1): return 1",
        "from __future__ import annotations\ndef f(x: No = 1): return 2",
        "f",
        "m.f()",
    ),
    "a generator": ("def f(): yield 1", "def f(): yield 2", "f", "next(m.f())"),
    "inner functions": (
        "def f():\n  x = 1\n  return (lambda: x)()",
        "def f():\n  x = 2\n  return (lambda: x)()",
        "f",
        "m.f()",
    ),
    "text of another alphabet": ("# é\ndef f(): return len('é')", "# é\ndef f(): return len('éé')", "f", "m.f()"),
}
LOOK = """
for name, (old, new, function, call) in CASES.items():
    s = subject(old, new, function)
    m = s.module
    seen = []
    for side in ("old", "new", "old", "new"):
        s.install(side)
        seen.append(eval(call))
    if seen != [1, 2, 1, 2]: print(name, "gives", seen)
"""


def test_puts_either_version_in_place(python, subjects):
    assert subjects(f"CASES = {PUT_IN_PLACE!r}\n{LOOK}", python) == ""


CANNOT = {
    "a changed class around a method": (
        "class A:\n  k = 1\n  def f(self): return 1",
        "class A:\n  k = 2\n  def f(self): return 1",
        "A.f",
        "more than this method changes",
    ),
    "no such function": ("def g(): pass", "def g(): pass", "f", "no function"),
    "a function that went": ("def f(): pass", "def g(): pass", "f", "no function"),
    "code that is not Python": ("def f(): pass", "def f(: pass", "f", "does not parse"),
    "a module that raises": ("1 / 0\ndef f(): pass", "1 / 0\ndef f(): 1", "f", "ZeroDivisionError"),
    "a module that leaves": ("raise SystemExit\ndef f(): pass", "raise SystemExit\ndef f(): 1", "f", "SystemExit"),
    "a new version that raises": ("def f(): pass", "def f(x=1 / 0): pass", "f", "ZeroDivisionError"),
    "a rewrite that needs what is missing": (
        "def f(): pass",
        "import no_such_module\ndef f(): pass",
        "f",
        "no_such_module",
    ),
    "a function for another platform": (
        "if 0:\n  def f(): pass",
        "if 0:\n  def f(): 1",
        "f",
        "not defined when the module is imported",
    ),
    "a decorator that gives no function": (
        "def d(g): return 3\n@d\ndef f(): pass",
        "def d(g): return 4\n@d\ndef f(): pass",
        "f",
        "decorated",
    ),
}
REASONS = """
for name, (old, new, function, expected) in CASES.items():
    reason = cannot(old, new, function)
    if expected not in (reason or ""): print(name, "ends in", reason)
"""


def test_says_why_versions_cannot_be_compared(python, subjects):
    assert subjects(f"CASES = {CANNOT!r}\n{REASONS}", python) == ""


RECURSION = """
made = subject("def f(n, seen): seen.append('old'); return n and f(n - 1, seen)",
               "def f(n, seen): seen.append('new'); return n and f(n - 1, seen)")
for side in ("old", "new"):
    seen = []
    made.install(side)(2, seen)
    assert seen == [side] * 3, seen
cached = subject("def f(n): return n and 1 + f(n - 1)",
                 "import functools\\n@functools.lru_cache(None)\\ndef f(n): return n and 1 + f(n - 1)")
cached.install("new")(5)
assert cached.new.cache_info().currsize == 6, "recursion reaches the cache"
cached.reset()
assert cached.new.cache_info().currsize == 0
cached.install("old")(5)
assert cached.new.cache_info().currsize == 0, "the old version knows no cache"
"""


def test_recursion_reaches_the_version_in_place(python, subjects):
    subjects(RECURSION, python)


SHARED = """
made = subject("class A: pass\\nK = [1]\\ndef f(): return A(), K", "class A: pass\\nK = [1]\\ndef f(): return (A(), K)")
results = [made.install(side)() for side in ("old", "new")]
assert type(results[0][0]) is type(results[1][0]) and results[0][1] is results[1][1]
made = subject("class A: pass\\ndef g(): return 1\\ndef f(): return A()",
               "class A: pass\\ndef g(): return 2\\ndef f(): return A()")
assert type(made.install("old")()) is type(made.install("new")()), "though a helper changed"
"""


def test_versions_share_classes_and_data(python, subjects):
    subjects(SHARED, python)


RESET = """
made = subject("D = {}\\nN = 0\\ndef f(x, seen=[]):\\n  global N\\n  N += 1; D[x] = x; seen.append(x)\\n  return seen",
               "D = {}\\nN = 0\\ndef f(x, seen=[]):\\n  global N\\n  N += 1; D[x] = x; seen += [x]\\n  return seen")
for side in ("old", "new"):
    held = made.module.D
    assert made.install(side)(1) == [1]
    made.reset()
    assert made.module.D == {} and made.module.D is held and made.module.N == 0
"""


def test_reset_brings_back_the_beginning(python, subjects):
    subjects(RESET, python)


FACTS = """
def kind(text): return subject(text, text).kind
assert kind("def f(): pass") == "function"
assert kind("def f(): yield") == "generator"
assert kind("async def f(): pass") == "coroutine"
assert kind("async def f(): yield") == "async generator"
made = subject("def f(x):\\n  if x == 123456: return 'abc'\\n  return x in (7, 8.5)", "def f(x): return b'q'")
assert {123456, "abc", 7, 8.5, b"q"} <= set(made.constants())
same_parameters = subject("def f(a, b=1): pass", "def f(a, b=2): pass")
assert same_parameters.signature_change() is None
for new in ("def f(a): pass", "def f(b, a=1): pass", "def f(a, b): pass", "def f(a, *, b=1): pass"):
    assert subject("def f(a, b=1): pass", new).signature_change(), new
"""


def test_facts_about_the_function(python, subjects):
    subjects(FACTS, python)
