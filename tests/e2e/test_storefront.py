"""What the demo shows: slow spots of many kinds, tempting rewrites that are refused, one proven in an editor."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.client import edited
from tests.e2e.test_prove_then_apply import PROVEN

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


BEFORE = """\
    seen = []
    for visitor, _page, _milliseconds in log:
        if visitor not in seen:
            seen.append(visitor)
"""
AFTER = """\
    seen = []
    seen_set = set()
    for visitor, _page, _milliseconds in log:
        if visitor not in seen_set:
            seen.append(visitor)
            seen_set.add(visitor)
"""


async def test_a_slow_spot_is_proven_and_mended_in_an_editor(editor, tmp_path, monkeypatch) -> None:
    """From the squiggle to a proof with progress, to a title with the gain, to the file that was expected."""
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "home"))
    shop = Path(shutil.copytree(SHOP, tmp_path / "shop"))
    text = (shop / "logs.py").read_text()
    await editor.begin(shop, options={"trusted": True, "budget": 3})
    uri = editor.open((shop / "logs.py").as_uri(), text)
    squiggle = next(each for each in await editor.squiggles(uri) if each.code == "WP103")

    _, proof, _ = await editor.actions(uri, squiggle.range)
    assert proof.title.startswith("Prove: ")
    await editor.run(proof.command.command, *proof.command.arguments)
    (token,) = editor.progress
    assert len(editor.progress[token]) > 2

    fix, _ = await editor.actions(uri, squiggle.range, "quickfix")
    assert PROVEN.search(fix.title)
    (change,) = (await editor.code_action_resolve_async(fix)).edit.document_changes
    assert BEFORE in text
    assert edited(text, change.edits, "utf-16") == text.replace(BEFORE, AFTER)


WANTED = (("logs.py", "return sorted("), ("orders.py", "if line not in"), ("logs.py", "if visitor not in"))


def _line(name: str, words: str) -> int:
    lines = (SHOP / name).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)
