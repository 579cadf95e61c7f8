"""Calls are recorded whatever runs the tests, and a suite that misbehaves still ends in an answer."""

from __future__ import annotations

import json
import sys

import pytest

CALC = '''
import functools

def double(x, times=2):
    """
    >>> double([21])
    [21, 21]
    """
    return x * times

class Stack:
    def __init__(self): self.items = []
    def push(self, item):
        self.items.append(item)
        return self
    @property
    def top(self): return self.items[-1]

@functools.lru_cache(None)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)

def walk(n):
    if n:
        yield from walk(n - 1)
    yield n

async def later(x): return x

def boom(x): raise ValueError(x)
'''
NAMES = ["double", "Stack.push", "Stack.top", "fib", "walk", "later", "boom", "absent"]
PYTEST = """
import asyncio, calc, pytest

def test_double():
    assert calc.double([1]) == [1, 1]
    assert calc.double([1]) == [1, 1]
    assert calc.double("a", times=3) == "aaa"

def test_stack(): assert calc.Stack().push(3).push(4).top == 4
def test_fib(): assert calc.fib(20) == 6765
def test_walk(): assert list(calc.walk(3)) == [0, 1, 2, 3]
def test_later(): assert asyncio.run(calc.later(3)) == 3

def test_boom():
    with pytest.raises(ValueError): calc.boom(lambda: 3)
    with pytest.raises(ValueError): calc.boom(i for i in [])

def test_wrong(): assert calc.double(2) == 5

@pytest.mark.skip
def test_skipped(): pass

@pytest.fixture
def broken(): raise KeyError

def test_error(broken): pass
"""
UNITTEST = """
import unittest
import calc

class Case(unittest.TestCase):
    def test_right(self):
        self.assertEqual(calc.double([1]), [1, 1])
        self.assertEqual(calc.Stack().push(3).top, 3)
    def test_wrong(self): self.assertEqual(calc.double(2), 5)
    def test_error(self): calc.boom(1)
    @unittest.skip("why not")
    def test_skipped(self): pass
    def test_parts(self):
        with self.subTest(): self.fail()
    def test_inner_run(self):
        class Inner(unittest.TestCase):
            def test_of_inner(self): self.fail()
        unittest.TestSuite([Inner("test_of_inner")]).run(unittest.TestResult())
"""


@pytest.fixture
def thawed(script):
    """Return the arguments of recorded inputs as the interpreter prints them."""

    def thaw(function, root, python=sys.executable):
        text = "import json, base64, whetstone_freeze as w; sys.path.insert(0, sys.argv[1])\n"
        text += "for line in json.loads(sys.argv[2]): print(w.thaw(base64.b64decode(line)))"
        frozen = json.dumps([each["frozen"] for each in function["inputs"]])
        return script(text, python, str(root), frozen).splitlines()

    return thaw


def record(job, root, names=NAMES, python=sys.executable, **arguments):
    path = str(root / "calc.py")
    answer = job("whetstone_record", {"root": str(root), "targets": {path: names}, **arguments}, python)
    return answer, answer["functions"][path]


def test_records_under_pytest(job, project, thawed):
    """Arguments, counts, tests and kinds; methods with their object; properties and cached functions beneath."""
    root = project(calc=CALC, tests__test_calc=PYTEST)
    answer, functions = record(job, root)
    assert answer["tests"] == {
        "tests/test_calc.py::test_double": "passed",
        "tests/test_calc.py::test_stack": "passed",
        "tests/test_calc.py::test_fib": "passed",
        "tests/test_calc.py::test_walk": "passed",
        "tests/test_calc.py::test_later": "passed",
        "tests/test_calc.py::test_boom": "passed",
        "tests/test_calc.py::test_wrong": "failed",
        "tests/test_calc.py::test_skipped": "skipped",
        "tests/test_calc.py::test_error": "error",
    }
    assert answer["ended"] == "failed"
    assert answer["summary"] == "Of 9 tests, 6 passed, 1 skipped, 1 failed, 1 in error."
    assert answer["command"] == ["python", "-m", "pytest"]
    double = functions["double"]
    assert (double["module"], double["kind"], double["calls"]) == ("calc", "function", 5)
    assert thawed(double, root) == ["(([1],), {})", "(('a', 3), {})", "((2,), {})", "(([21],), {})"]
    assert [each["count"] for each in double["inputs"]] == [2, 1, 1, 1]
    assert [each["test"].rpartition("::")[2] for each in double["inputs"]] == [
        "test_double", "test_double", "test_wrong", "doctest",
    ]  # fmt: skip
    assert double["tests"] == ["tests/test_calc.py::test_double", "tests/test_calc.py::test_wrong", "doctest"]
    assert [functions[name]["kind"] for name in ("walk", "later", "fib")] == ["generator", "coroutine", "function"]
    assert functions["Stack.push"]["calls"] == 2
    assert "calc.Stack object" in thawed(functions["Stack.top"], root)[0]
    assert functions["boom"]["unfreezable"] == {"a generator cannot be copied": 1}
    assert "<lambda>" in thawed(functions["boom"], root)[0]
    assert functions["absent"]["calls"] == 0


