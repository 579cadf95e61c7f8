"""The main story in Emacs itself with eglot, set up as the README says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import FAST, SLOW, editing
from tests.e2e.in_readme import configuration
from whetstone_server.improvements.history import History

STORY = Path(__file__).parent / "editors" / "story.el"


def emacs():
    """Return an Emacs that has eglot; it comes with Emacs from 29 on, and on Debian as a package of its own."""
    program = shutil.which("emacs")
    if program is None:
        pytest.skip("no Emacs is on the path")
    if subprocess.run(
        [program, "--batch", "-q", "--eval", "(require 'eglot)"], capture_output=True, check=False
    ).returncode:
        pytest.skip("this Emacs has no eglot")
    return program


def test_a_proven_fix_is_picked_in_emacs(project, tmp_path):
    program = emacs()
    (tmp_path / "init.el").write_text(configuration("Emacs"))
    told = tmp_path / "story.json"
    environment = editing(tmp_path, STORY=told, REPORT=project / "report.py")
    command = [program, "--batch", "-q", "-l", tmp_path / "init.el", "-l", STORY]
    ended = subprocess.run(command, cwd=project, env=environment, capture_output=True, check=False, text=True)
    assert ended.returncode == 0, ended.stderr
    story = json.loads(told.read_text())
    before, after = story["squiggles"]
    assert "proven" not in before
    assert re.search(r"proven [\d.,]+× faster", after)
    assert "(proven " in story["picked"][1]
    assert (project / "report.py").read_text() == FAST
    (improvement,) = History(project).improvements().values()
    assert improvement.status == "applied"
    assert History(project).texts.read(improvement.changes[0].before) == SLOW.encode()
    assert "Whetstone made no change" not in ended.stderr
