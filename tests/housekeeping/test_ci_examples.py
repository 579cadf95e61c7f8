"""What the README tells people to put into their CI really runs there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

import pytest

from whetstone_server import state
from whetstone_server.events import open_store
from whetstone_server.metrics.recording import event, sample

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
ACTIONS, HOOK = re.findall(r"(?ms)^```yaml\n(.*?)^```$", README.split("## Measurements")[1].split("\n## ")[0])


def steps() -> list[str]:
    """The scripts of the workflow, without the one that installs what is here already."""
    found = re.findall(r"(?m)^ {6}- run: (?:\|\n((?: {10}.*\n)+)|(.*)\n)", ACTIONS)
    return [dedent(block) or line for block, line in found if "pip install" not in line]


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """Run a script in a small project, with the programs of this environment; returns its exit status and output."""
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "home"))
    project = tmp_path / "checkout"
    (project / "shop").mkdir(parents=True)
    (project / "shop" / "__init__.py").write_text("")
    (project / "pyproject.toml").write_text("")
    (project / "test_shop.py").write_text("def test_shop():\n    import shop\n")

    def run(script):
        variables = {**os.environ, "GITHUB_SHA": "0" * 40, "CI": "true"}
        variables["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{variables['PATH']}"
        variables.pop("PYTEST_CURRENT_TEST", None)
        return subprocess.run(
            ["bash", "-e", "-c", script], cwd=project, env=variables, capture_output=True, text=True, check=False
        )

    return run


def test_steps_of_the_workflow_run_and_record(shell):
    scripts = steps()
    assert len(scripts) == 3
    for script in scripts:
        done = shell(script)
        assert done.returncode == 0, done.stdout + done.stderr
    listed = shell("whetstone metrics list").stdout
    for metric in ("test_duration", "test_session_duration", "package_size"):
        assert metric in listed


def test_last_step_and_hook_fail_when_something_became_worse(shell, tmp_path):
    (entry,) = re.findall(r"(?m)^ +entry: (.*)$", HOOK)
    project, now = tmp_path / "checkout", datetime.now(UTC)
    with open_store(state.events(project)) as store:
        for hour in range(60):
            level = 100 + hour % 5 + 50 * (hour >= 40)
            store.record(event(sample("package_size", level, unit="kB"), now - timedelta(hours=60 - hour)))
    for script in (steps()[-1], entry):
        done = shell(script)
        assert done.returncode == 1
        assert "package_size jumped up" in done.stdout