def test_recursion_keeps_few_inner_calls(job, project, thawed):
    """The outermost call is kept, and four of those it makes of itself."""
    root = project(calc=CALC, test_calc=PYTEST)
    _, functions = record(job, root)
    assert functions["fib"]["calls"] == 21
    assert thawed(functions["fib"], root) == [f"(({n},), {{}})" for n in (20, 19, 18, 17, 16)]


def test_records_under_unittest(job, project, thawed, python):
    """Every interpreter has it; tests made inside a test are that test's own affair."""
    root = project(calc=CALC, tests__test_calc=UNITTEST)
    command = ["python", "-m", "unittest", "discover", "-s", "tests", "-t", "tests"]
    answer, functions = record(job, root, python=python, command=command)
    assert {name.rpartition(".")[2]: outcome for name, outcome in answer["tests"].items()} == {
        "test_right": "passed",
        "test_wrong": "failed",
        "test_error": "error",
        "test_skipped": "skipped",
        "test_parts": "failed",
        "test_inner_run": "passed",
    }
    assert answer["ended"] == "failed"
    assert functions["double"]["calls"] == 3
    assert sorted(thawed(functions["double"], root, python)) == ["((2,), {})", "(([1],), {})", "(([21],), {})"]
    assert functions["Stack.top"]["calls"] == 1


def test_finds_unittest_by_itself(script, project):
    """Where there is no pytest, discovery starts in the folder above the packages."""
    root = project(calc=CALC, **{"tests/unit/__init__.py": "", "tests/unit/test_calc.py": UNITTEST})
    text = "import importlib.util, whetstone_command as c\nimportlib.util.find_spec = lambda name: None\n"
    line = script(text + "print(*c.command_for(sys.argv[1], None).line)", sys.executable, str(root))
    assert line == "python -m unittest discover -s tests -t tests\n"


@pytest.mark.parametrize("options", [(), ("-X", "dev")])
def test_records_a_script(job, project, thawed, python, options):
    """Functions of `__main__` are seen, and the script finds itself as it would by itself."""
    main = (
        CALC.replace(">>>", "")
        + "import beside, sys\n"
        + "assert __name__ == '__main__' and sys.argv[1:] == ['a'], sys.argv\n"
        + "assert sys.modules['__main__'].double is double\n"
        + "print(double([7]), __file__)\n"
    )
    root = project(calc=main, beside="")
    answer, functions = record(job, root, python=python, command=["python", *options, "calc.py", "a"])
    assert (answer["ended"], answer["tail"]) == ("passed", "[7, 7] calc.py\n")
    assert thawed(functions["double"], root, python)[0] == "(([7],), {})"
    assert functions["double"]["module"] == "__main__"
    assert functions["double"]["tests"] == ["command"]


CHILDREN = """
import multiprocessing, os, subprocess, sys
import calc

def test_subprocess(): subprocess.run([sys.executable, "-c", "import calc; calc.double('s')"], check=True)

def test_fork():
    child = os.fork()
    if not child:
        calc.double("f")
        os._exit(0)
    os.waitpid(child, 0)

def test_pool():
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.map(calc.double, ["p"]) == ["pp"]

def test_spawn():
    process = multiprocessing.get_context("spawn").Process(target=calc.double, args=("w",))
    process.start()
    process.join()
"""


def test_records_in_child_processes(job, project, thawed):
    """Subprocesses, forked children and pools tell under the test that started them."""
    root = project(calc=CALC.replace(">>>", ""), test_calc=CHILDREN)
    answer, functions = record(job, root)
    assert answer["ended"] == "passed", answer["tail"]
    tests = [each["test"] for each in functions["double"]["inputs"]]
    found = dict(zip(thawed(functions["double"], root), tests, strict=True))
    assert found == {
        f"(('{letter}',), {{}})": f"test_calc.py::{test}"
        for letter, test in {"s": "test_subprocess", "f": "test_fork", "p": "test_pool", "w": "test_spawn"}.items()
    }
    assert functions["double"]["calls"] == 4


