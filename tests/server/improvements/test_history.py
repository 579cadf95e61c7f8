"""The history of improvements: every step kept in order, nothing changed unseen, nothing lost by a crash."""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import stat
from contextlib import suppress
from itertools import product
from pathlib import Path

import pytest

from whetstone_server import state
from whetstone_server.errors import InputError
from whetstone_server.events import open_for_reading
from whetstone_server.improvements import history as module
from whetstone_server.improvements.history import History, HistoryError
from whetstone_server.improvements.improvement import STEPS, check_step
from whetstone_server.improvements.record import Actor, Step, Subject
from whetstone_server.improvements.signature import Key

ADA = Actor("person", "Ada <ada@example.org>")
SUBJECT = Subject("WP101", "string-built-in-loop", "shop/slow.py", "joined", 4)
EVIDENCE = {"verdict": "faster", "speedup": {"estimate": 2.5, "low": 2.0, "high": 3.0, "confidence": 0.95}}


def step(name, improvement="a1", **fields):
    return Step(step=name, improvement=improvement, actor=ADA, **fields)


def approved(improvement="a1"):
    """Return the steps of an improvement that may be applied."""
    return (
        step("proposed", improvement, subject=SUBJECT),
        step("testing", improvement, evidence=EVIDENCE),
        step("approved", improvement, reason="equal and faster"),
    )


@pytest.fixture
def five(history):
    """A history of five records, three of which were written together."""
    with history.writing() as writing:
        writing.append(*approved())
    for name in ("applied", "rolled-back"):
        with history.writing() as writing:
            writing.append(step(name))
    return history


def problems(history):
    return [(problem.record, problem.kind) for problem in history.verify()]


def test_what_has_no_history_is_whole_and_nothing_is_made_for_looking(history, tmp_path):
    assert (history.records(), history.verify(), history.improvements()) == ((), [], {})
    assert not (tmp_path / "home").exists()


def test_every_step_is_kept_with_who_when_and_why(five):
    records = History(five.root).records()
    assert [(record.number, record.step) for record in records] == [
        (1, "proposed"),
        (2, "testing"),
        (3, "approved"),
        (4, "applied"),
        (5, "rolled-back"),
    ]
    assert (records[2].actor, records[2].reason, records[2].improvement) == (ADA, "equal and faster", "a1")
    assert all(record.time.endswith("Z") for record in records)
    assert five.verify() == []


def test_an_improvement_is_what_its_records_tell(five):
    improvement = five.improvement("a1")
    assert (improvement.status, improvement.code, improvement.rule) == ("rolled-back", "WP101", "string-built-in-loop")
    assert (improvement.path, improvement.function, improvement.line) == ("shop/slow.py", "joined", 4)
    assert improvement.speedup == 2.5
    times = [improvement.proposed_at, improvement.decided_at, improvement.applied_at, improvement.rolled_back_at]
    assert times == [five.records()[place].time for place in (0, 2, 3, 4)]


@pytest.mark.parametrize(("start", "end"), [*product(STEPS, [step for step in STEPS if step])])
def test_there_is_no_way_but_the_one(start, end):
    if end in STEPS[start]:
        check_step("a1", start, end)
        return
    with pytest.raises(InputError, match=rf"^a1 (is|was) .*, so it cannot be {end}; "):
        check_step("a1", start, end)


def test_a_step_that_is_not_allowed_is_not_taken_nor_those_beside_it(history):
    with history.writing() as writing:
        writing.append(*approved())
        with pytest.raises(InputError, match="a1 is approved, so it cannot be rejected; it can only be applied"):
            writing.append(*approved("b2"), step("rejected", "a1"))
    assert [record.step for record in history.records()] == ["proposed", "testing", "approved"]


def test_what_was_rolled_back_is_never_applied_again(five):
    with five.writing() as writing, pytest.raises(InputError, match="a new proof makes a new proposal"):
        writing.append(step("applied"))


def test_an_improvement_is_found_by_the_beginning_of_its_id(history):
    with history.writing() as writing:
        writing.append(*approved("abc1"), *approved("abd2"))
    assert history.improvement("abc").id == "abc1"
    with pytest.raises(InputError, match="could be any of abc1, abd2"):
        history.improvement("ab")
    for wrong in ("", "x"):
        with pytest.raises(InputError, match="improvements list"):
            history.improvement(wrong)


def test_every_step_is_told_to_the_event_store(five):
    with open_for_reading(state.events(five.root)) as store:
        told = [(event.kind, event.data.get("record"), event.path) for event in store.between(kind="improvement")]
    assert told == [(f"improvement.{record.step}", record.number, "shop/slow.py") for record in five.records()]


def test_the_event_store_hears_of_what_it_missed(five, monkeypatch):
    """It could not be opened, or whoever was to tell it was killed."""
    with monkeypatch.context() as patch, five.writing() as writing:
        patch.setattr(module.journal, "tell", lambda *_: False)
        writing.append(*approved("b2"))
    interrupted = suppress(KeyboardInterrupt)
    with interrupted, five.writing() as writing:
        writing.append(step("applied", "b2"))
        raise KeyboardInterrupt
    with open_for_reading(state.events(five.root)) as store:
        told = [event.data["record"] for event in store.between(kind="improvement")]
    assert told == list(range(1, 10))


