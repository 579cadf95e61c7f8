"""Every interpreter of this machine, and a way to run in it what runs inside the sandbox."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import whetstone_server

if TYPE_CHECKING:
    from collections.abc import Callable

INSIDE = Path(whetstone_server.__file__).parent / "sandbox" / "inside"
RUN_JOB = """
import importlib, json, sys
sys.dont_write_bytecode = True
sys.path.append(sys.argv[1])
answer = importlib.import_module(sys.argv[2]).run(json.load(sys.stdin))
print(json.dumps(answer))
"""


def _interpreters() -> dict[str, str]:
    """Return an interpreter for each version from 3.8 on: this one, those on PATH, and those installed beside it."""
    own = f"3.{sys.version_info.minor}"
    found = {own: sys.executable}
    for minor in range(8, 20):
        version = f"3.{minor}"
        beside = sorted(str(path) for path in Path(sys.base_prefix).parent.glob(f"*/bin/python{version}"))
        on_path = shutil.which(f"python{version}")
        for candidate in (*beside, on_path):
            if version not in found and candidate and _starts(candidate):
                found[version] = candidate
    return found


def _starts(candidate: str) -> bool:
    return subprocess.run([candidate, "-c", "pass"], capture_output=True, check=False).returncode == 0


INTERPRETERS = _interpreters()


@pytest.fixture(params=INTERPRETERS)
def python(request: pytest.FixtureRequest) -> str:
    """Each interpreter in turn."""
    return INTERPRETERS[request.param]


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Write a project: the text of each file by its path, or by its name with `__` for `/` and without `.py`."""

    def write(**texts: str) -> Path:
        root = tmp_path / "project"
        for name, text in texts.items():
            path = root / (name if "/" in name or "." in name else name.replace("__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return root

    return write


@pytest.fixture
def job() -> Callable[..., dict[str, Any]]:
    """Run a job and return its answer."""
    return _job


@pytest.fixture
def script() -> Callable[..., str]:
    """Run a script that can import the modules of the sandbox, and return what it prints."""
    return _script


SUBJECTS = """
import os, sys
from whetstone_freeze import freeze
from whetstone_load import CannotLoad, Subject
from whetstone_observe import Observer, same
FOLDER = sys.argv[1]
def subject(old, new, name="f"):
    path = os.path.join(FOLDER, "subject%d.py" % len(os.listdir(FOLDER)))
    with open(path, "w", encoding="utf-8") as file: file.write(old)
    return Subject(FOLDER, path, None, name, old=old.encode(), new=new.encode())
def cannot(old, new, name="f"):
    try: subject(old, new, name)
    except CannotLoad as reason: return str(reason)
def outcomes(made, *args, **kwargs):
    frozen = freeze(args, kwargs, home=globals())
    found = []
    for side in ("old", "new"):
        made.reset()
        found.append(Observer(made).call(side, frozen))
    return found
def aspect(old, new, *args, **kwargs):
    before, after = outcomes(subject(old, new), *args, **kwargs)
    reasons = [outcome.get("incomparable") or outcome.get("effects") for outcome in (before, after)]
    return next(filter(None, reasons), None) or same(before, after)
"""


@pytest.fixture
def subjects(tmp_path: Path) -> Callable[[str, str], str]:
    """Run a script that can make subjects of two texts, and look at what they do; return what it prints."""
    return lambda text, python: _script(SUBJECTS + text, python, str(tmp_path))


def _job(name: str, arguments: dict[str, Any], python: str = sys.executable) -> dict[str, Any]:
    """Return what a job answers; it must leave the project as it was."""
    root = Path(arguments["root"])
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "PYTHON"))}
    # The plugins that happen to be installed here take most of a small suite's time.
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    done = subprocess.run(
        [python, "-c", RUN_JOB, str(INSIDE), name],
        input=json.dumps({"seconds": 60, "command": None, **arguments}),
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _script(text: str, python: str, *arguments: str) -> str:
    """Return what a script prints that can import the modules of the sandbox."""
    prelude = f"import sys; sys.dont_write_bytecode = True; sys.path.insert(0, {str(INSIDE)!r})\n"
    done = subprocess.run(
        [python, "-c", prelude + text, *arguments], capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