def test_records_in_xdist_workers(job, project):
    """Workers tell what they saw; outcomes are told once."""
    root = project(calc=CALC, test_calc=PYTEST, **{"pytest.ini": "[pytest]\naddopts = -p xdist.plugin -n 2\n"})
    answer, functions = record(job, root)
    assert functions["double"]["calls"] == 5
    assert answer["summary"] == "Of 9 tests, 6 passed, 1 skipped, 1 failed, 1 in error."
    assert answer["ended"] == "failed"


MANY = """
import calc
def test_many():
    for n in range(20000):
        calc.double([n % 3000] * (n % 7))
    calc.double("long" * 500)
    calc.double("x" * 300000)
"""


def test_keeps_a_spread_of_many_calls(job, project, thawed):
    """No more than asked for: the first, the largest and some of the others; the counts say how often."""
    root = project(calc=CALC.replace(">>>", ""), test_calc=MANY)
    _, functions = record(job, root, per_function=16)
    double = functions["double"]
    inputs = thawed(double, root)
    assert (len(inputs), double["calls"]) == (16, 20002)
    assert inputs[1] == "(([1],), {})"
    assert f"(('{'long' * 500}',), {{}})" in inputs
    assert any(eval(line)[0][0][-1:] > [100] for line in inputs if "long" not in line)
    assert double["unfreezable"] == {"the arguments are larger than 262144 bytes": pytest.approx(1, abs=300)}
    assert 16 <= sum(each["count"] for each in double["inputs"]) <= 20002


SENTINEL = """
MISSING = object()
def get(mapping, key, default=MISSING, *, again=MISSING):
    return mapping[key] if default is MISSING else mapping.get(key, default)
def also(first=MISSING, second=2): return first is MISSING
"""


def test_defaults_keep_their_identity(job, project, script):
    """What a default supplied is left out, and a sentinel handed over is the module's own."""
    tests = "import calc\ndef test():\n    calc.get({1: 2}, 1); calc.get({}, 1, 3); assert calc.also(second=5)\n"
    tests += "    calc.get({1: 2}, key=1, again=calc.MISSING)"
    root = project(calc=SENTINEL, test_calc=tests)
    _, functions = record(job, root, ["get", "also"])
    text = """
import json, base64, whetstone_freeze as w
sys.path.insert(0, sys.argv[1])
import calc
for name, frozen in json.loads(sys.argv[2]):
    args, kwargs = w.thaw(base64.b64decode(frozen))
    print(args, kwargs, getattr(calc, name)(*args, **kwargs))
"""
    frozen = [[name, each["frozen"]] for name in ("get", "also") for each in functions[name]["inputs"]]
    assert script(text, sys.executable, str(root), json.dumps(frozen)).splitlines() == [
        "({1: 2}, 1) {} 2",
        "({}, 1, 3) {} 3",
        "() {'second': 5} True",
    ]


RAW = """
class wrapped:
    def __init__(self, function): self.function = function
    def __call__(self, *args): return self.function(*args)

@wrapped
def raw(x): return x

def takes(function): return function(1)
"""


def test_a_recorded_function_is_an_argument_too(job, project, script):
    """A function that only its decorator can reach is copied without the witness in it."""
    root = project(calc=RAW, test_calc="import calc\ndef test(): calc.takes(calc.raw.function)")
    _, functions = record(job, root, ["raw", "takes"])
    text = "import base64, whetstone_freeze as w; sys.path.insert(0, sys.argv[1])\n"
    text += "args, _ = w.thaw(base64.b64decode(sys.argv[2])); print(args[0](5))"
    assert functions["takes"]["unfreezable"] == {}
    assert script(text, sys.executable, str(root), functions["takes"]["inputs"][0]["frozen"]) == "5\n"


