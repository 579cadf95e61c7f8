"""`whetstone improvements`: what was proposed, decided, applied and taken back, and the way back."""

from __future__ import annotations

import os
import re
from dataclasses import replace

import pytest
from rich.console import Console

from tests.server.improvements.proposals import ASSUMES, SOURCE, kept, proof
from whetstone_server.improvements.history import History
from whetstone_server.sandbox.verdict import Verdict

FIELDS = {"id", "status", "code", "path", "function", "confidence", "speedup", "applied_at"}


@pytest.fixture
def file(folder):
    file = folder / "shop" / "prices.py"
    file.write_bytes(SOURCE)
    return file


@pytest.fixture(autouse=True)
def name(monkeypatch):
    """Who runs this, whatever git says on this machine."""
    monkeypatch.setenv("GIT_CONFIG_COUNT", "2")
    for number, (key, value) in enumerate((("user.name", "Ada"), ("user.email", "ada@example.org"))):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", key)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)


@pytest.fixture
def approved(folder, file):
    return kept(History(folder), proof(file, SOURCE, "sorted(prices)[0]", "min(prices)"))[0].improvement


@pytest.fixture
def waiting(folder, file):
    made = proof(file, SOURCE, "sorted(prices)[-1]", "max(prices)")
    made = replace(made, verdict=replace(made.verdict, assumptions=(ASSUMES,)))
    return kept(History(folder), made)[0].improvement


@pytest.fixture
def rejected(folder, file):
    made = proof(file, SOURCE, "# prices in euro", "# prices")
    return kept(History(folder), replace(made, verdict=Verdict("slower", "it takes longer")))[0].improvement


@pytest.mark.skipif(os.name == "nt", reason="no file is called so there")
def test_a_name_of_a_file_cannot_steer_the_terminal(whetstone, folder):
    file = folder / "shop" / "a\x1b[2Jb.py"
    file.write_bytes(SOURCE)
    made = [proof(file, SOURCE, old, new) for old, new in (("[0]", "[00]"), ("[-1]", "[~0]"), ("# low", "# cheap"))]
    made[1:] = [replace(each, verdict=replace(each.verdict, assumptions=(ASSUMES,))) for each in made[1:]]
    first, second, third = (each.improvement for each in kept(History(folder), *made))
    done = [
        whetstone("improvements", *deed)
        for deed in (
            ("apply", first, "--commit"),
            ("apply", first),
            ("apply", first),
            ("list",),
            ("show", first),
            ("rollback", first),
            ("approve", second),
            ("reject", third),
            ("apply", second),
        )
    ]
    assert [each.status for each in done] == [2, 0, 2, 0, 0, 0, 0, 0, 0]
    assert all("\x1b" not in each.out + each.err for each in done)
    assert "a\\x1b[2Jb.py" in done[0].err
    file.write_bytes(b"\xff\xfe")
    assert "\x1b" not in whetstone("check", str(file)).err


def test_where_nothing_was_proposed_nothing_is_made(whetstone, folder):
    done = whetstone("improvements", "list")
    assert (done.status, done.out) == (0, "No improvements yet: `whetstone prove` makes them.\n")
    assert whetstone("improvements", "list", "--format", "json").json == {"version": 1, "improvements": []}
    assert whetstone("improvements", "verify").status == 0
    assert not (folder.parent / "home").exists()


def test_in_a_narrow_terminal_an_improvement_takes_two_lines_that_fit(whetstone, folder, file, monkeypatch):
    made = proof(file, SOURCE, "sorted(prices)[0]", "min(prices)")
    kept(History(folder), made)
    narrow = Console(force_terminal=True, width=80, color_system=None, soft_wrap=True)
    monkeypatch.setattr("whetstone_server.cli.improvements.shown.console", lambda: narrow)
    first, second = whetstone("improvements", "list").out.splitlines()
    assert re.fullmatch(r"\w{12}  approved     3\.00× \(2\.00–4\.00\)  20\d\d-\d\d-\d\d \d\d:\d\d", first)
    assert second == "              WP101 string-built-in-loop  shop/prices.py:1 f"


def test_json_is_the_contract(whetstone, approved, waiting, rejected):
    document = whetstone("improvements", "list", "--format", "json").json
    assert document["version"] == 1
    rows = document["improvements"]
    assert all(set(row) >= FIELDS for row in rows)
    assert [(row["id"], row["status"]) for row in rows] == [
        (rejected, "rejected"),
        (waiting, "testing"),
        (approved, "approved"),
    ]
    assert (rows[2]["code"], rows[2]["path"], rows[2]["function"]) == ("WP101", "shop/prices.py", "f")
    assert rows[2]["speedup"]["estimate"] == 3.0
    assert (rows[2]["applied_at"], rows[0]["speedup"]) == (None, None)


def test_a_person_reads_a_table(whetstone, approved, waiting, rejected):
    lines = whetstone("improvements", "list").out.splitlines()
    assert lines[0].split() == ["id", "status", "rule", "where", "gain", "when"]
    assert re.match(
        rf"{approved}  approved  WP101 string-built-in-loop  shop/prices.py:1 f  3.00× \(2.00–4.00\)  20", lines[3]
    )
    assert "slower" in lines[1]
    assert whetstone("improvements", "list", "--status", "testing").out.splitlines()[1].startswith(waiting)


