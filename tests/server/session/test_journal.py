"""Editing is remembered: where and how much, not what, and never at the editor's expense."""

from __future__ import annotations

from tests.server.features.conversation import Conversation
from tests.server.features.sources import CHEAPEST
from whetstone_server import state
from whetstone_server.events import open_for_reading

START = {"line": 0, "character": 4}
EDIT = {"range": {"start": START, "end": {"line": 0, "character": 12}}, "text": "least"}


async def edited(project, options=None):
    """Open, change, save and close a file, and leave; return the conversation."""
    conversation = Conversation()
    await conversation.begin(folder=project.as_uri(), options=options)
    uri = conversation.open(CHEAPEST, (project / "orders.py").as_uri())
    document = {"uri": uri, "version": 2}
    conversation.tell("textDocument/didChange", textDocument=document, contentChanges=[EDIT, {"text": CHEAPEST}])
    conversation.tell("textDocument/didSave", textDocument={"uri": uri})
    conversation.tell("textDocument/didClose", textDocument={"uri": uri})
    await conversation.ask("shutdown")
    return conversation


def remembered(project):
    with open_for_reading(state.events(project)) as store:
        return store.between()


async def test_what_is_edited_is_remembered_in_order_without_its_text(project):
    await edited(project)
    events = remembered(project)
    assert [event.kind for event in events] == [
        "document.open",
        "document.change",
        "document.change",
        "document.save",
        "document.close",
    ]
    assert {event.path for event in events} == {(project / "orders.py").as_uri()}
    assert {event.source for event in events} == {"editor"}
    opened, change, whole, *_ = (event.data for event in events)
    assert opened == {"language": "python", "document_version": 1, "lines": 5, "size": len(CHEAPEST)}
    assert change == {
        "document_version": 2,
        "start_line": 0,
        "start_column": 4,
        "end_line": 0,
        "end_column": 12,
        "inserted": 5,
        "text": None,
    }
    assert (whole["start_line"], whole["inserted"], whole["text"]) == (0, len(CHEAPEST), None)


async def test_the_text_is_kept_where_the_settings_say_so(project):
    (project / "pyproject.toml").write_text("[tool.whetstone]\nkeep_text = true\n")
    await edited(project)
    change = next(event for event in remembered(project) if event.kind == "document.change")
    assert change.data["text"] == "least"


async def test_a_home_that_cannot_be_written_is_told_and_harms_nothing(project, tmp_path, monkeypatch):
    (tmp_path / "home").write_text("a file where a folder is wanted")
    conversation = Conversation()
    await conversation.begin(folder=project.as_uri())
    conversation.open(CHEAPEST, (project / "orders.py").as_uri())
    said = await conversation.until(
        lambda: [each["params"]["message"] for each in conversation.said if each["method"] == "window/showMessage"]
    )
    assert said[0].startswith("Whetstone will forget what happens in this session: ")
    assert "set WHETSTONE_HOME to a folder that can" in said[0]
    (store,) = conversation.server.session.journal._stores.values()
    assert [event.kind for event in store.newest()] == ["document.open"]
    await conversation.ask("shutdown")
    assert not store.folder.exists()


async def test_a_document_of_no_project_is_not_remembered(project, tmp_path):
    conversation = Conversation()
    await conversation.begin()
    conversation.open(CHEAPEST, "untitled:Untitled-1")
    await conversation.ask("shutdown")
    assert not (tmp_path / "home").exists()
