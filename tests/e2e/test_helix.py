"""The main story with an editor that can do what Helix says it can; Helix itself is in no package of Debian's.

What it announces stands in helix-lsp/src/client.rs of its sources: it is pushed diagnostics, counts bytes, shows no
edit before it is made, and gets its configuration as the initialization options.
"""

from __future__ import annotations

import tomllib

from tests.e2e.conftest import FAST, SLOW
from tests.e2e.in_readme import configuration
from tests.e2e.pipes import after, pipes, where

CAPABILITIES = {
    "workspace": {
        "configuration": True,
        "didChangeConfiguration": {"dynamicRegistration": False},
        "workspaceFolders": True,
        "applyEdit": True,
        "inlayHint": {"refreshSupport": False},
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create", "rename", "delete"]},
        "didChangeWatchedFiles": {"dynamicRegistration": True, "relativePatternSupport": False},
        "fileOperations": {"willRename": True, "didRename": True},
    },
    "textDocument": {
        "completion": {"completionItem": {"snippetSupport": True, "insertReplaceSupport": True}},
        "hover": {"contentFormat": ["markdown"]},
        "codeAction": {
            "isPreferredSupport": True,
            "disabledSupport": True,
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit", "command"]},
        },
        "publishDiagnostics": {"versionSupport": True, "tagSupport": {"valueSet": [1, 2]}},
        "inlayHint": {"dynamicRegistration": False},
    },
    "window": {"workDoneProgress": True},
    "general": {"positionEncodings": ["utf-8", "utf-32", "utf-16"]},
}
SLOW = SLOW.replace("text += word", '_ = "😀é"; text += word')
FAST = FAST.replace("pieces.append(word)", '_ = "😀é"; pieces.append(word)')


async def test_from_squiggle_to_proven_fix(project):
    path = project / "report.py"
    path.write_text(SLOW, encoding="utf-8")
    document = {"uri": path.as_uri()}
    options = tomllib.loads(configuration("Helix"))["language-server"]["whetstone"]["config"]
    async with pipes() as (server, process):
        said = await server.ask(
            "initialize",
            processId=None,
            rootUri=project.as_uri(),
            capabilities=CAPABILITIES,
            initializationOptions={**options, "budget": 2},
            workspaceFolders=[{"uri": project.as_uri(), "name": "orders"}],
        )
        assert said["capabilities"]["positionEncoding"] == "utf-8"
        server.tell("initialized")
        server.tell(
            "textDocument/didOpen", textDocument={**document, "languageId": "python", "version": 1, "text": SLOW}
        )
        (squiggle,) = (await server.until(_published))["params"]["diagnostics"]
        assert squiggle["range"] == where(SLOW, "text += word", "utf-8")

        context = {"diagnostics": [squiggle]}
        where_it_is = {"textDocument": document, "range": squiggle["range"], "context": context}
        _, proof, _ = await server.ask("textDocument/codeAction", **where_it_is)
        server.told.clear()
        await server.ask("workspace/executeCommand", **proof["command"])
        (squiggle,) = (await server.until(_published))["params"]["diagnostics"]
        assert "proven" in squiggle["message"]

        fix, *_ = await server.ask("textDocument/codeAction", **where_it_is)
        assert "proven" in fix["title"]
        (change,) = (await server.ask("codeAction/resolve", **fix))["edit"]["documentChanges"]
        assert after(SLOW, change["edits"], "utf-8") == FAST
        await server.ask("shutdown")
        server.tell("exit")
        assert await process.wait() == 0


def _published(message):
    return message.get("method") == "textDocument/publishDiagnostics"