HOSTILE = {
    "leaves at once": ("def test_b(): os._exit(3)", "crashed", "status 3"),
    "leaves at once and says all is well": ("def test_b(): os._exit(0)", "crashed", "status 0"),
    "kills itself": ("def test_b(): os.kill(os.getpid(), 9)", "crashed", "SIGKILL"),
    "hangs": ("def test_b(): threading.Event().wait()", "timed-out", "out of time in test_calc.py::test_b;"),
    "leaves a hanging child": ("def test_b(): subprocess.Popen(['sleep', '1000'])", "passed", "2 passed"),
    "prints without end": (
        "def test_b():\n    for _ in range(300): sys.__stdout__.write('x' * 100000)",
        "passed",
        "2 passed",
    ),
    "moves away": ("def test_b(tmp_path): os.chdir(tmp_path); calc.double('b')", "passed", "2 passed"),
    "replaces the builtins it may": (
        (
            "def test_b():\n"
            "    import builtins, io, json, marshal, pickle, pytest, time\n"
            "    with pytest.MonkeyPatch.context() as patch:\n"
            "        for name in ('open', 'len', 'max', 'min', 'dict'): patch.setattr(builtins, name, None)\n"
            "        for name in ('replace', 'getpid', 'urandom'): patch.setattr(os, name, None)\n"
            "        for module in (pickle, marshal, json): patch.setattr(module, 'dumps', None)\n"
            "        patch.setattr(io, 'open', None)\n"
            "        patch.setattr(time, 'monotonic', None)\n"
            "        calc.double('b')"
        ),
        "passed",
        "2 passed",
    ),
    "forgets modules": (
        (
            "def test_b():\n    for name in list(sys.modules):\n"
            "        if name.startswith(('whetstone', 'json', 'calc')): del sys.modules[name]\n"
            "    import calc; calc.double('b')"
        ),
        "passed",
        "2 passed",
    ),
    "closes descriptors": ("def test_b(): os.closerange(10, 200); calc.double('b')", None, "2 passed"),
    "traces": (
        "def test_b():\n    sys.settrace(lambda *_: None)\n    calc.double('b')\n    sys.settrace(None)",
        "passed",
        "2 passed",
    ),
    "wants the network": (
        "def test_b():\n    import socket\n    socket.create_connection(('127.0.0.1', 9), 1)",
        "failed",
        "1 failed",
    ),
    "does not parse": ("def test_b(:", "failed", "1 in error"),
    "ends while it is imported": ("sys.exit('enough')", "crashed", ""),
    "runs out of stack": ("def test_b():\n    def f(): f()\n    f()", "failed", "1 failed"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_suite_ends_in_an_answer(case, job, project):
    """What was recorded until then is returned."""
    text, ended, sentence = HOSTILE[case]
    head = "import calc, os, subprocess, sys, threading\ndef test_a(): assert calc.double('a') == 'aa'\n"
    root = project(calc=CALC.replace(">>>", ""), test_calc=head + text)
    answer, functions = record(job, root, seconds=3 if ended == "timed-out" else 60)
    assert sentence in answer["summary"], answer
    assert ended in (None, answer["ended"]), answer
    assert len(answer["tail"]) <= 8192
    collected = case not in ("does not parse", "ends while it is imported")
    assert functions["double"]["calls"] == collected + ("calc.double('b')" in text)


def test_unknown_options_are_dropped(job, project):
    """Options for a plugin that is not there do not keep the tests from running."""
    config = "[pytest]\naddopts = --no-such-option\n"
    answer, functions = record(job, project(calc=CALC, test_calc=PYTEST, **{"pytest.ini": config}))
    assert len(answer["tests"]) == 9
    assert functions["double"]["calls"] == 5


def test_no_tests(job, project):
    """Docstring examples are calls all the same."""
    answer, functions = record(job, project(calc=CALC))
    assert (answer["ended"], answer["command"], answer["tests"]) == ("no-tests", [], {})
    assert answer["summary"] == "No tests were found."
    assert functions["double"]["tests"] == ["doctest"]


def test_command_that_cannot_start(job, project):
    """Says which."""
    answer, _ = record(job, project(calc=CALC), command=["no-such-program", "x"])
    assert answer["ended"] == "crashed"
    assert answer["tail"] == "no-such-program could not be started: No such file or directory"


def test_other_sitecustomize_still_runs(job, project, monkeypatch):
    """Ours gives way to the one that was there."""
    root = project(
        calc=CALC, sitecustomize="import builtins; builtins.was_here = 1", test_calc="def test(): assert was_here"
    )
    answer, _ = record(job, root)
    assert answer["ended"] == "passed", answer["tail"]


def test_pytest_session_inside_a_test(job, project):
    """Outcomes of a suite that a test runs for itself are not told."""
    tests = "pytest_plugins = ['pytester']\ndef test_outer(pytester):\n"
    tests += "    pytester.makepyfile('def test_inner(): assert 0')\n"
    tests += "    pytester.runpytest().assert_outcomes(failed=1)\n"
    tests += "    pytester.runpytest_subprocess().assert_outcomes(failed=1)\n"
    answer, _ = record(job, project(calc=CALC, test_calc=tests))
    assert answer["tests"] == {"test_calc.py::test_outer": "passed"}, answer["tail"]
