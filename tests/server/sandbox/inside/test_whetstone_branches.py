"""Ways through one line: which of them were taken shows what a line alone does not."""

from __future__ import annotations

import base64

import pytest


@pytest.fixture
def run_once(project, job):
    """Compare two texts of `f`, and return the account."""

    def compared(old, new):
        root = project(subject=old)
        arguments = {"root": str(root), "path": str(root / "subject.py"), "module": "subject", "function": "f"}
        arguments |= {side: base64.b64encode(text.encode()).decode() for side, text in (("old", old), ("new", new))}
        return job("whetstone_behaviour", {**arguments, "recorded": [], "seconds": 2, "seed": 1})

    return compared


def test_a_way_that_no_input_takes_is_told(run_once):
    account = run_once(
        "def f(n: int) -> int:\n    return 1 if n * 7 == 4242424242 else 2\n", "def f(n: int) -> int:\n    return 2\n"
    )
    assert account["differences"] == []
    assert account["changed_unreached"] == []
    assert account["changed_untaken"] == [2]


def test_a_line_of_the_rewrite_that_no_input_reaches_is_told(run_once):
    account = run_once(
        "def f(n: int) -> int:\n    return 2\n",
        "def f(n: int) -> int:\n    if n * 7 == 4242424242:\n        return 1\n    return 2\n",
    )
    assert account["added_unreached"] == [3]


def test_ways_that_inputs_take_are_not_told(run_once):
    account = run_once(
        "def f(n: int) -> int:\n    return 1 if n > 3 and n < 9 else 2\n",
        "def f(n: int) -> int:\n    return 1 if 3 < n < 9 else 2\n",
    )
    assert account["changed_untaken"] == account["added_untaken"] == account["added_unreached"] == []
