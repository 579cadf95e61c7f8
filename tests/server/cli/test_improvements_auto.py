"""`whetstone improvements auto`: what is applied by itself, what is left and why, and what a dry run shows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.server.improvements.repository import Work
from tests.server.improvements.test_policy import SURE, UNTESTED, proposed
from whetstone_server.improvements.history import History

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def history(folder: Path) -> History:
    """A history with an improvement that is sure enough and one that is not."""
    (folder / "pyproject.toml").write_text("")
    found = History(folder)
    (folder / "prices.py").write_text(
        "def cheapest(prices):\n    return sorted(prices)[0]\n\n\ndef dearest(prices):\n    return sorted(prices)[-1]\n"
    )
    proposed(found, "cheapest", SURE)
    proposed(found, "dearest", UNTESTED)
    return found


def test_nothing_that_waits_is_said(whetstone):
    done = whetstone("improvements", "auto")
    assert (done.status, done.out) == (0, "Nothing waits to be applied: `whetstone prove` makes proposals.\n")


def test_a_dry_run_says_all_and_does_nothing(whetstone, history, folder):
    before = (folder / "prices.py").read_bytes()
    records = history.records()
    done = whetstone("improvements", "auto", "--dry-run")
    lines = done.out.splitlines()
    assert done.status == 0
    assert lines[0].endswith("  would be applied  WP105 sorted-for-one-end  in cheapest of prices.py")
    assert lines[1] == "  confidence 0.95, at least 4.8 times as fast"
    assert lines[2].endswith("  would be left alone  WP105 sorted-for-one-end  in dearest of prices.py")
    assert lines[3].endswith(" is less than 0.8: no test reaches it")
    assert lines[4] == "1 of 2 would be applied, by the policy (confidence ≥ 0.80, gain ≥ 20%)."
    assert (folder / "prices.py").read_bytes() == before
    assert history.records() == records


def test_what_is_allowed_is_applied_and_told_as_json(whetstone, history, folder):
    done = whetstone("improvements", "auto", "--format", "json")
    assert done.status == 0
    assert (done.json["version"], done.json["dry_run"], done.json["commits"]) == (1, False, [])
    assert done.json["policy"] == {"confidence": 0.8, "gain": 0.2}
    first, second = done.json["improvements"]
    assert (first["allowed"], first["status"], first["confidence"], first["gain"]) == (True, "applied", 0.952, 3.8)
    assert (second["allowed"], second["status"]) == (False, "approved")
    assert "min(prices)" in (folder / "prices.py").read_text()


def test_the_numbers_can_be_chosen(whetstone, history):
    done = whetstone("improvements", "auto", "--dry-run", "--confidence", "0.5", "--gain", "3.7")
    assert "2 of 2 would be applied, by the policy (confidence ≥ 0.50, gain ≥ 370%)" in done.out
    for wrong in (["--confidence", "80"], ["--confidence", "high"], ["--gain", "-1"], ["--gain", "nan"]):
        done = whetstone("improvements", "auto", "--dry-run", *wrong)
        assert (done.status, done.err.count("\n")) == (2, 1)


def test_a_project_cannot_have_its_own_code_rewritten(whetstone, history, folder):
    (folder / "pyproject.toml").write_text("[tool.whetstone]\nauto_apply = true\nauto_apply_confidence = 0\n")
    before = (folder / "prices.py").read_bytes()
    done = whetstone("prove", "prices.py")
    assert done.status == 2
    assert "tool.whetstone.auto_apply can only be set in the editor; take it out" in done.err
    assert (folder / "prices.py").read_bytes() == before


def test_what_was_applied_is_committed_and_a_file_with_other_changes_is_left(whetstone, history, folder, monkeypatch):
    work = Work(folder, "notes.txt", b"", monkeypatch)
    (folder / "prices.py").write_bytes((folder / "prices.py").read_bytes() + b"\n")
    proposed(history, "cheapest", SURE)
    done = whetstone("improvements", "auto", "--dry-run", "--commit")
    assert "prices.py has changes of its own; commit or stash them first" in done.out
    work.save("Change it")
    done = whetstone("improvements", "auto", "--commit")
    assert done.status == 0
    assert f"Committed as {work.git('rev-parse', '--short', 'HEAD')}." in done.out
    assert work.git("show", "--name-only", "--format=", "HEAD") == "prices.py"
    assert work.git("status", "--porcelain") == ""


def test_where_a_hook_refuses_what_was_applied_is_told_all_the_same(whetstone, history, folder, monkeypatch):
    work = Work(folder, "notes.txt", b"", monkeypatch)
    hook = folder / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'not on a Friday' >&2\nexit 1\n")
    hook.chmod(0o755)
    done = whetstone("improvements", "auto", "--commit", "--format", "json")
    assert done.status == 2
    assert "was written, but not committed, because git or a hook refused: not on a Friday" in done.err
    assert [each["status"] for each in done.json["improvements"]] == ["applied", "approved"]
    assert done.json["commits"] == []
    assert work.git("status", "--porcelain") == "M prices.py"
