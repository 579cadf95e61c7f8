"""`workspace/…/refresh`: the editor is told to ask again for what has changed without an edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whetstone_server.session import Session


def refresh(session: Session) -> None:
    """Have the client ask again for everything that shows findings and verdicts, as far as it can be told to."""
    client, abilities = session.client, session.abilities
    if abilities.pulls_diagnostics:
        client.workspace_diagnostic_refresh(None)
    if abilities.refreshes_lenses:
        client.workspace_code_lens_refresh(None)
    if abilities.refreshes_hints:
        client.workspace_inlay_hint_refresh(None)