def test_an_improvement_is_applied_shown_and_rolled_back(whetstone, file, approved):
    done = whetstone("improvements", "apply", approved[:5], "--reason", "tried it")
    assert (done.status, done.out) == (0, f"Applied {approved}: WP101 to f in shop/prices.py.\n")
    assert b"min(prices)" in file.read_bytes()
    out = whetstone("improvements", "show", approved).out
    for words in (
        f"{approved}  applied\n",
        "faster 3.00× (2.00–4.00)",
        "approved     by the proof (Whetstone",
        "applied      by Ada <ada@example.org>: tried it",
        "-    return sorted(prices)[0]  # low\n  +    return min(prices)  # low\n",
    ):
        assert words in out
    done = whetstone("improvements", "rollback", approved, "--reason", "no")
    assert (done.status, done.out) == (0, f"Rolled back {approved}: WP101 in f of shop/prices.py.\n")
    assert file.read_bytes() == SOURCE
    done = whetstone("improvements", "apply", approved)
    assert done.status == 2
    assert "is rolled-back, so it cannot be applied; a new proof makes a new proposal" in done.err
    assert done.err.count("\n") == 1


def test_show_as_json_has_every_step_and_the_diff(whetstone, approved):
    whetstone("improvements", "apply", approved)
    shown = whetstone("improvements", "show", approved, "--format", "json").json["improvement"]
    assert [step["step"] for step in shown["steps"]] == ["proposed", "testing", "approved", "applied"]
    assert shown["steps"][3]["actor"] == {"kind": "person", "name": "Ada <ada@example.org>"}
    assert shown["steps"][3]["changes"][0]["path"] == "shop/prices.py"
    assert shown["diff"].startswith("--- a/shop/prices.py\n+++ b/shop/prices.py\n")
    assert shown["evidence"]["verdict"] == "faster"


def test_what_is_not_applied_yet_shows_what_it_would_change(whetstone, approved):
    assert "+    return min(prices)  # low" in whetstone("improvements", "show", approved).out


def test_what_rests_on_an_assumption_waits_for_somebody(whetstone, waiting):
    done = whetstone("improvements", "apply", waiting)
    assert done.status == 2
    assert "whetstone improvements approve" in done.err
    done = whetstone("improvements", "approve", waiting, "--reason", "never called so")
    assert done.out == f"Approved {waiting}: WP101 in f of shop/prices.py.\n  assumes no call like {ASSUMES.input}\n"
    assert whetstone("improvements", "apply", waiting).status == 0
    assert whetstone("improvements", "reject", waiting).status == 2


def test_somebody_may_say_no(whetstone, waiting):
    done = whetstone("improvements", "reject", waiting)
    assert done.out == f"Rejected {waiting}: WP101 in f of shop/prices.py.\n"
    assert whetstone("improvements", "approve", waiting).status == 2


def test_what_was_changed_again_is_shown_and_left(whetstone, file, approved):
    whetstone("improvements", "apply", approved)
    changed = file.read_bytes().replace(b"min(prices)", b"min(prices, default=0)")
    file.write_bytes(changed)
    done = whetstone("improvements", "rollback", approved)
    assert done.status == 2
    assert "-    return min(prices)  # low\n  +    return min(prices, default=0)  # low\n" in done.out
    assert "was not rolled back, and nothing was written" in done.err
    assert done.err.count("\n") == 1
    assert file.read_bytes() == changed


def test_what_stays_of_a_changed_file_is_said(whetstone, file, approved):
    whetstone("improvements", "apply", approved)
    file.write_bytes(b"import os\n" + file.read_bytes())
    done = whetstone("improvements", "rollback", approved)
    assert done.out.endswith("  shop/prices.py had been changed since; those changes are still there.\n")
    assert file.read_bytes() == b"import os\n" + SOURCE


def test_a_whole_history_is_said_to_be(whetstone, approved):
    done = whetstone("improvements", "verify")
    assert (done.status, done.out) == (0, "3 records, each as it was written and signed, none missing.\n")
    assert whetstone("improvements", "verify", "--format", "json").json == {"version": 1, "records": 3, "problems": []}


def test_an_altered_history_is_status_1_and_nothing_goes_on(whetstone, folder, file, approved):
    record = History(folder).file
    record.write_bytes(record.read_bytes().replace(b"string-built", b"string-bent"))
    done = whetstone("improvements", "verify")
    assert done.status == 1
    assert done.out.startswith("record 1 was altered\n1 problem. Nothing is added to this history")
    document = whetstone("improvements", "verify", "--format", "json").json
    assert document["problems"] == [{"record": 1, "kind": "altered", "message": "record 1 was altered"}]
    for deed in (["list"], ["apply", approved]):
        done = whetstone("improvements", *deed)
        assert (done.status, done.out) == (2, "")
        assert "`whetstone improvements verify` says where" in done.err
    assert file.read_bytes() == SOURCE


def test_another_project_can_be_meant(whetstone, folder, approved, monkeypatch):
    monkeypatch.chdir(folder.parent)
    rows = whetstone("improvements", "list", "--workspace", "project", "--format", "json").json["improvements"]
    assert [row["path"] for row in rows] == ["project/shop/prices.py"]
    monkeypatch.setenv("WHETSTONE_WORKSPACE", "project")
    assert whetstone("improvements", "list", "--format", "json").json["improvements"] == rows
    done = whetstone("improvements", "list", "--workspace", "nowhere")
    assert (done.status, done.err) == (2, "whetstone: nowhere does not exist; --workspace wants a project's folder\n")


@pytest.mark.parametrize("deed", ["list", "show", "approve", "reject", "apply", "rollback", "verify"])
def test_every_deed_shows_an_example(whetstone, deed):
    done = whetstone("improvements", deed, "--help")
    assert done.status == 0
    assert f"example:\n  whetstone improvements {deed}" in done.out


def test_an_id_that_nobody_knows_is_status_2(whetstone, approved):
    done = whetstone("improvements", "show", "zzz")
    assert (done.status, done.out) == (2, "")
    assert done.err == "whetstone: there is no improvement zzz; `whetstone improvements list` shows those there are\n"
