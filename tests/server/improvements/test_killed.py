"""Whatever an application or a rollback was doing when it was killed: afterwards all of it was done, or nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="processes are forked here to be killed")
def test_kill_9_at_every_file_operation_leaves_all_or_nothing():
    """Over three files; the recovery is killed too, at places that chance picks, and then done again."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.server.improvements.killed", "1"],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        check=True,
    )
    said = json.loads(run.stdout)
    assert said["problems"] == []
    assert said["kills"] > 200
