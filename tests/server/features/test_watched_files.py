"""Code that changes on the disk takes along what was learned by running it."""

from __future__ import annotations

import copy

from tests.server.features.conversation import FILE, MODERN
from tests.server.features.sources import CHEAPEST
from whetstone_server.features.prove import OVERTAKEN

OTHER = "file:///project/other.py"


def change(conversation, uri):
    conversation.tell("workspace/didChangeWatchedFiles", changes=[{"uri": uri, "type": 2}])


async def test_the_client_is_asked_to_watch_where_it_can(conversation):
    capabilities = copy.deepcopy(MODERN)
    capabilities["workspace"]["didChangeWatchedFiles"] = {"dynamicRegistration": True}
    await conversation.begin(capabilities)
    await conversation.until(lambda: conversation.count("client/registerCapability"))
    (registered,) = [said for said in conversation.said if said["method"] == "client/registerCapability"]
    (registration,) = registered["params"]["registrations"]
    assert {"globPattern": "**/*.py"} in registration["registerOptions"]["watchers"]


async def test_another_files_change_takes_verdicts_and_recordings_along(trusted, laboratory):
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    change(trusted, OTHER)
    (squiggle,) = await trusted.squiggles()
    assert "proven" not in squiggle["message"]
    await trusted.prove(uri=FILE)
    assert len(laboratory.provers) == 2


async def test_a_change_of_the_file_itself_leaves_its_verdicts(trusted):
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    change(trusted, FILE)
    (squiggle,) = await trusted.squiggles()
    assert "proven" in squiggle["message"]


async def test_a_change_while_a_proof_runs_leaves_neither_its_verdict_nor_its_sandbox(trusted, laboratory):
    laboratory.waits = True
    trusted.open(CHEAPEST)
    _, answer = trusted.request("workspace/executeCommand", command="whetstone.prove", arguments=[{"uri": FILE}])
    await trusted.until(lambda: trusted.count("$/progress") == 2)
    change(trusted, OTHER)
    laboratory.go.set()
    await answer
    assert trusted.said_to_the_person() == [OVERTAKEN]
    (squiggle,) = await trusted.squiggles()
    assert "proven" not in squiggle["message"]
    await trusted.prove(uri=FILE)
    assert len(laboratory.provers) == 2