# -- tampering --------------------------------------------------------------------------------------------------------


def lines(history):
    return history.file.read_bytes().splitlines(keepends=True)


def put(history, changed):
    history.file.write_bytes(b"".join(changed))


def refuses(history):
    """Whether nothing can be added, and the message says what to do."""
    with pytest.raises(HistoryError, match="whetstone improvements verify"), history.writing():
        raise AssertionError
    return True


@pytest.mark.parametrize("number", range(1, 6))
def test_a_record_that_was_altered_is_named(five, number):
    changed = lines(five)
    changed[number - 1] = changed[number - 1].replace(b"Ada", b"Eve")
    put(five, changed)
    assert problems(five) == [(number, "altered")]
    assert refuses(five)


def test_a_record_that_lies_about_its_number_is_named_by_its_place(five):
    changed = lines(five)
    changed[1] = changed[1].replace(b'"number":2', b'"number":7')
    put(five, changed)
    assert problems(five) == [(2, "altered")]


@pytest.mark.parametrize("number", range(1, 6))
def test_a_record_that_is_no_longer_readable_is_named(five, number):
    changed = lines(five)
    changed[number - 1] = b"{" + changed[number - 1]
    put(five, changed)
    assert problems(five) == [(number, "altered")]
    assert refuses(five)


def test_every_single_byte_counts(five):
    content = five.file.read_bytes()
    for place in range(0, len(content), 7):
        five.file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert five.verify(), place
        with pytest.raises(HistoryError):
            five.records()


@pytest.mark.parametrize("number", range(1, 5))
def test_a_record_that_was_left_out_is_named(five, number):
    changed = lines(five)
    del changed[number - 1]
    put(five, changed)
    assert (number, "missing") in problems(five)
    assert refuses(five)


@pytest.mark.parametrize("left", range(5))
def test_records_that_were_cut_off_are_named(five, left):
    put(five, lines(five)[:left])
    assert problems(five) == [(number, "truncated") for number in range(left + 1, 6)]
    assert refuses(five)


def test_records_that_were_put_elsewhere_are_named(five):
    one, two, three, *rest = lines(five)
    put(five, [one, three, two, *rest])
    assert (2, "reordered") in problems(five)
    assert refuses(five)


def test_a_record_that_was_added_again_is_named(five):
    put(five, [*lines(five), lines(five)[3]])
    assert problems(five) == [(4, "reordered")]
    assert refuses(five)


def test_a_record_signed_with_another_key_is_named(five, tmp_path, monkeypatch):
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "other"))
    stranger = History(five.root)
    with stranger.writing() as writing:
        writing.append(*approved(), step("applied"), step("rolled-back"), step("proposed", "b2", subject=SUBJECT))
    put(five, [*lines(five), lines(stranger)[5]])
    assert problems(five) == [(6, "foreign")]
    assert refuses(five)


def test_a_history_of_another_project_does_not_pass(five, tmp_path):
    (tmp_path / "other").mkdir()
    other = History(tmp_path / "other")
    with other.writing() as writing:
        writing.append(*approved())
    shutil.copy(five.file, other.file)
    assert problems(other)
    shutil.copy(five.head_file, other.head_file)
    assert problems(other) == [(None, "head")]


def test_an_older_state_of_the_file_does_not_pass_for_the_newest(five):
    older = five.file.read_bytes()
    with five.writing() as writing:
        writing.append(*approved("b2"))
    five.file.write_bytes(older)
    assert problems(five) == [(6, "truncated"), (7, "truncated"), (8, "truncated")]


def test_every_single_byte_of_the_head_counts(five):
    content = five.head_file.read_bytes()
    for place in range(len(content)):
        five.head_file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert problems(five) == [(None, "head")], place


def test_a_history_of_a_newer_whetstone_is_left_alone(five, monkeypatch):
    monkeypatch.setattr(module, "VERSION", 0)
    with pytest.raises(InputError, match=r"a newer Whetstone wrote the history of .*; update this one"), five.writing():
        raise AssertionError


@pytest.mark.parametrize("damage", ["missing", "altered", "key"])
def test_without_a_head_that_holds_nothing_is_trusted(five, damage):
    if damage == "missing":
        five.head_file.unlink()
    elif damage == "altered":
        five.head_file.write_bytes(five.head_file.read_bytes().replace(b'"records":5', b'"records":4'))
    else:
        five.key.file.unlink()
        five = History(five.root)
    assert problems(five) == [(None, "head")]
    with pytest.raises(HistoryError, match="begin anew by moving"), five.writing():
        raise AssertionError


def test_a_text_that_was_altered_is_named(history):
    from whetstone_server.improvements.changes import change_between

    with history.writing() as writing:
        history.texts.keep(b"a\n", b"b\n")
        writing.append(*approved(), step("applied", changes=(change_between("f.py", b"a\n", b"b\n"),)))
    assert history.verify() == []
    for text in (history.folder / "texts").iterdir():
        text.write_bytes(b"x")
    assert problems(history) == [(4, "altered")] * 2


