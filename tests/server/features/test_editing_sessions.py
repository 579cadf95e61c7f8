"""Whatever somebody does to a real file: nothing breaks, nothing changed is called proven, and what was done is kept.

Each test is one session by dice. WHETSTONE_SESSIONS says how many there are; `make sessions` plays two hundred.
"""

from __future__ import annotations

import logging
import os

import pytest

from tests.server.features.editing import Person
from whetstone_server import state
from whetstone_server.events import open_for_reading

SESSIONS = int(os.environ.get("WHETSTONE_SESSIONS", "6"))


@pytest.mark.parametrize("seed", range(SESSIONS))
async def test_a_session_of_editing_leaves_everything_in_order(seed, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "home"))
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    person = Person(seed, folder)
    await person.works()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    with open_for_reading(state.events(folder)) as store:
        kept = [event for event in store.between() if event.kind.startswith("document.")]
    assert [event.kind for event in kept] == person.happened
    assert {event.count for event in kept} == {1}
