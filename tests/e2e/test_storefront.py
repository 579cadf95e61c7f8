"""What the demo shows: slow spots of many kinds, tempting rewrites that are refused, one that is proven."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SHOP = Path(__file__).parents[2] / "examples" / "storefront"


@pytest.fixture
def whetstone(tmp_path):
    """Run the command line in a process of its own, with nothing remembered."""

    def run(*words: str):
        line = [sys.executable, "-m", "whetstone_server.cli", *words, "--format", "json"]
        environment = {**os.environ, "WHETSTONE_HOME": str(tmp_path), "VIRTUAL_ENV": sys.prefix}
        done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=SHOP, env=environment)
        assert done.returncode in (0, 1), done.stderr
        return json.loads(done.stdout)

    return run


def test_tests_of_the_shop_pass() -> None:
    done = subprocess.run([sys.executable, "-m", "unittest"], cwd=SHOP, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_slow_spots_of_many_kinds_are_found(whetstone) -> None:
    found = {(finding["code"], finding["function"]) for finding in whetstone("check", ".")["findings"]}
    assert len({code for code, _ in found}) >= 6
    assert {("WP105", "slowest"), ("WP103", "products"), ("WP103", "visitors"), ("WP111", "receipt")} <= found


def test_tempting_rewrites_are_refused_and_a_good_one_is_proven(whetstone) -> None:
    """`min` raises another error for no requests at all; a set cannot hold what is sold as a list of names."""
    lines = [f"{name}:{_line(name, words)}" for name, words in WANTED]
    verdicts = {each["function"]: each for each in whetstone("prove", *lines)["verdicts"]}
    assert {name: verdict["verdict"] for name, verdict in verdicts.items()} == {
        "slowest": "broken",
        "products": "broken",
        "visitors": "faster",
    }
    assert verdicts["slowest"]["counterexample"]["input"] == "slowest([])"
    assert "unhashable" in verdicts["products"]["counterexample"]["after"]
    assert verdicts["visitors"]["speedup"]["low"] > 5


WANTED = (("logs.py", "return sorted("), ("orders.py", "if line not in"), ("logs.py", "if visitor not in"))


def _line(name: str, words: str) -> int:
    lines = (SHOP / name).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)
