"""Which project a command is about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from whetstone_server.errors import InputError
from whetstone_server.project import project_here, project_root

if TYPE_CHECKING:
    from argparse import Namespace


def root(arguments: Namespace) -> Path:
    """Return the root of the project that `--workspace` names, or of the one that we work in.

    Raises `InputError` when there is no such folder.
    """
    if not arguments.workspace:
        return project_here()
    workspace = Path(arguments.workspace)
    if not workspace.exists():
        raise InputError(f"{workspace} does not exist; --workspace wants a project's folder")
    return project_root(workspace)
