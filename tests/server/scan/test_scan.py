"""A workspace is read as it is: odd files are named, nothing else is lost, and nothing is read twice for nothing."""

import os
import tempfile
from pathlib import Path

import pytest

from whetstone_knowledge.syntax import find
from whetstone_server.choice import Choice
from whetstone_server.scan import FileFindings, Position, scan
from whetstone_server.scan import source as source_module

SLOW = (
    "def f(words):\n    out = []\n    text = ''\n    for word in words:\n        text += str(word)\n    return text\n"
)
EVERY = Choice(on_request=True)
(EXPECTED,) = find(SLOW.encode())


def scanned(*paths, jobs=1, cache=None, choice=EVERY):
    return list(scan(paths, choice=choice, jobs=jobs, cache=cache))


def names(found, root):
    return [str(each.path.relative_to(root)) for each in found]


def write(path, text=SLOW, encoding="utf-8"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding) if isinstance(text, str) else text)
    return path


def test_a_finding_says_line_and_column(tmp_path):
    write(tmp_path / "a.py")
    (found,) = scanned(tmp_path)
    assert found.findings == (EXPECTED,)
    assert found.positions == (Position(5, 9, 5, 26),)
    assert found.error is None


def test_columns_count_code_points(tmp_path):
    write(
        tmp_path / "a.py",
        SLOW.replace("words)", "words, ö='🎻')").replace("text += str(word)", "'🎻'; text += str(word)"),
    )
    (found,) = scanned(tmp_path)
    assert found.positions[0].column == 14


def test_windows_newlines_end_one_line_each(tmp_path):
    write(tmp_path / "a.py", "\r\n\r\n" + SLOW.replace("\n", "\r\n"))
    (found,) = scanned(tmp_path)
    assert found.positions == (Position(7, 9, 7, 26),)


def test_a_byte_order_mark_takes_no_column(tmp_path):
    write(tmp_path / "a.py", b"\xef\xbb\xbf" + SLOW.encode())
    (found,) = scanned(tmp_path)
    assert found.positions == (Position(5, 9, 5, 26),)


def test_files_come_in_order_with_those_without_findings(tmp_path):
    for name in ("b.py", "a/z.py", "a/b/c.py", "c.pyw"):
        write(tmp_path / name, "x = 1\n")
    write(tmp_path / "notes.txt")
    assert names(scanned(tmp_path), tmp_path) == ["a/b/c.py", "a/z.py", "b.py", "c.pyw"]


@pytest.mark.parametrize(
    "folder", [".git", "__pycache__", "node_modules", ".venv", "venv", ".tox", "site-packages", ".mypy_cache"]
)
def test_folders_of_tools_are_left_out(tmp_path, folder):
    write(tmp_path / folder / "a.py")
    write(tmp_path / "b.py")
    assert names(scanned(tmp_path), tmp_path) == ["b.py"]


def test_a_virtual_environment_is_known_by_its_settings(tmp_path):
    write(tmp_path / "my-env/pyvenv.cfg", "")
    write(tmp_path / "my-env/lib/a.py")
    assert scanned(tmp_path) == []


def test_what_is_named_is_read_whatever_it_is_called(tmp_path):
    script = write(tmp_path / ".venv/tool")
    (found,) = scanned(script)
    assert found.findings == (EXPECTED,)


def test_a_path_named_twice_is_read_once(tmp_path):
    write(tmp_path / "a.py")
    assert len(scanned(tmp_path, tmp_path / "a.py", tmp_path)) == 1


def test_links_that_go_in_circles_end(tmp_path):
    write(tmp_path / "a/a.py")
    (tmp_path / "a/again").symlink_to(tmp_path / "a")
    (tmp_path / "a/self.py").symlink_to(tmp_path / "a/self.py")
    (tmp_path / "a/gone.py").symlink_to(tmp_path / "nowhere")
    found = scanned(tmp_path)
    assert [each.path.name for each in found if each.findings] == ["a.py"]


def test_a_pipe_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.py")
    assert scanned(tmp_path) == []
    (found,) = scanned(tmp_path / "pipe.py")
    assert found.error == "it is neither a file nor a folder"


def test_a_path_that_is_not_there_is_reported(tmp_path):
    (found,) = scanned(tmp_path / "nowhere")
    assert found == FileFindings(tmp_path / "nowhere", error="it cannot be read: No such file or directory")


