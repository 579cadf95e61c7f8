"""A project to measure in, with a home of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from whetstone_server import state
from whetstone_server.events import open_for_reading
from whetstone_server.metrics import recording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def project(tmp_path, monkeypatch) -> Iterator[Path]:
    """The working directory; what this process recorded before is no part of it."""
    recording.close()
    monkeypatch.setattr(recording, "_process", recording._Process())
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("WHETSTONE_WORKSPACE", raising=False)
    monkeypatch.delenv("CI", raising=False)
    project = tmp_path / "shop"
    (project / "src").mkdir(parents=True)
    (project / "pyproject.toml").write_text("")
    monkeypatch.chdir(project)
    yield project
    recording.close()


@pytest.fixture
def kept(project):
    """Return the events that are in the project's store, the oldest first."""

    def events(kind="metric.sample"):
        recording.close()
        with open_for_reading(state.events(project)) as store:
            return store.between(kind=kind)

    return events
