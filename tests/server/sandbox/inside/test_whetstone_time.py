"""Two versions timed on the workload, neither of them with what it remembers of the calls before."""

from __future__ import annotations

import base64
from statistics import median

import pytest

SLOW = "def f(n):\n    return sum([i * i for i in range(n)])\n"
FAST = "def f(n):\n    return (n - 1) * n * (2 * n - 1) // 6\n"
CACHED = "import functools\n@functools.lru_cache(None)\n" + SLOW
KEPT = """KEPT = {}
def f(n):
    if n not in KEPT:
        KEPT[n] = sum([i * i for i in range(n)])
    return KEPT[n]
"""
FREEZE = "import base64\nfrom whetstone_freeze import freeze\nprint(base64.b64encode(freeze((2000,), {})).decode())"


def encoded(text):
    return base64.b64encode(text.encode()).decode()


@pytest.fixture
def timed(project, job, script):
    """Time two texts on one call, and return what is told of the workload."""

    def time(old, new, python, *, fresh=False):
        root = project(subject=old)
        frozen = script(FREEZE, python).strip()
        inputs = [{"frozen": frozen, "weight": 1, "changes": False, "raises": "raise" in old}]
        arguments = {"root": str(root), "path": str(root / "subject.py"), "module": "subject", "function": "f"}
        arguments |= {"old": encoded(old), "new": encoded(new), "fresh": fresh, "turn": 0}
        arguments["workloads"] = [{"size": None, "inputs": inputs, "seconds": 0.2}]
        answer = job("whetstone_time", arguments, python)
        return answer["workloads"][0] if "workloads" in answer else answer

    return time


def test_less_work_takes_less_time(python, timed):
    seen = timed(SLOW, FAST, python)
    assert median(seen["ratios"]) > 10
    assert seen["old_ns"] > 10 * seen["new_ns"]
    assert not seen["waits"]


@pytest.mark.parametrize("new", [CACHED, KEPT], ids=["cache", "dict"])
def test_what_is_remembered_is_forgotten_before_each_call(new, python, timed):
    """A second equal call would find the answer there: only the first one counts."""
    assert 0.5 < median(timed(SLOW, new, python, fresh=True)["ratios"]) < 2


def test_waiting_is_told(python, timed):
    waiting = "import time\ndef f(n):\n    time.sleep(n / 1e6)\n"
    seen = timed(waiting, waiting + "\n", python)
    assert seen["waits"]


def test_generators_and_coroutines_are_run_to_their_end(python, timed):
    generator = "def f(n):\n    for i in range(n):\n        yield i * i\n"
    assert median(timed(generator, "def f(n):\n    yield n\n", python)["ratios"]) > 5
    coroutine = "async def f(n):\n    return sum([i * i for i in range(50 * n)])\n"
    assert median(timed(coroutine, "async def f(n):\n    return n\n", python)["ratios"]) > 2


def test_exceptions_are_part_of_the_work(python, timed):
    raising = "def f(n):\n    sum(range(n))\n    raise ValueError(n)\n"
    assert median(timed(raising, "def f(n):\n    raise ValueError(n)\n", python)["ratios"]) > 2


def test_says_what_cannot_be_loaded(python, timed):
    assert "ZeroDivisionError" in timed("1 / 0\n" + SLOW, FAST, python)["cannot"]
