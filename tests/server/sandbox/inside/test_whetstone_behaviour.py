"""Two versions of a function, compared on inputs found for them: right ones are let through, wrong ones found out."""

from __future__ import annotations

import base64
import sys

import pytest


def encoded(text):
    return base64.b64encode(text.encode()).decode()


@pytest.fixture
def compare(project, job):
    """Compare two texts of a module's function, and return the account."""

    def compared(old, new, *, function="f", python=None, recorded=()):
        root = project(subject=old)
        arguments = {"root": str(root), "path": str(root / "subject.py"), "module": "subject", "function": function}
        arguments |= {"old": encoded(old), "new": encoded(new), "recorded": list(recorded), "seconds": 2, "seed": 1}
        return job("whetstone_behaviour", arguments, *([python] if python else []))

    return compared


RIGHT = {
    "join": (
        "def f(words):\n    out = ''\n    for word in words:\n        out += word\n    return out\n",
        "def f(words):\n    return ''.join(words)\n",
    ),
    "comprehension": (
        "def f(rows):\n    out = []\n    for row in rows:\n        out.append(row['name'])\n    return out\n",
        "def f(rows):\n    return [row['name'] for row in rows]\n",
    ),
    "generator": (
        "def f(items):\n    for item in items:\n        yield item\n",
        "def f(items):\n    yield from items\n",
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_rewrite_shows_no_difference(name, compare):
    account = compare(*RIGHT[name])
    assert account["differences"] == []
    assert account["unstable"] is None
    assert account["incomparable"] is None
    assert account["changed_unreached"] == []
    assert account["distinct"] > 20
    assert account["workloads"]


WRONG = {
    "a lost order": (
        "def f(xs: list):\n    return list(dict.fromkeys(xs))\n",
        "def f(xs: list):\n    return list(set(xs))\n",
    ),
    "another exception": ("def f(xs):\n    return sorted(xs)[0]\n", "def f(xs):\n    return min(xs)\n"),
    "another type": ("def f(x: int):\n    return x / 1\n", "def f(x: int):\n    return x\n"),
    "a mutation": ("def f(xs: list):\n    return sorted(xs)\n", "def f(xs: list):\n    xs.sort()\n    return xs\n"),
    "an alias": ("def f(xs: list):\n    return xs[:]\n", "def f(xs: list):\n    return xs\n"),
    "a rare branch": (
        "def f(n: int):\n    if n == 123456:\n        return 1\n    return 2\n",
        "def f(n: int):\n    return 2\n",
    ),
    "eagerness": (
        "def f(items):\n    for item in items:\n        yield item\n",
        "def f(items):\n    for item in list(items):\n        yield item\n",
    ),
    "shared state": (
        "def f(n: int):\n    return [n]\n",
        "import functools\n@functools.lru_cache(None)\ndef f(n: int):\n    return [n]\n",
    ),
    "floats summed in another order": (
        "def f(a: float, b: float, c: float):\n    return a + b + c\n",
        "def f(a: float, b: float, c: float):\n    return a + (b + c)\n",
    ),
    "not a number": (
        "def f(x: float):\n    return x != x\n",
        "def f(x: float):\n    return False\n",
    ),
    "a signature": ("def f(a, b=1):\n    return a\n", "def f(a):\n    return a\n"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rewrite_is_found_out(name, compare):
    account = compare(*WRONG[name])
    assert account["differences"]
    first = account["differences"][0]
    assert first["before"] != first["after"] or first["aspect"] == "steps"


def test_the_counterexample_is_small(compare):
    account = compare(
        "def f(xs: list[int]):\n    return [x for x in xs if x > 3]\n",
        "def f(xs: list[int]):\n    return [x for x in xs if x >= 3]\n",
    )
    told = account["differences"][0]
    assert (told["ring"], told["input"]) == ("annotated", "f([3])")
    assert (told["before"], told["after"]) == ("returns []", "returns [3]")


UNSTABLE = {
    "chance": "import random\ndef f(n: int):\n    return random.random()\n",
    "the clock": "import time\ndef f(n: int):\n    return time.perf_counter()\n",
    "identity": "def f(n: int):\n    return id(object()) + id([n])\n",
    "the process": "import os\ndef f(n: int):\n    return os.getpid()\n",
}


@pytest.mark.parametrize("name", UNSTABLE)
def test_a_function_that_differs_from_itself_is_recognised(name, compare):
    account = compare(UNSTABLE[name], UNSTABLE[name] + "\n")
    assert account["unstable"]["aspect"] == "returns"
    assert account["differences"] == []


def test_an_order_that_hangs_on_the_hash_seed_shows(compare):
    account = compare(
        "def f(n: int):\n    return ['a', 'b', 'c', 'd']\n",
        "def f(n: int):\n    if hash('x') % 7 == SEEN:\n        return ['a', 'b', 'c', 'd']\n    return []\n"
        "SEEN = hash('x') % 7 if __import__('os').environ.get('PYTHONHASHSEED') == '0' else -1\n",
    )
    assert account["differences"]


def test_a_difference_beyond_the_domain_is_an_assumption(compare):
    account = compare(
        "def f(xs):\n    out = []\n    for x in xs:\n        if x not in out: out.append(x)\n    return out\n",
        "def f(xs):\n    return list(dict.fromkeys(xs))\n",
    )
    assert account["differences"] == []
    assert account["assumptions"]
    assert {each["ring"] for each in account["assumptions"]} == {"grown-beyond"}


def test_recorded_calls_come_first(compare, script):
    freeze = "import base64\nfrom whetstone_freeze import freeze\n"
    frozen = script(freeze + "print(base64.b64encode(freeze(([3, 1, 2],), {})).decode())", sys.executable).strip()
    account = compare(
        "def f(xs):\n    return sorted(xs)\n",
        "def f(xs):\n    return xs\n",
        recorded=[{"frozen": frozen, "count": 3}],
    )
    assert account["differences"][0]["ring"] == "recorded"


def test_reasons_for_which_nothing_can_be_compared(compare):
    closures = compare("def f(n: int):\n    return lambda: n\n", "def f(n: int):\n    return lambda: n + 1\n")
    assert "function" in closures["incomparable"]
    writing = compare(
        "def f(n: int):\n    open('/nowhere', 'w')\n", "def f(n: int):\n    return open('/nowhere', 'w')\n"
    )
    assert writing["incomparable"] == "writes files"
    assert "ZeroDivisionError" in compare("1 / 0\ndef f(): pass\n", "1 / 0\ndef f(): 1\n")["cannot"]


def test_every_interpreter_compares(python, compare):
    right, wrong = RIGHT["comprehension"], WRONG["a mutation"]
    assert compare(*right, python=python)["differences"] == []
    assert compare(*wrong, python=python)["differences"]
