"""Every message that is answered, sent to the real server over its pipes, with positions in each encoding."""

from __future__ import annotations

import json

import pytest

from tests.e2e.conftest import FAST, SLOW
from tests.e2e.pipes import after, pipes, where
from tests.server.features.conversation import MODERN
from whetstone_server.features import FEATURES

ENCODINGS = ["utf-8", "utf-16", "utf-32"]
SLOW = SLOW.replace('text = ""', 'text = ""; 𠮷 = "é😀"').replace("text += word", '_ = "😀é"; text += word')
FAST = FAST.replace("pieces = []", 'pieces = []; 𠮷 = "é😀"').replace(
    "pieces.append(word)", '_ = "😀é"; pieces.append(word)'
)
CELL = '"😀"; out = []\n\n\ndef f(lists):\n    return "é😀", sum(lists, [])\n'


def capabilities(encoding):
    watching = {**MODERN["workspace"], "didChangeWatchedFiles": {"dynamicRegistration": True}}
    return {**MODERN, "general": {"positionEncodings": [encoding]}, "workspace": watching}


async def opened(server, document, encoding):
    """Open a document with something wrong in it, and put it right behind characters of every width."""
    wrong = SLOW.replace("text += word", "text += w😀rd")
    server.tell("textDocument/didOpen", textDocument={**document, "languageId": "python", "version": 1, "text": wrong})
    server.tell(
        "textDocument/didChange",
        textDocument={**document, "version": 2},
        contentChanges=[{"range": where(wrong, "w😀rd", encoding), "text": "word"}],
    )
    server.tell("textDocument/didSave", textDocument=document)
    report = await server.ask("textDocument/diagnostic", textDocument=document)
    (squiggle,) = report["items"]
    assert squiggle["range"] == where(SLOW, "text += word", encoding)
    return squiggle


async def looked_at(server, document, squiggle, encoding):
    """Ask for all there is about a finding, prove it, and see the verdict where it belongs."""
    here = squiggle["range"]["start"]
    hover = await server.ask("textDocument/hover", textDocument=document, position=here)
    assert hover["range"] == squiggle["range"]
    context = {"diagnostics": []}
    fix, proof, silence = await server.ask(
        "textDocument/codeAction", textDocument=document, range=squiggle["range"], context=context
    )
    change = (await server.ask("codeAction/resolve", **fix))["edit"]["documentChanges"][0]
    assert after(SLOW, change["edits"], encoding) == FAST
    silenced = (await server.ask("codeAction/resolve", **silence))["edit"]["documentChanges"][0]
    assert "# whetstone: ignore[WP101]" in after(SLOW, silenced["edits"], encoding)

    answer = await server.ask("workspace/executeCommand", **proof["command"])
    assert [verdict["verdict"] for verdict in answer["verdicts"]] == ["faster"], answer
    lens, *_ = await server.ask("textDocument/codeLens", textDocument=document)
    assert lens["range"]["start"] == where(SLOW, "def as_lines", encoding)["start"]
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
    (hint,) = await server.ask("textDocument/inlayHint", textDocument=document, range=whole)
    assert hint["position"] == where(SLOW, "text += word", encoding)["end"]


async def completed(server, document, encoding):
    """Complete a code behind the wide characters of a line."""
    end = where(SLOW, "text += word", encoding)["end"]
    server.tell(
        "textDocument/didChange",
        textDocument={**document, "version": 3},
        contentChanges=[{"range": {"start": end, "end": end}, "text": "  # whetstone: ignore["}],
    )
    typed = SLOW.replace("text += word", "text += word  # whetstone: ignore[")
    cursor = where(typed, "ignore[", encoding)["end"]
    items = await server.ask("textDocument/completion", textDocument=document, position=cursor)
    items = items["items"] if isinstance(items, dict) else items
    assert items[0]["label"] == "WP101"
    assert items[0]["textEdit"]["range"]["end"] == cursor
    resolved = await server.ask("completionItem/resolve", **items[0])
    assert "string-built-in-loop" in resolved["documentation"]["value"]


async def read_in_a_notebook(server, encoding):
    """Find something in a cell, and see it go."""
    notebook, cell = {"uri": "file:///n.ipynb"}, {"uri": "vscode-notebook-cell:/n.ipynb#1"}
    server.tell(
        "notebookDocument/didOpen",
        notebookDocument={
            **notebook,
            "notebookType": "jupyter-notebook",
            "version": 1,
            "cells": [{"kind": 2, "document": cell["uri"]}],
        },
        cellTextDocuments=[{**cell, "languageId": "python", "version": 1, "text": CELL}],
    )
    report = await server.ask("textDocument/diagnostic", textDocument=cell)
    assert [each["range"] for each in report["items"]] == [where(CELL, "sum(lists, [])", encoding)]
    text = {"document": {**cell, "version": 2}, "changes": [{"range": where(CELL, "[])", encoding), "text": "0)"}]}
    server.tell(
        "notebookDocument/didChange",
        notebookDocument={**notebook, "version": 2},
        change={"cells": {"textContent": [text]}},
    )
    assert (await server.ask("textDocument/diagnostic", textDocument=cell))["items"] == []
    server.tell("notebookDocument/didClose", notebookDocument=notebook, cellTextDocuments=[cell])


async def followed(server, project, document, encoding):
    """Change settings, folders and files without the editor, and look at all there is."""
    server.tell("workspace/didChangeConfiguration", settings={"whetstone": {"ignore": ["WP101"]}})
    server.tell("workspace/didChangeWatchedFiles", changes=[{**document, "type": 2}])
    folder = {"uri": (project / "more").as_uri(), "name": "more"}
    server.tell("workspace/didChangeWorkspaceFolders", event={"added": [folder], "removed": []})
    server.tell(
        "workspace/didRenameFiles", files=[{"oldUri": f"{document['uri']}.old", "newUri": f"{document['uri']}.new"}]
    )
    server.tell("workspace/didDeleteFiles", files=[{"uri": f"{document['uri']}.new"}])
    server.tell("textDocument/didClose", textDocument=document)
    server.tell("window/workDoneProgress/cancel", token="none")
    other = project / "other.py"
    other.write_text(CELL, encoding="utf-8")
    await server.ask("workspace/diagnostic", previousResultIds=[], partialResultToken="partial")
    found = await server.until(
        lambda message: message.get("method") == "$/progress" and other.as_uri() in json.dumps(message)
    )
    (item,) = [item for item in found["params"]["value"]["items"] if item["uri"] == other.as_uri()]
    assert [each["range"] for each in item["items"]] == [where(CELL, "sum(lists, [])", encoding)]


@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_every_message_is_answered_in_positions_of_the_encoding(project, encoding):
    path = project / "report.py"
    path.write_text(SLOW, encoding="utf-8")
    document = {"uri": path.as_uri()}
    async with pipes() as (server, process):
        said = await server.ask(
            "initialize",
            processId=None,
            rootUri=None,
            capabilities=capabilities(encoding),
            initializationOptions={"trusted": True, "budget": 2},
            workspaceFolders=[{"uri": project.as_uri(), "name": "orders"}],
        )
        assert said["capabilities"]["positionEncoding"] == encoding
        server.tell("initialized")
        await looked_at(server, document, await opened(server, document, encoding), encoding)
        await completed(server, document, encoding)
        await read_in_a_notebook(server, encoding)
        await followed(server, project, document, encoding)
        await server.ask("shutdown")
        server.tell("exit")
        assert await process.wait() == 0
        assert server.sent - {"exit"} == {feature.method for feature in FEATURES}
