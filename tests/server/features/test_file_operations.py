"""Verdicts follow a file that is renamed, and go with one that moves away or is deleted."""

from __future__ import annotations

import copy

import pytest

from tests.server.features.conversation import FILE, MODERN
from tests.server.features.sources import CHEAPEST, DEAREST

NEW = "file:///project/sales.py"
OTHER = "file:///project/other.py"


def rename(conversation, old, new):
    conversation.tell("workspace/didRenameFiles", files=[{"oldUri": old, "newUri": new}])
    conversation.tell("textDocument/didClose", textDocument={"uri": old})
    conversation.open(CHEAPEST, new)


async def messages(conversation, uri):
    return [squiggle["message"] for squiggle in await conversation.squiggles(uri)]


async def test_the_client_is_asked_to_tell_of_python_files_and_folders(conversation):
    capabilities = copy.deepcopy(MODERN)
    capabilities["workspace"]["fileOperations"] = {"didRename": True, "didDelete": True}
    operations = (await conversation.begin(capabilities))["workspace"]["fileOperations"]
    assert operations["didRename"] == operations["didDelete"]
    patterns = [each["pattern"] for each in operations["didRename"]["filters"]]
    assert patterns == [{"glob": "**/*.{py,pyw}", "matches": "file"}, {"glob": "**", "matches": "folder"}]


async def test_a_verdict_follows_a_file_that_gets_another_name(trusted):
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    rename(trusted, FILE, NEW)
    assert ["proven" in message for message in await messages(trusted, NEW)] == [True]


async def test_a_verdict_that_followed_still_goes_with_an_edit(trusted):
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    rename(trusted, FILE, NEW)
    trusted.insert(1, 4, "print(prices)\n    ", uri=NEW)
    assert ["proven" in message for message in await messages(trusted, NEW)] == [False]


async def test_a_file_of_the_old_name_has_no_verdict(trusted):
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    rename(trusted, FILE, NEW)
    trusted.open(CHEAPEST, FILE)
    assert ["proven" in message for message in await messages(trusted, FILE)] == [False]


@pytest.mark.parametrize(
    ("old", "new"), [(FILE, "file:///project/sub/orders.py"), ("file:///project", "file:///elsewhere")]
)
async def test_a_verdict_goes_when_its_file_moves(trusted, old, new):
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    trusted.tell("workspace/didRenameFiles", files=[{"oldUri": old, "newUri": new}])
    moved = FILE.replace(old, new)
    trusted.open(CHEAPEST, moved)
    assert ["proven" in message for uri in (FILE, moved) for message in await messages(trusted, uri)] == [False, False]


@pytest.mark.parametrize("method", ["workspace/didDeleteFiles", "workspace/didChangeWatchedFiles"])
async def test_verdicts_go_with_a_deleted_file_and_what_may_have_used_it(trusted, laboratory, method):
    trusted.open(CHEAPEST)
    trusted.open(DEAREST, OTHER)
    await trusted.prove(uri=FILE)
    await trusted.prove(uri=OTHER)
    deleted = {"files": [{"uri": FILE}]} if "Delete" in method else {"changes": [{"uri": FILE, "type": 3}]}
    trusted.tell(method, **deleted)
    for uri in (FILE, OTHER):
        assert ["proven" in message for message in await messages(trusted, uri)] == [False]
    await trusted.prove(uri=OTHER)
    assert len(laboratory.provers) == 2


async def test_a_proof_that_runs_while_its_file_goes_leaves_no_verdict(trusted, laboratory):
    laboratory.waits = True
    trusted.open(CHEAPEST)
    _, proof = trusted.request(
        "workspace/executeCommand", command="whetstone.prove", arguments=[{"uri": FILE}], workDoneToken="mine"
    )
    await trusted.until(lambda: laboratory.candidates)
    trusted.tell("workspace/didDeleteFiles", files=[{"uri": FILE}])
    laboratory.go.set()
    await proof
    assert ["proven" in message for message in await messages(trusted, FILE)] == [False]
