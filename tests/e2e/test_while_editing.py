"""What stands around the code in a real editor session: lenses, hints, hovers, completion, silence and notebooks."""

from __future__ import annotations

from lsprotocol import types

from tests.client import edited, modern, place
from tests.e2e.conftest import SLOW

QUICK = {"trusted": True, "budget": 3}
EVERYTHING = types.Range(types.Position(0, 0), types.Position(1000, 0))


async def test_a_lens_proves_and_then_says_what_it_gained(editor, project):
    await editor.begin(project, options=QUICK)
    uri = editor.open((project / "report.py").as_uri(), SLOW)
    document = types.TextDocumentIdentifier(uri)
    (lens,) = await editor.text_document_code_lens_async(types.CodeLensParams(document))
    assert lens.command.title == "Prove the rewrite"
    await editor.run(lens.command.command, *lens.command.arguments)

    (lens,) = await editor.text_document_code_lens_async(types.CodeLensParams(document))
    assert lens.command.title.startswith("Proven ")
    (hint,) = await editor.text_document_inlay_hint_async(types.InlayHintParams(document, EVERYTHING))
    assert hint.label.endswith("× if fixed")
    assert hint.position == place(SLOW, "text += word").end
    hover = await editor.text_document_hover_async(types.HoverParams(document, place(SLOW, "text += word").start))
    assert hover.contents.value.startswith("**Proven ")
    assert "1 test passed with it" in hover.contents.value


async def test_a_finding_is_silenced_and_heard_again(editor, project):
    await editor.begin(project)
    uri = editor.open((project / "report.py").as_uri(), SLOW)
    (squiggle,) = await editor.squiggles(uri)
    actions = await editor.actions(uri, squiggle.range, "quickfix")
    (silence,) = [action for action in actions if action.title == "Ignore WP101 here"]
    text = await made(editor, silence, SLOW)
    assert "text += word  # whetstone: ignore[WP101]\n" in text
    editor.type(uri, (None, text))
    assert not await editor.squiggles(uri)

    editor.type(uri, (None, text.replace("text += word", "text = word")))
    (hint,) = await editor.squiggles(uri)
    assert (hint.code, list(hint.tags)) == ("unused-suppression", [types.DiagnosticTag.Unnecessary])
    (removal,) = await editor.actions(uri, hint.range, "quickfix")
    assert "whetstone" not in await made(editor, removal, text)


async def made(editor, action, text):
    """Return `text` after the edit of an action was asked for and made."""
    resolved = await editor.code_action_resolve_async(action)
    (change,) = resolved.edit.document_changes
    return edited(text, change.edits)


async def test_codes_are_completed_in_a_comment(editor, project):
    await editor.begin(project)
    text = SLOW.replace("text += word\n", "text += word  # whetstone: ignore[\n")
    uri = editor.open((project / "report.py").as_uri(), text)
    cursor = place(text, "# whetstone: ignore[").end
    params = types.CompletionParams(types.TextDocumentIdentifier(uri), cursor)
    items = (await editor.text_document_completion_async(params)).items
    first = min(items, key=lambda item: item.sort_text)
    assert first.label == "WP101"
    resolved = await editor.completion_item_resolve_async(first)
    assert "WP101" in resolved.documentation.value


async def test_cells_of_a_notebook_are_looked_at(editor, project):
    capabilities = modern()
    capabilities.notebook_document = types.NotebookDocumentClientCapabilities(
        types.NotebookDocumentSyncClientCapabilities()
    )
    await editor.begin(project, capabilities=capabilities)
    uri = "vscode-notebook-cell:/report.ipynb#one"
    cells = [types.NotebookCell(types.NotebookCellKind.Code, uri)]
    editor.notebook_document_did_open(
        types.DidOpenNotebookDocumentParams(
            types.NotebookDocument((project / "report.ipynb").as_uri(), "jupyter-notebook", 1, cells),
            [types.TextDocumentItem(uri, "python", 1, SLOW)],
        )
    )
    (squiggle,) = await editor.squiggles(uri)
    assert squiggle.range.start == place(SLOW, "text += word").start
