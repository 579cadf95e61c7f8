"""From an empty file to a supervised server: over pipes, as an editor does it, and the same as the command line."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.uris import to_fs_path

from tests.client import edited, modern, place
from tests.server.scaffolding.conftest import APPLICATION, MIX
from whetstone_codegen.templates import TEMPLATES
from whetstone_server.cli import main

if TYPE_CHECKING:
    from collections.abc import Sequence

KIND = "refactor.whetstone.new"
START = types.Range(types.Position(0, 0), types.Position(0, 0))


@pytest.fixture
def ledger(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "home"))
    folder = tmp_path / "ledger 😀"
    (folder / "lib" / "ledger").mkdir(parents=True)
    (folder / "mix.exs").write_text(MIX)
    (folder / "lib" / "ledger" / "application.ex").write_text(APPLICATION)
    return folder


def able(*, makes_files: bool = True) -> types.ClientCapabilities:
    """Return the capabilities of an editor that makes edits for a server, and files as well."""
    capabilities = modern()
    operations = [types.ResourceOperationKind.Create] if makes_files else None
    edits = types.WorkspaceEditClientCapabilities(document_changes=True, resource_operations=operations)
    assert capabilities.workspace
    workspace = attrs.evolve(capabilities.workspace, workspace_edit=edits, apply_edit=True)
    return attrs.evolve(capabilities, workspace=workspace)


def make(edit: types.WorkspaceEdit, texts: dict[str, str]) -> None:
    """Make an edit on disk; `texts` are the documents that are open and may differ from it."""
    for step in edit.document_changes or ():
        if isinstance(step, types.CreateFile):
            path = Path(to_fs_path(step.uri) or "")
            assert not path.exists()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        else:
            assert isinstance(step, types.TextDocumentEdit)
            path = Path(to_fs_path(step.text_document.uri) or "")
            before = texts.get(step.text_document.uri, path.read_text() if path.exists() else "")
            path.write_text(edited(before, [each for each in step.edits if isinstance(each, types.TextEdit)]))


def contents(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def by_command(folder: Path, *arguments: str) -> dict[str, str]:
    """Return what the command line makes of a project, in a copy of it."""
    copy = folder.with_name("copy")
    shutil.copytree(folder, copy)
    assert main(["new", *arguments, "--into", str(copy)]) == 0
    return contents(copy)


async def resolved(editor, action: types.CodeAction) -> types.WorkspaceEdit:
    assert action.edit is None
    answer = await editor.code_action_resolve_async(action)
    assert answer.edit, editor.messages
    return answer.edit


async def test_an_empty_file_becomes_a_server_with_its_test_and_its_supervisor(editor, ledger):
    expected = by_command(ledger, "gen_server", "Ledger.Store")
    await editor.begin(ledger, capabilities=able())
    uri = editor.open((ledger / "lib" / "ledger" / "store.ex").as_uri(), "\n", "elixir")
    actions = await editor.actions(uri, START, KIND)
    assert [action.title for action in actions] == [
        f"New: {template.title}" for template in TEMPLATES if template.language == "elixir"
    ]
    assert {action.kind for action in actions} == {KIND}
    edit = await resolved(editor, actions[0])
    make(edit, {uri: "\n"})
    assert contents(ledger) == expected


@pytest.mark.parametrize(("typed", "name"), [("defmodule Ledger.API do\nend\n", "Ledger.API"), ("", "Ledger.Api")])
async def test_a_module_keeps_the_capitals_that_its_file_cannot_say(editor, ledger, typed, name):
    await editor.begin(ledger, capabilities=able())
    uri = editor.open((ledger / "lib" / "ledger" / "api.ex").as_uri(), typed, "elixir")
    (action, *_) = await editor.actions(uri, START, KIND)
    make(await resolved(editor, action), {uri: typed})
    assert contents(ledger)["lib/ledger/api.ex"].startswith(f"defmodule {name} do\n")


async def test_a_child_is_put_where_the_cursor_is_among_unsaved_children(editor, ledger):
    await editor.begin(ledger, capabilities=able())
    typed = APPLICATION.replace("      Ledger.Repo\n", "      Ledger.Repo,\n      {Ledger.Web, at: Ledger.GenServer}\n")
    uri = editor.open((ledger / "lib" / "ledger" / "application.ex").as_uri(), typed, "elixir")
    assert await editor.actions(uri, place(typed, "use Application"), KIND) == []
    actions = await editor.actions(uri, place(typed, "Ledger.Repo"), KIND)
    assert len(actions) == sum(bool(each.child) for each in TEMPLATES if each.language == "elixir")
    make(await resolved(editor, actions[0]), {uri: typed})
    made = contents(ledger)
    assert made["lib/ledger/application.ex"] == typed.replace("Repo,\n", "Repo,\n      Ledger.GenServer,\n")
    assert made["lib/ledger/gen_server.ex"].startswith("defmodule Ledger.GenServer do")
    assert "test/ledger/gen_server_test.exs" in made


async def test_a_text_that_changed_since_gets_no_edit(editor, ledger):
    await editor.begin(ledger, capabilities=able())
    uri = editor.open((ledger / "lib" / "ledger" / "store.ex").as_uri(), "", "elixir")
    (action, *_) = await editor.actions(uri, START, KIND)
    editor.type(uri, (None, "# ideas\n"))
    assert (await editor.code_action_resolve_async(action)).edit is None
    await editor.until(lambda: "has changed" in editor.messages[-1].message if editor.messages else False)


async def test_what_cannot_be_written_is_said_and_nothing_is_edited(editor, ledger):
    (ledger / "lib" / "ledger" / "application.ex").write_text(APPLICATION.replace("= [", "= base() ++ ["))
    await editor.begin(ledger, capabilities=able())
    uri = editor.open((ledger / "lib" / "ledger" / "store.ex").as_uri(), "", "elixir")
    (action, *_) = await editor.actions(uri, START, KIND)
    assert (await editor.code_action_resolve_async(action)).edit is None
    (message,) = await editor.until(lambda: editor.messages)
    assert "are not one list that can be read, but `base() ++ [" in message.message


async def test_an_editor_that_makes_no_files_is_told_of_the_command_line(editor, ledger):
    await editor.begin(ledger, capabilities=able(makes_files=False))
    uri = editor.open((ledger / "lib" / "ledger" / "store.ex").as_uri(), "", "elixir")
    (action, *_) = await editor.actions(uri, START, KIND)
    assert (await editor.code_action_resolve_async(action)).edit is None
    (message,) = await editor.until(lambda: editor.messages)
    assert "`whetstone new` does it in a terminal" in message.message


class TestCommand:
    """`whetstone.new`, which an editor's own dialogues end in."""

    @pytest.fixture
    def made(self, editor) -> list[types.WorkspaceEdit]:
        """What the server asked the editor to edit."""
        edits: list[types.WorkspaceEdit] = []

        @editor.feature(types.WORKSPACE_APPLY_EDIT)
        def apply(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
            edits.append(params.edit)
            make(params.edit, {})
            return types.ApplyWorkspaceEditResult(applied=True)

        return edits

    async def test_it_writes_what_was_answered(self, editor, ledger, made):
        answers = {"shutdown": 1000, "naming": "none"}
        typed: Sequence[str] = [f"--set={key}={value}" for key, value in answers.items()]
        expected = by_command(ledger, "gen_server", "Ledger.Store", *typed)
        await editor.begin(ledger, capabilities=able())
        wanted = {"template": "gen-server", "name": "Ledger.Store", "answers": answers}
        answer = await editor.run("whetstone.new", wanted)
        assert contents(ledger) == expected
        assert [(file["what"], file["status"]) for file in answer["files"]] == [
            ("module", "created"),
            ("test", "created"),
            ("supervisor", "changed"),
        ]
        assert answer["uri"] == (ledger / "lib" / "ledger" / "store.ex").as_uri()
        again = await editor.run("whetstone.new", wanted)
        assert {file["status"] for file in again["files"]} == {"unchanged"}
        assert len(made) == 1

    async def test_without_a_template_it_lists_them(self, editor, ledger, made):
        await editor.begin(ledger, capabilities=able())
        listed = await editor.run("whetstone.new", {})
        assert [(each["language"], each["name"]) for each in listed["templates"]] == [
            (each.language, each.name) for each in TEMPLATES
        ]
        assert made == []

    @pytest.mark.parametrize(
        ("wanted", "said"),
        [
            ({"template": "gen-server"}, "wants a name"),
            ({"template": "gen-server", "name": "ledger"}, "is no name of a module"),
            ({"template": "gen-server", "name": "Ledger.Store", "answers": {"colour": 1}}, "asks nothing"),
            ({"template": "gen-server", "name": "Ledger.Store", "answers": 1}, "takes its answers as an object"),
            ({"template": "teapot", "name": "Ledger.Store"}, "no template is called teapot"),
            ({"add": "test", "module": "Ledger.Store"}, "is not open any more"),
        ],
    )
    async def test_bad_wishes_are_refused_in_a_sentence(self, editor, ledger, made, wanted, said):
        await editor.begin(ledger, capabilities=able())
        with pytest.raises(JsonRpcException, match=said):
            await editor.run("whetstone.new", wanted)
        assert made == []

    async def test_a_template_is_completed_where_a_module_begins(self, editor, ledger, made):
        await editor.begin(ledger, capabilities=able())
        uri = editor.open((ledger / "lib" / "ledger" / "store.ex").as_uri(), "gen", "elixir")
        cursor = types.Position(0, 3)
        document = types.TextDocumentIdentifier(uri)
        answer = await editor.text_document_completion_async(types.CompletionParams(document, cursor))
        item = next(item for item in answer.items if item.label == "gen-server")
        assert item.text_edit == types.TextEdit(types.Range(types.Position(0, 0), cursor), "")
        editor.type(uri, (item.text_edit.range, item.text_edit.new_text))
        await editor.run(item.command.command, *item.command.arguments)
        assert contents(ledger)["lib/ledger/store.ex"].startswith("defmodule Ledger.Store do")
        assert "Ledger.Store" in contents(ledger)["lib/ledger/application.ex"]

    async def test_nothing_is_completed_where_something_stands(self, editor, ledger, made):
        await editor.begin(ledger, capabilities=able())
        uri = editor.open((ledger / "lib" / "ledger" / "store.ex").as_uri(), "# ideas\ngen", "elixir")
        params = types.CompletionParams(types.TextDocumentIdentifier(uri), types.Position(1, 3))
        assert await editor.text_document_completion_async(params) is None


async def test_an_empty_python_file_becomes_a_module_with_its_test(editor, project):
    (project / "shop").mkdir()
    await editor.begin(project, capabilities=able())
    uri = editor.open((project / "shop" / "breaker.py").as_uri(), "")
    actions = await editor.actions(uri, START, KIND)
    action = next(each for each in actions if each.data["new"]["template"] == "circuit-breaker")
    make(await resolved(editor, action), {uri: ""})
    assert "class " in (project / "shop" / "breaker.py").read_text()
    assert (project / "tests" / "test_shop_breaker.py").exists()
    tests = editor.open((project / "test_breaker.py").as_uri(), "")
    assert await editor.actions(tests, START, KIND) == []


class TestModule:
    """What a module that is there lacks is added where it says what it is."""

    @pytest.fixture
    def store(self, ledger) -> Path:
        path = ledger / "lib" / "ledger" / "store.ex"
        path.write_text(STORE)
        return path

    async def offered(self, editor, ledger, store) -> tuple[str, dict[str, types.CodeAction]]:
        await editor.begin(ledger, capabilities=able())
        uri = editor.open(store.as_uri(), STORE, "elixir")
        actions = await editor.actions(uri, place(STORE, "GenServer"), KIND)
        return uri, {action.title: action for action in actions}

    async def test_it_is_offered_at_the_head_of_the_module_only(self, editor, ledger, store):
        uri, offered = await self.offered(editor, ledger, store)
        titles = [
            "Implement init/1 and handle_call/3",
            "Create the test of Ledger.Store",
            "Supervise Ledger.Store",
        ]
        assert list(offered) == titles
        head = await editor.actions(uri, START, KIND)
        assert [action.title for action in head] == titles
        assert await editor.actions(uri, place(STORE, "balance"), KIND) == []

    async def test_callbacks_are_added_to_the_text_in_the_editor(self, editor, ledger, store):
        uri, offered = await self.offered(editor, ledger, store)
        make(await resolved(editor, offered["Implement init/1 and handle_call/3"]), {uri: STORE})
        assert "  def handle_call({:add, sum}, _from, _state) do\n" in store.read_text()
        editor.type(uri, (None, store.read_text()))
        again = await editor.actions(uri, START, KIND)
        assert [action.title for action in again] == ["Create the test of Ledger.Store", "Supervise Ledger.Store"]

    async def test_a_test_is_made_once(self, editor, ledger, store):
        uri, offered = await self.offered(editor, ledger, store)
        make(await resolved(editor, offered["Create the test of Ledger.Store"]), {uri: STORE})
        assert '  test "balance/1"\n' in (ledger / "test" / "ledger" / "store_test.exs").read_text()
        again = await editor.actions(uri, START, KIND)
        assert "Create the test of Ledger.Store" not in [action.title for action in again]

    async def test_it_is_supervised_once(self, editor, ledger, store):
        uri, offered = await self.offered(editor, ledger, store)
        action = offered["Supervise Ledger.Store"]
        make(await resolved(editor, action), {uri: STORE})
        application = (ledger / "lib" / "ledger" / "application.ex").read_text()
        assert application == APPLICATION.replace("Repo\n", "Repo,\n      Ledger.Store\n")
        action.edit = None
        assert (await editor.code_action_resolve_async(action)).edit is None
        (message,) = await editor.until(lambda: editor.messages)
        assert "starts Ledger.Store already" in message.message


STORE = """\
defmodule Ledger.Store do
  use GenServer

  def balance(sum), do: GenServer.call(__MODULE__, {:add, sum})
end
"""
