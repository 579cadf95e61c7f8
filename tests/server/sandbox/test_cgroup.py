"""Where control groups are made, on machines other than this one."""

from __future__ import annotations

import pytest

from whetstone_server.sandbox import cgroup
from whetstone_server.sandbox.cgroup import ControlGroup
from whetstone_server.sandbox.engine import Limits


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with version 2, in a tree of ordinary folders."""
    own = "/user.slice/session.slice/shell.scope"

    def made(**handed_down: str):
        folder = tmp_path
        for name in ("", *own.strip("/").split("/")):
            folder = folder / name
            folder.mkdir(exist_ok=True)
            (folder / "cgroup.procs").write_text("")
            (folder / "cgroup.controllers").write_text("memory pids")
            (folder / "cgroup.subtree_control").write_text(handed_down.get(name.partition(".")[0], ""))
        monkeypatch.setattr(cgroup, "_mounts", lambda: iter([("", tmp_path)]))
        monkeypatch.setattr(cgroup, "_own", lambda: iter([("", own)]))
        return tmp_path

    return made


def test_the_nearest_group_that_hands_controllers_down_is_the_parent(machine):
    place = machine(user="memory pids", session="cpu memory pids")
    assert cgroup._parents() == [place / "user.slice" / "session.slice"]


def test_a_group_that_hands_down_too_little_is_passed_over(machine):
    place = machine(user="memory pids cpu", session="cpu pids")
    assert cgroup._parents() == [place / "user.slice"]


def test_without_one_there_is_no_group(machine):
    machine(session="cpu")
    assert cgroup._parents() == []
    assert ControlGroup.make(Limits()) is None


def test_what_is_no_control_group_is_left_as_it_was(machine):
    place = machine(session="memory pids")
    before = sorted(place.rglob("*"))
    assert ControlGroup.make(Limits()) is None
    assert sorted(place.rglob("*")) == before


def test_version_1_takes_a_folder_for_each_controller(tmp_path, monkeypatch):
    for name in ("memory/own", "pids"):
        (tmp_path / name).mkdir(parents=True)
    mounts = [("memory", tmp_path / "memory"), ("pids", tmp_path / "pids")]
    monkeypatch.setattr(cgroup, "_mounts", lambda: iter(mounts))
    monkeypatch.setattr(cgroup, "_own", lambda: iter([("memory", "/own"), ("pids", "/elsewhere")]))
    assert cgroup._parents() == [tmp_path / "memory" / "own", tmp_path / "pids"]