def test_others_cannot_read_the_key(five):
    assert stat.S_IMODE(five.key.file.stat().st_mode) == 0o600
    assert len(five.key.file.read_bytes()) == 32


# -- crashes ----------------------------------------------------------------------------------------------------------


def test_what_a_crash_left_of_a_record_is_dropped_wherever_it_was_cut(five):
    whole = lines(five)
    head = five.head_file.read_bytes()
    with five.writing() as writing:
        writing.append(*approved("b2"))
    content, before = five.file.read_bytes(), len(b"".join(whole))
    for end in (*range(before, len(content), 5), len(content)):
        five.head_file.write_bytes(head)
        five.file.write_bytes(content[:end])
        finished = 8 if end == len(content) else 5  # three were written together
        assert five.verify() == [], end
        assert len(five.records()) == finished
        with five.writing() as writing:
            writing.append(step("proposed", "c3", subject=SUBJECT))
        assert five.verify() == [], end
        assert len(five.records()) == finished + 1


def test_pages_that_did_not_reach_the_disk_are_no_tampering(five):
    with five.file.open("ab") as file:
        file.write(bytes(4096) + b'"}\n' + bytes(100))
    assert five.verify() == []
    with five.writing() as writing:
        writing.append(*approved("b2"))
    assert len(five.records()) == 8
    assert five.verify() == []


def test_a_crash_before_the_first_record_leaves_a_beginning(history):
    with history.writing() as writing:
        writing.append(*approved())
    history.file.unlink()
    shutil.rmtree(history.folder)
    assert [problem.kind for problem in history.verify()] == ["truncated"] * 3


def test_a_full_disk_takes_no_step_and_leaves_the_history_whole(five, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    content = five.file.read_bytes()
    monkeypatch.setattr("os.fsync", full)
    with five.writing() as writing, pytest.raises(InputError, match="No space left on device"):
        writing.append(*approved("b2"))
    monkeypatch.undo()
    assert five.file.read_bytes() == content


def test_a_clock_that_goes_back_does_not_change_the_order(five, monkeypatch):
    class Earlier(module.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(1999, 1, 1, tzinfo=tz)

    monkeypatch.setattr(module, "datetime", Earlier)
    with five.writing() as writing:
        writing.append(*approved("b2"))
    assert five.records()[-1].time == "1999-01-01T00:00:00.000Z"
    assert [record.number for record in five.records()] == [*range(1, 9)]
    assert five.verify() == []


# -- several at once --------------------------------------------------------------------------------------------------


def add(root, home, name, times):
    os.environ["WHETSTONE_HOME"] = home
    for number in range(times):
        with History(root).writing() as writing:
            writing.append(*approved(f"{name}-{number}"))


def test_several_processes_write_one_history(history, tmp_path):
    context = multiprocessing.get_context("spawn")
    writers = [
        context.Process(target=add, args=(history.root, str(tmp_path / "home"), name, 5)) for name in ("a", "b", "c")
    ]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert [each.exitcode for each in writers] == [0, 0, 0]
    assert len(history.records()) == 45
    assert history.verify() == []


def test_who_waits_too_long_is_told_whom_for(five, monkeypatch):
    monkeypatch.setattr(module, "WAIT_S", 0.05)
    said = rf"another Whetstone \(process {os.getpid()}\) is writing"
    with five.writing(), pytest.raises(InputError, match=said), History(five.root).writing():
        raise AssertionError


def test_who_reads_while_another_begins_sees_nothing_amiss(history, monkeypatch):
    usual, begun = Path.read_bytes, []

    def read_bytes(path):
        try:
            return usual(path)
        finally:
            if path == history.head_file and not begun:
                begun.append(True)
                with History(history.root).writing() as writing:
                    writing.append(*approved())

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    assert [record.step for record in history.records()] == ["proposed", "testing", "approved"]


def test_of_several_keys_made_at_once_one_counts(tmp_path):
    first, second = Key(tmp_path), Key(tmp_path)
    first.make()
    public = first.public
    second.make()
    assert second.public == public
    assert [each.name for each in tmp_path.iterdir()] == ["history.key"]


@pytest.mark.parametrize("name", ["file", "head_file"])
def test_a_history_that_cannot_be_read_is_said(five, name):
    unreadable = getattr(five, name)
    unreadable.unlink()
    unreadable.mkdir()
    with pytest.raises(InputError, match=f"{re.escape(str(unreadable))} cannot be read"):
        five.improvements()
    with pytest.raises(InputError, match="cannot be read"), five.writing():
        raise AssertionError


def test_a_home_that_cannot_be_written_is_said(tmp_path, monkeypatch):
    (tmp_path / "home").write_bytes(b"")
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "home"))
    with pytest.raises(InputError, match="set WHETSTONE_HOME to a folder that can"), History(tmp_path).writing():
        raise AssertionError
