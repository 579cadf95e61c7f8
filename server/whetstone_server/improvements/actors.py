"""Who takes steps with improvements: people, and what decides in their place."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from whetstone_server import __version__
from whetstone_server.improvements.git import identity
from whetstone_server.improvements.record import Actor

if TYPE_CHECKING:
    from pathlib import Path

PROOF = Actor("proof", f"Whetstone {__version__}")
"""The proof itself, where it leaves nothing to decide."""


def person(root: Path) -> Actor:
    """Return the person who runs this, by the name that git knows in the project at `root`, or else the system."""
    return Actor("person", identity(root) or _in_system())


def _in_system() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name
        return "unknown"
