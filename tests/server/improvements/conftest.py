"""A history of its own for each test."""

from __future__ import annotations

import pytest

from whetstone_server.improvements.history import History


@pytest.fixture
def history(tmp_path, monkeypatch):
    """The history of an empty project."""
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "home"))
    (tmp_path / "project").mkdir()
    return History(tmp_path / "project")
