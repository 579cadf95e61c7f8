"""The server lives, whatever it is told and whatever breaks in it."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from tests.server.features.conversation import FILE, Conversation, Refusal
from tests.server.features.sources import CHEAPEST
from whetstone_server.features import FEATURES, code_actions
from whetstone_server.features.execute_command import COMMANDS


@pytest.fixture
async def conversation():
    conversation = Conversation()
    await conversation.begin()
    conversation.open(CHEAPEST)
    yield conversation
    conversation.server.session.end()


async def test_an_unknown_command_is_refused_with_those_there_are(conversation):
    with pytest.raises(Refusal, match=r"whetstone\.prove") as refusal:
        await conversation.ask("workspace/executeCommand", command="whetstone.sing", arguments=[{}])
    assert refusal.value.code == -32803


@pytest.mark.parametrize("arguments", [None, [], [1], [{}, {}]])
async def test_a_command_without_its_object_is_refused(conversation, arguments):
    with pytest.raises(Refusal, match="takes one object"):
        await conversation.ask("workspace/executeCommand", command="whetstone.prove", arguments=arguments)


async def test_a_request_that_cannot_be_read_is_answered(conversation):
    with pytest.raises(Refusal) as refusal:
        await conversation.ask("textDocument/hover", textDocument=3, position={"line": -1})
    assert refusal.value.code == -32602
    assert len(await conversation.squiggles()) == 1


async def test_an_unknown_request_is_answered(conversation):
    with pytest.raises(Refusal) as refusal:
        await conversation.ask("textDocument/sing")
    assert refusal.value.code == -32601


async def test_a_broken_feature_is_logged_and_the_others_go_on(conversation, monkeypatch, caplog):
    monkeypatch.setattr(code_actions, "_for_file", lambda *_: 1 / 0)
    with caplog.at_level(logging.WARNING), pytest.raises(Refusal) as refusal:
        await conversation.actions()
    assert str(refusal.value) == "Whetstone could not answer textDocument/codeAction; its log says why"
    assert sum("ZeroDivisionError" in (record.exc_text or "") for record in caplog.records) == 1
    assert len(await conversation.squiggles()) == 1


async def test_our_own_refusals_are_not_logged_as_faults(conversation, caplog):
    with caplog.at_level(logging.WARNING), pytest.raises(Refusal):
        await conversation.prove(uri=FILE)
    assert caplog.records == []


async def test_what_is_offered_is_what_there_is():
    conversation = Conversation()
    offered = await conversation.begin()
    conversation.server.session.end()
    assert offered["executeCommandProvider"]["commands"] == list(COMMANDS)
    assert offered["codeActionProvider"]["resolveProvider"] is True
    assert offered["textDocumentSync"]["change"] == 2
    assert len({feature.method for feature in FEATURES}) == len(FEATURES)


def test_the_start_waits_for_nothing_that_only_measuring_needs():
    heavy = {"psutil", "prometheus_client", "msgspec", "lmdb", "statistics", "whetstone_server.metrics"}
    code = f"import sys, whetstone_server.server; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
