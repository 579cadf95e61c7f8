"""One improvement from its proof to its rollback: applied by policy, committed, broken by a later edit, taken back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.e2e.test_storefront import SHOP
from tests.server.improvements.repository import Work


@pytest.fixture
def work(tmp_path, monkeypatch):
    """The shop in a git repository of its own."""
    shutil.copytree(SHOP, tmp_path / "shop", ignore=shutil.ignore_patterns("__pycache__"))
    return Work(tmp_path / "shop", ".gitignore", b"__pycache__/\n", monkeypatch)


@pytest.fixture
def whetstone(tmp_path, work):
    """Run the command line in a process of its own; return its exit status and its document."""

    def run(*words: str):
        line = [sys.executable, "-m", "whetstone_server.cli", *words, "--format", "json"]
        environment = {**os.environ, "WHETSTONE_HOME": str(tmp_path / "home"), "VIRTUAL_ENV": sys.prefix}
        done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=work.root, env=environment)
        assert done.returncode in (0, 1), done.stderr
        return done.returncode, json.loads(done.stdout)

    return run


def test_from_finding_to_rolled_back(whetstone, work):
    logs = work.root / "logs.py"
    before = logs.read_text()
    line = next(number for number, text in enumerate(before.splitlines(), 1) if "visitor not in seen" in text)

    status, document = whetstone("prove", f"logs.py:{line}")
    (verdict,) = document["verdicts"]
    assert (status, verdict["verdict"]) == (0, "faster")
    assert 0.7 < verdict["confidence"] < 0.95
    (waiting,) = whetstone("improvements", "list")[1]["improvements"]
    assert (waiting["id"], waiting["status"]) == (verdict["improvement"], "approved")

    allowed = ("--confidence", "0.7")  # one test reaches it, which is just about enough for 0.8
    _, dry = whetstone("improvements", "auto", "--dry-run", *allowed)
    assert [each["allowed"] for each in dry["improvements"]] == [True]
    assert logs.read_text() == before
    status, done = whetstone("improvements", "auto", "--commit", *allowed)
    assert (status, done["commits"]) == (0, [work.git("rev-parse", "--short", "HEAD")])
    assert "seen_set" in logs.read_text()
    assert work.git("show", "-s", "--format=%(trailers:key=Whetstone-Improvement,valueonly)") == waiting["id"]
    assert whetstone("improvements", "recheck", "--all")[0] == 0

    # Visitors were numbers and dots in a text; somebody takes them apart, and a list cannot be put into a set.
    logs.write_text(logs.read_text().replace("match[1], match[2]", 'match[1].split("."), match[2]'))
    edited = before.replace("match[1], match[2]", 'match[1].split("."), match[2]')
    status, document = whetstone("improvements", "recheck", "--all")
    (found,) = document["improvements"]
    assert (status, found["outcome"], found["status"]) == (1, "regressed", "applied")
    assert [test.rpartition("::")[2] for test in found["failing"]] == ["test_visitors_in_the_order_they_came"]
    status, document = whetstone("improvements", "recheck", "--all", "--rollback")
    assert (status, document["improvements"][0]["rolled_back"]) == (1, True)
    assert logs.read_text() == edited

    shown = whetstone("improvements", "show", waiting["id"])[1]["improvement"]
    assert [(step["step"], step["actor"]["kind"]) for step in shown["steps"]] == [
        ("proposed", "proof"),
        ("testing", "proof"),
        ("approved", "proof"),
        ("applied", "policy"),
        ("rolled-back", "policy"),
    ]
    assert shown["commit"]["short"] == done["commits"][0]
    assert "passed when it was proven, and now fails with it and passes without it" in shown["steps"][-1]["reason"]
    assert whetstone("improvements", "verify")[1] == {"version": 1, "records": 5, "problems": []}
    assert not whetstone("improvements", "auto", "--dry-run", *allowed)[1]["improvements"]
