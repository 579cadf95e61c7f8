"""What a crash broke off is put right by whoever comes next, and what others did meanwhile is left alone."""

from __future__ import annotations

import os

import pytest

from tests.server.improvements.proposals import ADA, SOURCE, kept, proof
from whetstone_server.errors import InputError
from whetstone_server.improvements import files
from whetstone_server.improvements.apply import apply
from whetstone_server.improvements.history import History, Writing

NAMES = ("a.py", "b.py", "c.py")


class Killed(BaseException):
    """Stands for a process that is no longer there."""


@pytest.fixture
def history(tmp_path, monkeypatch):
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "home"))
    (tmp_path / "project").mkdir()
    history = History(tmp_path / "project")
    for name in NAMES:
        (history.root / name).write_bytes(SOURCE)
    kept(history, *(proof(history.root / name, SOURCE, "sorted(prices)[0]", "min(prices)") for name in NAMES))
    return history


@pytest.fixture
def broken_off(history, monkeypatch):
    """A history whose application ended after all files were written, and before its records were."""

    def killed(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Writing, "append", killed)
        patch.setattr(files, "_settle_now", lambda _: None)
        with pytest.raises(Killed):
            apply(history, list(history.improvements().values()), ADA)
    assert all(b"min(prices)" in (history.root / name).read_bytes() for name in NAMES)
    assert history.intent_file.exists()
    return history


def texts(history):
    return [(history.root / name).read_bytes() for name in NAMES]


def test_whoever_comes_next_puts_back_what_was_there(broken_off):
    broken_off.recover()
    assert texts(broken_off) == [SOURCE] * 3
    assert sorted(each.name for each in broken_off.root.iterdir()) == list(NAMES)
    assert {each.status for each in broken_off.improvements().values()} == {"approved"}


def test_the_very_files_that_were_there_come_back(history, monkeypatch):
    before = [(history.root / name).stat() for name in NAMES]

    def full(*_):
        raise InputError("no room")

    monkeypatch.setattr(Writing, "append", full)
    with pytest.raises(InputError, match="no room"):
        apply(history, list(history.improvements().values()), ADA)
    after = [(history.root / name).stat() for name in NAMES]
    assert [(each.st_ino, each.st_mtime_ns) for each in after] == [(each.st_ino, each.st_mtime_ns) for each in before]


def test_where_files_cannot_have_second_names_the_texts_are_written_back(history, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(1, "Operation not permitted")

    def full(*_):
        raise InputError("no room")

    (history.root / "a.py").chmod(0o640)
    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(Writing, "append", full)
    with pytest.raises(InputError, match="no room"):
        apply(history, list(history.improvements().values()), ADA)
    assert texts(history) == [SOURCE] * 3
    assert (history.root / "a.py").stat().st_mode & 0o777 == 0o640
    assert sorted(each.name for each in history.root.iterdir()) == list(NAMES)


def test_a_file_that_somebody_changed_since_is_left_and_named(broken_off, caplog):
    changed = texts(broken_off)[1] + b"# by hand\n"
    (broken_off.root / "b.py").write_bytes(changed)
    broken_off.recover()
    assert texts(broken_off) == [SOURCE, changed, SOURCE]
    (said,) = caplog.messages
    assert "b.py was being rewritten when that was broken off, and somebody else changed it" in said


def test_a_folder_that_was_deleted_since_is_named(broken_off, caplog):
    for each in broken_off.root.iterdir():
        each.unlink()
    broken_off.root.rmdir()
    broken_off.recover()
    assert len(caplog.messages) == 3
    assert not broken_off.intent_file.exists()


def test_what_was_written_down_is_only_tidied_up(history, monkeypatch):
    """Killed after its records were there: it was done."""

    improvements, looks, real = list(history.improvements().values()), [], files.settle

    def settle(*arguments):
        looks.append(arguments)
        if len(looks) > 1:
            raise Killed
        real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(files, "settle", settle)
        with pytest.raises(Killed):
            apply(history, improvements, ADA)
    left = {each.name for each in history.root.iterdir()} - set(NAMES)
    assert {each.rpartition(".")[2] for each in left} == {"old"}
    (history.root / "b.py").write_bytes(b"# by hand\n")
    History(history.root).recover()
    assert sorted(each.name for each in history.root.iterdir()) == list(NAMES)
    assert (history.root / "b.py").read_bytes() == b"# by hand\n"
    assert {each.status for each in history.improvements().values()} == {"applied"}
