"""A git repository in which somebody works."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


class Work:
    """A repository with one file, and somebody who works in it."""

    def __init__(self, root: Path, name: str, text: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        """Make a repository with a file of that name in it; settings of whoever runs the tests are left out."""
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        root.mkdir(exist_ok=True)
        self.root = root
        self.file = root / name
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "Ada")
        self.git("config", "user.email", "ada@example.org")
        self.git("config", "commit.gpgSign", "false")
        self.file.write_bytes(text)
        self.save("Begin")

    def git(self, *command: str) -> str:
        """Run git and return what it prints."""
        done = subprocess.run(("git", *command), cwd=self.root, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def save(self, message: str) -> str:
        """Commit everything and return the short hash."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-verify", "-m", message)
        return self.git("rev-parse", "--short", "HEAD")
