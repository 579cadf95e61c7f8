"""What was shown, offered, picked and taken back is remembered, once each and without a word of the code."""

from __future__ import annotations

import pytest

from tests.server.features.conversation import Conversation
from tests.server.features.sources import CHEAPEST, DEAREST
from tests.server.features.test_code_action_resolve import resolved
from whetstone_server import state
from whetstone_server.events import open_for_reading

IGNORED = CHEAPEST.replace("[0]", "[0]  # whetstone: ignore")


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "home"))
    folder = tmp_path / "orders"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("")
    (folder / "orders.py").write_text(CHEAPEST)
    return folder


@pytest.fixture
async def working(laboratory, project):
    conversation = Conversation(laboratory.start)
    await conversation.begin(folder=project.as_uri(), options={"trusted": True})
    yield conversation
    conversation.server.session.end()


@pytest.fixture
def uri(project):
    return (project / "orders.py").as_uri()


async def remembered(conversation, project, *kinds):
    """End the session; return the events of these kinds with their data, and how often each was merged."""
    await conversation.ask("shutdown")
    with open_for_reading(state.events(project)) as store:
        events = store.between()
    assert not [event for event in events if "prices" in repr(event.data)]
    return [(event.kind, event.data, event.count) for event in events if event.kind.startswith(kinds)]


async def picked(conversation, uri, action):
    """Make the edit of an action as an editor does."""
    (change,) = (await resolved(conversation, action))["edit"]["documentChanges"]
    edits = [{"range": edit["range"], "text": edit["newText"]} for edit in reversed(change["edits"])]
    before = conversation.file(uri).source.decode()
    conversation.change(*edits, uri=uri)
    return before


async def test_what_is_shown_is_remembered_when_it_is_something_else(working, project, uri):
    working.open(f"{CHEAPEST}\n\n{DEAREST}", uri)
    for _ in range(3):
        await working.squiggles(uri)
    working.insert(0, 0, "\n", uri=uri)
    await working.squiggles(uri)
    working.change({"text": CHEAPEST}, uri=uri)
    await working.squiggles(uri)
    working.change({"text": IGNORED}, uri=uri)
    await working.squiggles(uri)
    assert await remembered(working, project, "diagnostics.") == [
        ("diagnostics.shown", {"findings": ["WP105", "WP105"]}, 1),
        ("diagnostics.shown", {"findings": ["WP105"]}, 1),
        ("diagnostics.cleared", {"findings": 1}, 1),
    ]


async def test_what_is_shown_is_cleared_when_a_document_is_closed(working, project, uri):
    working.open(CHEAPEST, uri)
    await working.squiggles(uri)
    working.tell("textDocument/didClose", textDocument={"uri": uri})
    kinds = [kind for kind, _, _ in await remembered(working, project, "diagnostics.", "document.close")]
    assert kinds == ["diagnostics.shown", "diagnostics.cleared", "document.close"]


async def test_an_offer_is_remembered_unless_the_editor_asked_by_itself(working, project, uri):
    working.open(CHEAPEST, uri)
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
    context = {"diagnostics": [], "triggerKind": 2}
    await working.ask("textDocument/codeAction", textDocument={"uri": uri}, range=whole, context=context)
    await working.actions(uri=uri)
    await working.prove(uri=uri)
    await working.actions(uri=uri)
    await working.actions("source", uri=uri)
    assert await remembered(working, project, "action.") == [
        ("action.offered", {"code": "WP105", "proven": False}, 1),
        ("action.offered", {"code": "WP105", "proven": True}, 1),
    ]


async def test_a_pick_is_remembered_when_the_text_is_what_it_leads_to(working, project, uri):
    working.open(CHEAPEST, uri)
    fix, _ = await working.fixes(uri=uri)
    await resolved(working, fix)  # an editor that shows a preview
    await picked(working, uri, fix)
    events = await remembered(working, project, "action.chosen", "action.undone")
    assert events == [("action.chosen", {"code": "WP105", "proven": False, "improvement": None}, 1)]


async def test_a_proven_pick_names_its_improvement_and_is_followed_when_it_is_taken_back(working, project, uri):
    working.open(CHEAPEST, uri)
    await working.prove(uri=uri)
    (fix,) = await working.fixes("quickfix", uri=uri)
    before = await picked(working, uri, fix)
    working.change({"text": before}, uri=uri)
    assert await remembered(working, project, "action.chosen", "action.undone") == [
        ("action.chosen", {"code": "WP105", "proven": True, "improvement": "improvement"}, 1),
        ("action.undone", {"code": "WP105", "improvement": "improvement"}, 1),
    ]


async def test_everything_proven_that_is_picked_together_is_remembered_one_by_one(working, project, uri):
    working.open(f"{CHEAPEST}\n\n{DEAREST}", uri)
    await working.prove(uri=uri)
    (action,) = await working.actions("source.fixAll", uri=uri)
    await picked(working, uri, action)
    events = await remembered(working, project, "action.chosen")
    assert [(data["code"], data["proven"]) for _, data, _ in events] == [("WP105", True)] * 2


async def test_what_was_offered_and_not_made_is_no_pick(working, project, uri):
    working.open(CHEAPEST, uri)
    fix, _ = await working.fixes(uri=uri)
    await resolved(working, fix)
    working.insert(0, 0, "x = 1\n", uri=uri)
    assert await remembered(working, project, "action.chosen") == []