@pytest.fixture
def as_somebody():
    """Let the rest of a test run as an account that may not read everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    yield
    os.seteuid(0)


def test_a_file_that_may_not_be_read_is_reported(as_somebody):
    with tempfile.TemporaryDirectory() as folder:
        unreadable = write(Path(folder, "a.py"))
        unreadable.chmod(0)
        (found,) = scanned(unreadable)
        assert "Permission denied" in found.error


def test_a_file_that_vanishes_is_reported(tmp_path):
    write(tmp_path / "a.py")
    vanishing = write(tmp_path / "b.py", "x" * 500_000)
    results = scan([tmp_path], choice=EVERY, jobs=1, cache=None)
    next(results)
    vanishing.unlink()
    later = list(results)
    assert len(later) == 1


def test_bytes_that_are_no_text_are_reported(tmp_path):
    write(tmp_path / "a.py", b"x = '\xff'\n")
    write(tmp_path / "b.py")
    bad, good = scanned(tmp_path)
    assert bad.error.startswith("it is not text in utf-8")
    assert good.findings


def test_a_huge_file_is_left_alone_and_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(source_module, "LARGEST", 10)
    write(tmp_path / "a.py")
    (found,) = scanned(tmp_path)
    assert "larger than" in found.error


def test_a_declared_encoding_is_followed(tmp_path):
    text = "# -*- coding: latin-1 -*-\n" + SLOW.replace("out = []", "out = 'öö'").replace("text +=", "'ö'; text +=")
    write(tmp_path / "a.py", text, "latin-1")
    (found,) = scanned(tmp_path)
    assert found.positions == (Position(6, 14, 6, 31),)
    assert text.encode()[slice(*found.findings[0].span)] == b"text += str(word)"


@pytest.mark.parametrize("encoding", ["klingon", "hex"])
def test_an_encoding_nobody_knows_is_reported(tmp_path, encoding):
    write(tmp_path / "a.py", f"#!/usr/bin/python\n# coding={encoding}\n{SLOW}")
    (found,) = scanned(tmp_path)
    assert encoding in found.error


def test_two_processes_find_what_one_finds(tmp_path):
    filler = "\n\ndef g():\n    pass\n" * 10_000
    for number in range(12):
        write(tmp_path / f"{number:02}.py", SLOW + filler)
    one = scanned(tmp_path)
    assert scanned(tmp_path, jobs=2) == one
    assert all(len(each.findings) == 1 for each in one)


def test_what_has_not_changed_is_not_read_again(tmp_path, monkeypatch):
    write(tmp_path / "code/a.py")
    write(tmp_path / "code/b.py", "x = 1\n")
    first = scanned(tmp_path / "code", cache=tmp_path / "cache")
    monkeypatch.setattr("whetstone_server.scan.reading.read", None)
    assert scanned(tmp_path / "code", cache=tmp_path / "cache") == first


def test_what_has_changed_is_read_again(tmp_path):
    path = write(tmp_path / "code/a.py")
    scanned(path, cache=tmp_path / "cache")
    write(path, "x = 1\n")
    (found,) = scanned(path, cache=tmp_path / "cache")
    assert found.findings == ()


def test_other_rules_do_not_see_what_these_found(tmp_path):
    path = write(tmp_path / "code/a.py")
    scanned(path, cache=tmp_path / "cache")
    (found,) = scanned(path, cache=tmp_path / "cache", choice=Choice(ignore=("all",)))
    assert found.findings == ()


@pytest.mark.parametrize(
    "broken", [b"", b"{", b"[]", b'{"layout":1,"files":3}', b'{"layout":0,"files":{}}', b"\xff", b"[" * 100_000]
)
def test_a_broken_cache_is_forgotten(tmp_path, broken):
    path = write(tmp_path / "code/a.py")
    first = scanned(path, cache=tmp_path / "cache")
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_bytes(broken)
    assert scanned(path, cache=tmp_path / "cache") == first


def test_a_broken_entry_is_forgotten(tmp_path):
    path = write(tmp_path / "code/a.py")
    first = scanned(path, cache=tmp_path / "cache")
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_bytes(kept.read_bytes().replace(b'[["WP', b'[[3,"WP'))
    assert scanned(path, cache=tmp_path / "cache") == first


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(tmp_path):
    path = write(tmp_path / "code/a.py")
    (tmp_path / "cache").write_text("a file")
    assert scanned(path, cache=tmp_path / "cache")[0].findings == (EXPECTED,)


def test_what_could_not_be_read_is_tried_again(tmp_path):
    path = write(tmp_path / "a.py", b"\xff")
    assert scanned(path, cache=tmp_path / "cache")[0].error
    assert scanned(path, cache=tmp_path / "cache")[0].error
