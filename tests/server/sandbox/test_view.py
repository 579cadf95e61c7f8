"""What can be seen inside, without starting anything."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from whetstone_server.errors import InputError
from whetstone_server.sandbox.engine import Interpreter
from whetstone_server.sandbox.view import Step, view_of

PYTHON = Interpreter(Path(sys.executable), (Path(sys.prefix),))


def steps_of(root: Path, interpreter: Interpreter = PYTHON, *, as_owner: bool = True) -> dict[str, Step]:
    return {step.place: step for step in view_of(root, interpreter, as_owner=as_owner).steps}


def test_every_step_stands_on_a_place_that_is_there_by_then(tmp_path):
    there = {"/"}
    binds = []
    for step in view_of(tmp_path, PYTHON, as_owner=True).steps:
        parent = step.place.rpartition("/")[0] or "/"
        shown = any(parent == bind or parent.startswith(bind + "/") for bind in binds)
        assert parent in there or shown, step
        there.add(step.place)
        if step.kind == "bind":
            binds.append(step.place)


def test_nothing_of_the_file_system_is_shown_but_what_is_needed(tmp_path):
    shown = {step.source for step in view_of(tmp_path, PYTHON, as_owner=True).steps if step.kind == "bind"}
    own = {"/", "/etc", "/home", "/root", "/var", "/run", "/tmp", "/usr", "/proc", "/sys", "/dev", str(Path.home())}
    assert shown & own == set()


def test_a_folder_within_one_already_shown_is_not_shown_again(tmp_path):
    (tmp_path / ".venv").mkdir()
    steps = steps_of(tmp_path, Interpreter(tmp_path / ".venv/bin/python", (tmp_path / ".venv",)))
    assert steps[str(tmp_path)].kind == "bind"
    assert str(tmp_path / ".venv") not in steps


def test_hidden_entries_of_a_home_are_covered_save_the_interpreter(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in (".ssh", ".pyenv/versions/3.11", "project"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / ".netrc").write_text("secret")
    python = tmp_path / ".pyenv/versions/3.11"
    steps = steps_of(tmp_path, Interpreter(python / "bin/python", (python,)))
    assert steps[str(tmp_path / ".ssh")].kind == "empty"
    assert steps[str(tmp_path / ".pyenv")].kind == "empty"
    assert steps[str(tmp_path / ".netrc")].kind == "mute"
    assert steps[str(python)].kind == "bind"
    assert str(tmp_path / "project") not in steps


def test_a_project_below_a_home_covers_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    project = tmp_path / "project"
    (project / ".hidden").mkdir(parents=True)
    assert {step.kind for step in steps_of(project).values()} <= {"scratch", "folder", "bind", "link"}


def test_a_listening_socket_is_muted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("here.sock")
        subprocess.run([sys.executable, "-c", ""], check=True)
        monkeypatch.setattr("whetstone_server.sandbox.view._listening", lambda: [str(tmp_path / "here.sock")])
        assert steps_of(tmp_path)[str(tmp_path / "here.sock")].kind == "mute"


def test_scratch_stands_elsewhere_when_the_project_is_where_it_would_be():
    view = view_of(Path("/tmp"), PYTHON, as_owner=True)
    assert view.scratch == "/var/tmp"
    assert {step.place: step.kind for step in view.steps}["/tmp"] == "bind"


def test_a_closed_project_is_opened_entry_by_entry_for_another_account(tmp_path):
    tmp_path.chmod(0o700)
    (tmp_path / "package").mkdir()
    (tmp_path / "file").write_text("")
    assert steps_of(tmp_path)[str(tmp_path)].kind == "bind"
    opened = steps_of(tmp_path, as_owner=False)
    assert opened[str(tmp_path)].kind == "folder"
    assert opened[str(tmp_path / "package")].kind == opened[str(tmp_path / "file")].kind == "bind"


def test_a_link_shows_its_place_and_its_target(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    steps = steps_of(tmp_path / "link")
    assert steps[str(tmp_path / "link")].source == steps[str(tmp_path / "real")].source == str(tmp_path / "real")


@pytest.mark.parametrize("root", ["/", "/usr", "/etc", "/proc/1", "/nowhere/at/all", __file__])
def test_what_cannot_be_a_project(root):
    with pytest.raises(InputError):
        view_of(Path(root), PYTHON, as_owner=True)
