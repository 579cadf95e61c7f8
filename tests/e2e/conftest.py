"""A small project with a slow spot and tests that reach it, and editors on it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.client import editor as connected

SLOW = '''\
"""Reports about orders. 😀"""


def as_lines(words):
    """Return the words, one in each line."""
    text = ""
    for word in words:
        text += word
        text += "\\n"
    return text


def header(name):
    return f"== {name} =="
'''
FAST = SLOW.replace('text = ""', "pieces = []").replace("text += word", "pieces.append(word)")
FAST = FAST.replace('text += "\\n"', 'pieces.append("\\n")').replace("return text", 'return "".join(pieces)')
TESTS = """\
from report import as_lines, header


def test_as_lines():
    assert as_lines(["a", "b"]) == "a\\nb\\n"
    assert as_lines([]) == ""
    assert as_lines([str(number) for number in range(2000)]).count("\\n") == 2000


def test_header():
    assert header("x") == "== x =="
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "home"))
    folder = tmp_path / "orders 😀"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("[project]\nname = 'orders'\n[tool.whetstone]\nbudget = 2\n")
    (folder / "report.py").write_text(SLOW)
    (folder / "test_report.py").write_text(TESTS)
    return folder


@pytest.fixture
async def editor():
    async with connected() as editor:
        yield editor


def editing(home: Path, **more: object) -> dict[str, str]:
    """Return the environment of somebody who edits, with a home of their own and our commands on the path."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    places = {"HOME": home, "XDG_CONFIG_HOME": home / "config", "XDG_DATA_HOME": home / "data"}
    places |= {"XDG_STATE_HOME": home / "state", "XDG_CACHE_HOME": home / "cache"}
    return os.environ | {key: str(value) for key, value in (places | more).items()} | {"PATH": path}
