"""A laboratory, and conversations with servers whose provers come from it."""

from __future__ import annotations

import pytest

from tests.server.features.conversation import Conversation
from tests.server.features.prover import Laboratory
from whetstone_server.improvements.history import History


@pytest.fixture
def laboratory():
    laboratory = Laboratory()
    yield laboratory
    laboratory.go.set()


@pytest.fixture
async def conversation(laboratory):
    conversation = Conversation(laboratory.start)
    yield conversation
    conversation.server.session.end()


@pytest.fixture
async def trusted(conversation):
    await conversation.begin(options={"trusted": True})
    return conversation


@pytest.fixture
def history(project):
    """The history of what is improved in the project."""
    return History(project)
