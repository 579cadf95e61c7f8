"""Every LSP message that is answered, in the order of a session: one file per message or family."""

from __future__ import annotations

from whetstone_server.features import (
    code_action_resolve,
    code_actions,
    code_lens,
    completion,
    completion_resolve,
    configuration,
    diagnostics,
    documents,
    execute_command,
    file_operations,
    hover,
    inlay_hint,
    lifecycle,
    notebooks,
    progress,
    watched_files,
    workspace_diagnostic,
    workspace_folders,
)
from whetstone_server.features.feature import Feature

FEATURES: tuple[Feature, ...] = (
    *lifecycle.FEATURES,
    *documents.FEATURES,
    *notebooks.FEATURES,
    diagnostics.FEATURE,
    workspace_diagnostic.FEATURE,
    code_actions.FEATURE,
    code_action_resolve.FEATURE,
    execute_command.FEATURE,
    progress.FEATURE,
    hover.FEATURE,
    code_lens.FEATURE,
    inlay_hint.FEATURE,
    completion.FEATURE,
    completion_resolve.FEATURE,
    configuration.FEATURE,
    workspace_folders.FEATURE,
    watched_files.FEATURE,
    *file_operations.FEATURES,
)

__all__ = ["FEATURES", "Feature"]
