"""Who takes steps with improvements: people, and what decides in their place."""

from __future__ import annotations

import getpass
import subprocess
from typing import TYPE_CHECKING

from whetstone_server import __version__
from whetstone_server.improvements.record import Actor

if TYPE_CHECKING:
    from pathlib import Path

PROOF = Actor("proof", f"Whetstone {__version__}")
"""The proof itself, where it leaves nothing to decide."""


def person(root: Path) -> Actor:
    """Return the person who runs this, by the name that git knows in the project at `root`, or else the system."""
    return Actor("person", _in_git(root) or _in_system())


def _in_git(root: Path) -> str:
    """Return `Name <address>`, or as much of it as is configured."""
    command = ("git", "config", "--null", "--get-regexp", r"^user\.(name|email)$")
    try:
        said = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=5, check=False).stdout
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ""
    known = dict(pair.split("\n", 1) for pair in said.split("\0") if "\n" in pair)  # a later one wins, as in git
    name, address = known.get("user.name", ""), known.get("user.email", "")
    return " ".join(filter(None, (name, f"<{address}>" if address else "")))


def _in_system() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name
        return "unknown"
