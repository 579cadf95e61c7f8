"""What tests of the server share: the engine to prove with, and a home for what is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from whetstone_server.sandbox.bubblewrap import Bubblewrap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def engine_name() -> str:
    """An engine that needs no service of its own, for tests of what happens above the engines."""
    return "bubblewrap" if Bubblewrap().refusal() is None else "namespaces"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what a module proves in a folder of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHETSTONE_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, of which everything is kept in a home of its own."""
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "home"))
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").touch()
    return project
