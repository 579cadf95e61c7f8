"""`whetstone events`: what happened is listed, searched, moved and mended from the terminal."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from tests.server.events.conftest import change
from whetstone_server import state
from whetstone_server.events import Event, open_store
from whetstone_server.events.event import now
from whetstone_server.events.kinds import MetricSample
from whetstone_server.events.maintenance import live_writers, verify

NOON = 1_790_000_000_000_000
KEPT = "[tool.whetstone]\nretention_days = 36500\n"
"""Events of that noon are old by now, and to stay."""


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A project with a store of some edits, one measurement, and a path that steers terminals."""
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "home"))
    project = tmp_path / "shop"
    project.mkdir()
    (project / "pyproject.toml").write_text(KEPT)
    monkeypatch.chdir(project)
    with open_store(state.events(project), retention_days=36_500) as store:
        for number in range(30):
            store.record(change(number, path="orders.py", time=NOON + number))
        store.record(change(30, path="\x1b[31mred.py", time=now()))
        store.record(Event.of(MetricSample("latency", 0.25, "s"), source="ci", time=NOON + 100))
    return project


def found(whetstone, *words):
    done = whetstone("events", *words, "--format", "json")
    assert (done.status, done.err) == (0, "")
    return json.loads(done.out)


def test_json_is_as_promised(whetstone, shop):
    listed = found(whetstone, "list", "--type", "metric.sample")
    assert listed["version"] == 1
    (event,) = listed["events"]
    assert event.pop("id")
    assert event == {
        "time": "2026-09-21T14:13:20.000100Z",
        "type": "metric.sample",
        "action": "sample",
        "source": "ci",
        "path": None,
        "version": 1,
        "count": 1,
        "data": {"name": "latency", "value": 0.25, "unit": "s", "meta": {}},
    }
    stats = found(whetstone, "stats")
    assert stats["version"] == 1
    assert stats["events"] == 32
    assert stats["repeats"] == 0
    assert stats["types"] == {"document.change": 31, "metric.sample": 1}
    assert stats["bytes_on_disk"] > 0
    assert {"bytes_per_event", "oldest", "newest", "map_size", "retention_days"} < stats.keys()


def test_lists_are_narrowed(whetstone, shop):
    assert len(found(whetstone, "list", "--since", "2h", "--type", "document")["events"]) == 1
    assert len(found(whetstone, "list", "--path", "orders.py", "--limit", "7")["events"]) == 7
    assert len(found(whetstone, "list", "--until", "2026-09-21T14:13:20.000010Z")["events"]) == 10
    assert len(found(whetstone, "search", "latency")["events"]) == 1


def test_where_nothing_is_found_that_is_said_beside_the_output(whetstone, shop):
    done = whetstone("events", "search", "nowhere")
    assert (done.status, done.out, done.err) == (0, "", "no event is like that\n")


def test_text_is_a_line_each_and_cannot_steer_the_terminal(whetstone, shop):
    done = whetstone("events", "list", "--limit", "3")
    assert done.status == 0
    assert len(done.out.splitlines()) == 3
    assert "\x1b" not in done.out
    assert "red.py" in done.out


def test_statistics_are_a_table(whetstone, shop):
    out = whetstone("events", "stats").out
    assert "document.change" in out
    assert "32, kept for 36500 days" in out
    assert "▁" in out or "█" in out


def test_what_is_exported_is_imported_once(whetstone, shop, tmp_path):
    lines = whetstone("events", "export").out.splitlines()
    assert len(lines) == 32
    assert json.loads(lines[0])["data"]["document_version"] == 0
    assert whetstone("events", "export", "--output", str(tmp_path / "all.jsonl.zst")).status == 0
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "pyproject.toml").write_text(KEPT)
    there = ("--workspace", str(tmp_path / "other"))
    first = whetstone("events", "import", str(tmp_path / "all.jsonl.zst"), *there)
    assert first.out == "32 events added, 0 were there already\n"
    again = whetstone("events", "import", str(tmp_path / "all.jsonl.zst"), *there)
    assert again.out == "0 events added, 32 were there already\n"


def test_a_backup_is_restored(whetstone, shop, tmp_path):
    assert whetstone("events", "backup", str(tmp_path / "backup")).status == 0
    with open_store(state.events(shop), retention_days=36_500) as store:
        store.record(change(31))
    done = whetstone("events", "restore", str(tmp_path / "backup"))
    assert "the former store lies in" in done.out
    assert found(whetstone, "stats")["events"] == 32


def test_compaction_and_verification_say_what_they_found(whetstone, shop):
    assert "bytes before" in whetstone("events", "compact").out
    assert whetstone("events", "verify").out == "32 events read, 0 problems\n"
    assert found(whetstone, "verify") == {"version": 1, "events": 32, "pages": True, "problems": []}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "the following arguments are required: DEED"),
        (("list", "--since", "soon"), "expected 2h, 7d or an RFC 3339 time, not 'soon'"),
        (("list", "--limit", "-1"), "expected a number from 1 on, not '-1'"),
        (("list", "--workspace", "nowhere"), "nowhere does not exist; --workspace wants a project's folder"),
        (("import", "nowhere.jsonl"), "nowhere.jsonl cannot be read (No such file or directory)"),
        (("restore", "nowhere"), "is not a backup: it holds no data.mdb"),
        (("export", "--output", "no/such/folder.jsonl"), "cannot be written (No such file or directory)"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(whetstone, shop, words, sentence):
    done = whetstone("events", *words)
    assert done.status == 2
    assert sentence in done.err
    assert done.err.count("\n") == 1


def test_following_shows_the_last_events_and_then_each_that_comes(shop, tmp_path):
    following = subprocess.Popen(
        [sys.executable, "-m", "whetstone_server.cli", "events", "tail", "--last", "1"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert "red.py" in following.stdout.readline()
    with open_store(state.events(shop), retention_days=36_500) as store:
        store.record(change(77, path="new.py", time=now()))
        assert "document_version=77" in following.stdout.readline()
        store.checkpoint()
        store.record(change(78, path="new.py", time=now()))
        assert "document_version=78" in following.stdout.readline()
    following.send_signal(signal.SIGINT)
    assert following.wait() == 130
    following.stdout.close()


def test_an_import_that_is_interrupted_ends_cleanly_and_keeps_whole_events(shop):
    """It waits for more lines when Ctrl-C is pressed."""
    importing = subprocess.Popen(
        [sys.executable, "-m", "whetstone_server.cli", "events", "import", "-"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while not live_writers(state.events(shop)):
        assert importing.poll() is None
    importing.send_signal(signal.SIGINT)
    assert importing.wait() == 130
    assert importing.stderr.read() == b""
    importing.stdin.close()
    importing.stderr.close()
    assert verify(state.events(shop)) == (32, [])


def test_a_project_without_events_says_so(whetstone, tmp_path, monkeypatch):
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    for deed in ("stats", "list", "export", "verify"):
        done = whetstone("events", deed)
        assert done.status == 2
        assert "there are no events in" in done.err
    assert not (tmp_path / "home").exists()
