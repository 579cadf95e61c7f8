"""A command line in a folder of its own, with a home of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from whetstone_server.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SLOW = """\
def joined(rows):
    text = ""
    for row in rows:
        text += row
    return text


class Prices:
    def cheapest(self, prices):
        return sorted(prices)[0]
"""
CLEAN = "def double(number):\n    return number * 2\n"


class Outcome(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The working directory: a project with one slow file and one clean one."""
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    folder = tmp_path / "project"
    (folder / "shop").mkdir(parents=True)
    (folder / "pyproject.toml").write_text('[project]\nname = "shop"\n')
    (folder / "shop" / "slow.py").write_text(SLOW)
    (folder / "shop" / "clean.py").write_text(CLEAN)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def whetstone(folder, capfd) -> Callable[..., Outcome]:
    """Run the command line in this process; returns its exit status and what it printed."""

    def run(*arguments: str) -> Outcome:
        capfd.readouterr()
        status = main(arguments)
        return Outcome(status, *capfd.readouterr())

    return run
