"""What the editor at the other end can do, as far as an answer depends on it."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types


@dataclass(frozen=True, slots=True)
class Abilities:
    """The client's capabilities that anything here asks about; an old client has none."""

    pulls_diagnostics: bool = False
    """Whether it pulls diagnostics and can be asked to pull again: a verdict changes them without an edit."""
    refreshes_lenses: bool = False
    """Whether it can be told to ask again for what stands above functions."""
    refreshes_hints: bool = False
    """Whether it can be told to ask again for what stands at the ends of lines."""
    versions_diagnostics: bool = False
    """Whether published diagnostics may say which version they are of."""
    links_codes: bool = False
    """Whether a diagnostic's code may link to its page."""
    versions_edits: bool = False
    """Whether an edit may say which version of a document it is for."""
    confirms_edits: bool = False
    """Whether it shows an edit and waits for a yes where it is asked to."""
    applies_edits: bool = False
    """Whether it makes edits that it did not ask for."""
    creates_files: bool = False
    """Whether an edit may make files."""
    resolves_edits: bool = False
    """Whether it asks for the edit of an action once the action was picked."""
    keeps_action_data: bool = False
    """Whether it hands an action's `data` back when it asks."""
    shows_documents: bool = False
    """Whether it opens a file for the person when asked."""
    shows_progress: bool = False
    reads_markdown: bool = False
    """Whether a hover may be in Markdown."""
    documents_in_markdown: bool = False
    """Whether what documents an item of a completion may be."""
    shows_status: bool = False
    """Whether it shows what `experimental/serverStatus` says, a notification of rust-analyzer's that others took up."""
    hands_out_settings: bool = False
    """Whether its settings can be asked for."""
    announces_settings: bool = False
    """Whether it tells of changed settings only after a registration."""
    watches_files: bool = False
    """Whether it can be asked to tell of files that change on the disk."""

    @classmethod
    def of(cls, client: types.ClientCapabilities) -> Abilities:
        """Return what the capabilities sent with `initialize` amount to."""
        document = client.text_document or types.TextDocumentClientCapabilities()
        workspace = client.workspace or types.WorkspaceClientCapabilities()
        published, action, hover = document.publish_diagnostics, document.code_action, document.hover
        resolved = action.resolve_support.properties if action and action.resolve_support else ()
        item = document.completion.completion_item if document.completion else None
        configuration, watching = workspace.did_change_configuration, workspace.did_change_watched_files
        return cls(
            pulls_diagnostics=bool(
                document.diagnostic and workspace.diagnostics and workspace.diagnostics.refresh_support
            ),
            refreshes_lenses=bool(workspace.code_lens and workspace.code_lens.refresh_support),
            refreshes_hints=bool(workspace.inlay_hint and workspace.inlay_hint.refresh_support),
            versions_diagnostics=bool(published and published.version_support),
            links_codes=bool(
                (published and published.code_description_support)
                or (document.diagnostic and document.diagnostic.code_description_support)
            ),
            versions_edits=bool(workspace.workspace_edit and workspace.workspace_edit.document_changes),
            confirms_edits=bool(workspace.workspace_edit and workspace.workspace_edit.change_annotation_support),
            applies_edits=bool(workspace.apply_edit),
            creates_files=_creates_files(workspace.workspace_edit),
            resolves_edits="edit" in resolved,
            keeps_action_data=bool(action and action.data_support),
            shows_documents=bool(client.window and client.window.show_document and client.window.show_document.support),
            shows_progress=bool(client.window and client.window.work_done_progress),
            documents_in_markdown=bool(item and types.MarkupKind.Markdown in (item.documentation_format or ())),
            reads_markdown=bool(hover and types.MarkupKind.Markdown in (hover.content_format or ())),
            shows_status=_experimental(client, "serverStatusNotification"),
            hands_out_settings=bool(workspace.configuration),
            announces_settings=bool(configuration and configuration.dynamic_registration),
            watches_files=bool(watching and watching.dynamic_registration),
        )


def _creates_files(edit: types.WorkspaceEditClientCapabilities | None) -> bool:
    kinds = (edit.resource_operations or ()) if edit and edit.document_changes else ()
    return types.ResourceOperationKind.Create in kinds


def _experimental(client: types.ClientCapabilities, name: str) -> bool:
    """Return whether the client says yes to something that is not in the specification."""
    said = client.experimental
    return bool(said.get(name) if isinstance(said, dict) else getattr(said, name, False))
