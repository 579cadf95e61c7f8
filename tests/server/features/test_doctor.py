"""`whetstone.doctor` answers what `whetstone doctor` says, with how this server fares."""

from __future__ import annotations

import pytest

from whetstone_server.diagnosis import Check
from whetstone_server.features import hover


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    """Stands in for the machine; returns whether each look at it might start the project's interpreter."""
    looks = []

    def checks(root, *, trusted):
        looks.append(trusted)
        return iter([Check("docker", False, "no engine answers", "start it")])

    monkeypatch.setattr("whetstone_server.sandbox.doctor.checks", checks)
    return looks


async def examined(conversation, **wanted):
    return await conversation.ask("workspace/executeCommand", command="whetstone.doctor", arguments=[wanted])


async def test_the_machine_and_the_server_are_examined(conversation, project, machine):
    await conversation.begin(folder=project.as_uri(), options={"trusted": True})
    found = await examined(conversation)
    assert (found["version"], found["root"]) == (1, str(project))
    assert found["checks"][0] == {"name": "docker", "ok": False, "detail": "no engine answers", "remedy": "start it"}
    assert [check["name"] for check in found["checks"]] == ["docker", "store", "self-measurement"]
    assert machine == [True]


async def test_figures_are_there_after_a_window(conversation, project):
    await conversation.begin(folder=project.as_uri())
    uri = conversation.open("text = ''\n", (project / "a.py").as_uri())
    for _ in range(5):
        await conversation.ask(hover.FEATURE.method, textDocument={"uri": uri}, position={"line": 0, "character": 0})
    await conversation.server.session.pulse.end_window()
    names = {check["name"] for check in (await examined(conversation, uri=uri))["checks"]}
    assert {"answers to textDocument/hover", "memory", "errors"} <= names
    assert "self-measurement" not in names


async def test_nothing_is_started_where_the_workspace_is_not_trusted(conversation, project, machine):
    await conversation.begin(folder=project.as_uri())
    await examined(conversation)
    assert machine == [False]


async def test_without_a_project_there_is_no_machine_to_look_at(conversation, machine):
    await conversation.begin()
    found = await examined(conversation)
    assert (found["root"], machine) == (None, [])
