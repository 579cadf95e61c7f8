"""`notebookDocument/didOpen`, `didChange` and `didClose`: notebooks, whose Python cells are documents like others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from whetstone_server.features import diagnostics, documents
from whetstone_server.features.feature import Feature

if TYPE_CHECKING:
    from whetstone_server.session import Session

SYNC = types.NotebookDocumentSyncOptions(
    notebook_selector=[
        types.NotebookDocumentFilterWithCells(notebook="*", cells=[types.NotebookCellLanguage("python")])
    ]
)
"""Every kind of notebook, and of its cells those in the language whose names they share."""


def did_open(session: Session, params: types.DidOpenNotebookDocumentParams) -> None:
    """Take a notebook and its cells in."""
    uri = params.notebook_document.uri
    session.open_notebook(uri)
    for cell in params.cell_text_documents:
        documents.opened(session, cell, uri)
    _show_all(session, uri)


def did_change(session: Session, params: types.DidChangeNotebookDocumentParams) -> None:
    """Take cells in, change them and let them go. Effect: where a name has another meaning now, all are shown anew."""
    uri, cells = params.notebook_document.uri, params.change.cells
    notebook = session.notebook(uri)
    if notebook is None or cells is None:
        return
    before = notebook.rebound()
    if cells.structure:
        for gone in cells.structure.did_close or ():
            documents.closed(session, gone.uri)
        for new in cells.structure.did_open or ():
            documents.opened(session, new, uri)
    for content in cells.text_content or ():
        documents.changed(session, content.document, content.changes)
    if notebook.rebound() != before:
        _show_all(session, uri)


def did_close(session: Session, params: types.DidCloseNotebookDocumentParams) -> None:
    """Let a notebook and its cells go."""
    for cell in params.cell_text_documents:
        documents.closed(session, cell.uri)
    session.close_notebook(params.notebook_document.uri)


def _show_all(session: Session, uri: str) -> None:
    if notebook := session.notebook(uri):
        for cell in notebook.cells.values():
            diagnostics.show(session, cell)


FEATURES = (
    Feature(types.NOTEBOOK_DOCUMENT_DID_OPEN, did_open),
    Feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE, did_change),
    Feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE, did_close),
)
