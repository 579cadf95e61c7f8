"""The problems of a whole workspace in a real editor session, in the background and in parts."""

from __future__ import annotations

from lsprotocol import types

from tests.e2e.conftest import FAST, SLOW


async def look(editor, known=()):
    """Return the reports on the workspace by document."""
    params = types.WorkspaceDiagnosticParams(previous_result_ids=known)
    report = await editor.workspace_diagnostic_async(params)
    return {item.uri: item for item in report.items}


async def test_files_are_found_and_followed_while_nobody_has_them_open(editor, project):
    await editor.begin(project)
    uri = (project / "report.py").as_uri()
    first = await look(editor)
    assert [item.code for item in first[uri].items] == ["WP101"]

    editor.open(uri, FAST)
    opened = await look(editor, [types.PreviousResultId(uri, first[uri].result_id)])
    assert len(opened[uri].items) == 0
    editor.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
    closed = await look(editor, [types.PreviousResultId(uri, opened[uri].result_id)])
    assert closed[uri].result_id == first[uri].result_id

    (project / "other.py").write_text(SLOW)
    change = types.FileEvent((project / "other.py").as_uri(), types.FileChangeType.Created)
    editor.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
    second = await look(editor, [types.PreviousResultId(uri, first[uri].result_id)])
    assert {report.kind for report in second.values()} == {"unchanged", "full"}
    assert (project / "other.py").as_uri() in second
