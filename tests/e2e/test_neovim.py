"""The main story in Neovim itself, the distribution's and today's, each set up as the README says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import FAST, SLOW, editing
from tests.e2e.in_readme import configuration
from whetstone_server.improvements.history import History

STORY = Path(__file__).parent / "editors" / "story.lua"
NEW_WAY = (0, 11)
"""The first version that is set up by `vim.lsp.config`."""


def installed():
    """Yield every Neovim on the path with its version."""
    for folder in os.get_exec_path():
        if program := shutil.which("nvim", path=folder):
            said = subprocess.run([program, "--version"], capture_output=True, check=True, text=True).stdout
            yield program, tuple(int(number) for number in re.match(r"NVIM v(\d+)\.(\d+)", said).groups())


def neovim(*, is_new):
    """Return a Neovim that is set up the new way, or the old way."""
    for program, version in installed():
        if (version >= NEW_WAY) == is_new:
            return program
    wanted = "0.11 or newer" if is_new else "0.7 to 0.10"
    return pytest.skip(f"no Neovim {wanted} is on the path")


@pytest.mark.parametrize(("name", "is_new"), [("Neovim 0.11", True), ("Neovim 0.7", False)])
def test_a_proven_fix_is_picked_in_neovim(project, tmp_path, name, is_new):
    program = neovim(is_new=is_new)
    (tmp_path / "init.lua").write_text(configuration(name))
    told = tmp_path / "story.json"
    command = [
        program,
        "--headless",
        "-n",
        "-i",
        "NONE",
        "-u",
        tmp_path / "init.lua",
        "report.py",
        "-c",
        f"luafile {STORY}",
    ]
    ended = subprocess.run(
        command, cwd=project, env=editing(tmp_path, STORY=told), capture_output=True, check=False, text=True
    )
    assert ended.returncode == 0, ended.stderr
    story = json.loads(told.read_text())
    before, after = story["squiggles"]
    assert "proven" not in before
    assert re.search(r"proven [\d.,]+× faster", after)
    assert "(proven " in story["picked"][1]
    proof, kept = (answer["answer"] for answer in story["answers"])
    assert proof["verdicts"][0]["verdict"] == "faster"
    assert (project / "report.py").read_text() == FAST
    (improvement,) = History(project).improvements().values()
    assert (improvement.status, kept["applied"]) == ("applied", [improvement.id])
    assert History(project).texts.read(improvement.changes[0].before) == SLOW.encode()
    assert not [said for said in story["said"] if "proven" not in said], story["said"]
