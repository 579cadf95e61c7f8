"""What was applied comes out again, and nothing else that happened to the file since."""

from __future__ import annotations

import os

import pytest

from tests.server.improvements.proposals import ADA, SOURCE, kept, proof
from whetstone_knowledge.rewriting import Import
from whetstone_server.errors import InputError
from whetstone_server.improvements.apply import apply, plan, write
from whetstone_server.improvements.rollback import ConflictError, roll_back

HEAP = Import("heapq", "nsmallest")


@pytest.fixture
def path(history):
    path = history.root / "prices.py"
    path.write_bytes(SOURCE)
    return path


@pytest.fixture
def both(history, path):
    """The ids of two improvements that were applied together: the later one in the file, then the earlier."""
    high = proof(path, SOURCE, "sorted(prices)[-1]", "max(prices)", low=3.0)
    low = proof(path, SOURCE, "sorted(prices)[0]", "min(prices)")
    proofs = kept(history, high, low)
    write(history, [plan(proofs)], ADA)
    return [each.improvement for each in proofs]


def back(history, *ids, reason=None):
    return roll_back(history, [history.improvement(each) for each in ids], ADA, reason)


def texts(history):
    """Return what the last step did to files."""
    read = history.texts.read
    return [(change.path, read(change.before), read(change.after)) for change in history.records()[-1].changes]


def test_a_file_that_nobody_touched_is_as_it_was_before(history, path, both):
    after = path.read_bytes()
    back(history, *both, reason="slower in production")
    assert path.read_bytes() == SOURCE
    assert after != SOURCE
    assert {each.status for each in history.improvements().values()} == {"rolled-back"}
    record = history.records()[-1]
    assert (record.actor, record.reason) == (ADA, "slower in production")
    assert history.verify() == []


def test_one_of_two_comes_out_and_the_other_stays(history, path, both):
    high, low = both
    (done,) = back(history, high)
    assert path.read_bytes() == SOURCE.replace(b"sorted(prices)[0]", b"min(prices)")
    assert done.merged
    assert texts(history) == [("prices.py", done.before, done.after)]
    back(history, low)
    assert path.read_bytes() == SOURCE


def test_what_was_written_since_stays(history, path, both):
    def edited(text):
        text = text.replace(b"# prices in euro", b"# in dollars").replace(b"\n\n\n", b"\n\nRATE = 2\n\n")
        return b"import this\n" + text

    path.write_bytes(edited(path.read_bytes()))
    back(history, *both)
    assert path.read_bytes() == edited(SOURCE)
    assert history.verify() == []


def test_lines_that_were_changed_again_are_left_and_shown(history, path, both):
    high, low = both
    changed = path.read_bytes().replace(b"min(prices)", b"min(prices, default=0)")
    path.write_bytes(changed)
    with pytest.raises(ConflictError, match=r"what it changed in prices.py was changed again since, at line 3") as told:
        back(history, low, high)
    (conflict,) = told.value.conflicts
    assert (conflict.base, conflict.ours) == (
        (b"    return min(prices)  # low\n",),
        (b"    return min(prices, default=0)  # low\n",),
    )
    assert path.read_bytes() == changed
    assert {each.status for each in history.improvements().values()} == {"applied"}


def test_of_two_in_one_function_the_later_must_come_out_first(history, path):
    (first,) = kept(history, proof(path, SOURCE, "sorted(prices)[0]", "min(prices)"))
    write(history, [plan([first])], ADA)
    (second,) = kept(history, proof(path, path.read_bytes(), "min(prices)", "least(prices)"))
    write(history, [plan([second])], ADA)
    with pytest.raises(ConflictError, match=rf"roll back {second.improvement} first"):
        back(history, first.improvement)
    back(history, first.improvement, second.improvement)
    assert path.read_bytes() == SOURCE


def test_what_was_put_back_by_hand_is_only_written_down(history, path, both):
    path.write_bytes(SOURCE)
    status = path.stat()
    (done,) = back(history, *both)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (SOURCE, status.st_mtime_ns)
    assert done.before == done.after == SOURCE
    assert {each.status for each in history.improvements().values()} == {"rolled-back"}


def test_line_ends_that_git_has_changed_stay(history, path, both):
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    back(history, *both)
    assert path.read_bytes() == SOURCE.replace(b"\n", b"\r\n")


def test_line_ends_that_git_has_changed_back_stay(history, path):
    source = SOURCE.replace(b"\n", b"\r\n")
    path.write_bytes(source)
    (low,) = kept(history, proof(path, source, "sorted(prices)[0]", "min(prices)"))
    write(history, [plan([low])], ADA)
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n") + b"LAST = 1\n")
    back(history, low.improvement)
    assert path.read_bytes() == SOURCE + b"LAST = 1\n"


def test_an_import_that_others_use_by_now_stays(history, path):
    one = proof(path, SOURCE, "sorted(prices)[0]", "nsmallest(1, prices)[0]", HEAP, low=5.0)
    other = proof(path, SOURCE, "sorted(prices)[-1]", "nsmallest(len(prices), prices)[-1]", HEAP)
    proofs = kept(history, one, other)
    write(history, [plan(proofs)], ADA)
    back(history, proofs[0].improvement)
    text = path.read_bytes()
    assert text.startswith(b"from heapq import nsmallest\n")
    assert b"sorted(prices)[0]" in text
    back(history, proofs[1].improvement)
    assert b"sorted(prices)[-1]" in path.read_bytes()


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
@pytest.mark.parametrize("first", [0, 1])
def test_imports_that_came_together_go_one_by_one_in_any_order(history, path, first, newline):
    source = SOURCE.replace(b"\n", newline)
    path.write_bytes(source)
    one = proof(path, source, "sorted(prices)[0]", "nsmallest(1, prices)[0]", HEAP, low=5.0)
    other = proof(path, source, "sorted(prices)[-1]", "deque(sorted(prices))[-1]", Import("collections", "deque"))
    proofs = kept(history, one, other)
    write(history, [plan(proofs)], ADA)
    back(history, proofs[first].improvement)
    assert path.read_bytes() == (other, one)[first].rewrite.text
    back(history, proofs[1 - first].improvement)
    assert path.read_bytes().lstrip() == source  # blank lines that came with the first may stay


def test_an_import_beside_one_that_came_later_stays_where_it_is_used_by_now(history, path):
    one = proof(path, SOURCE, "sorted(prices)[0]", "nsmallest(1, prices)[0]", HEAP, low=5.0)
    other = proof(path, SOURCE, "sorted(prices)[-1]", "deque(sorted(prices))[-1]", Import("collections", "deque"))
    proofs = kept(history, one, other)
    write(history, [plan(proofs)], ADA)
    path.write_bytes(path.read_bytes() + b"LEAST = nsmallest\n")
    back(history, proofs[0].improvement)
    assert path.read_bytes().startswith(b"from collections import deque\nfrom heapq import nsmallest\n")
    assert b"sorted(prices)[0]" in path.read_bytes()


def test_an_import_that_nobody_uses_goes_too(history, path):
    (one,) = kept(history, proof(path, SOURCE, "sorted(prices)[0]", "nsmallest(1, prices)[0]", HEAP))
    write(history, [plan([one])], ADA)
    path.write_bytes(path.read_bytes() + b"LAST = 1\n")
    back(history, one.improvement)
    assert path.read_bytes() == SOURCE + b"LAST = 1\n"


def test_what_would_not_parse_is_not_written(history, path):
    """Each side is right by itself, the lines do not touch, and together they are no Python."""
    source = b"def cheapest(prices):\n    a = 1\n    b = 2\n    c = 3\n    return a\n"
    path.write_bytes(source)
    (one,) = kept(
        history, proof(path, source, "    a = 1\n    b = 2\n    c = 3\n", "    a = (\n    1)\n    b = 2\n    c = 3\n")
    )
    write(history, [plan([one])], ADA)
    changed = path.read_bytes() + b"    return (\n"
    path.write_bytes(changed)
    with pytest.raises(InputError, match="would not parse then"):
        back(history, one.improvement)
    assert path.read_bytes() == changed
    assert history.improvement(one.improvement).status == "applied"


@pytest.mark.parametrize("moved", [True, False])
def test_a_file_that_is_no_longer_there_is_said(history, path, both, moved):
    path.rename(path.with_name("other.py")) if moved else path.unlink()
    with pytest.raises(InputError, match=r"prices.py cannot be read \(No such file or directory\); if it was moved"):
        back(history, *both)
    assert {each.status for each in history.improvements().values()} == {"applied"}


def test_a_file_on_another_branch_without_the_improvement_is_left_alone(history, path, both):
    """What stands there has neither the text after nor anything like it."""
    path.write_bytes(b"def cheapest(goods):\n    return sum(goods)\n")
    with pytest.raises(ConflictError):
        back(history, both[1])
    assert path.read_bytes() == b"def cheapest(goods):\n    return sum(goods)\n"


def test_a_file_in_another_encoding_comes_back_to_the_byte(history, path):
    raw = "# coding: latin-1\n# für später\n".encode("latin-1") + SOURCE
    path.write_bytes(raw)
    (one,) = kept(history, proof(path, raw.decode("latin-1").encode(), "sorted(prices)[0]", "min(prices)"))
    write(history, [plan([one])], ADA)
    path.write_bytes(path.read_bytes() + "# größer\n".encode("latin-1"))
    back(history, one.improvement)
    assert path.read_bytes() == raw + "# größer\n".encode("latin-1")


def test_what_was_not_applied_is_not_rolled_back(history, path):
    (one,) = kept(history, proof(path, SOURCE, "sorted(prices)[0]", "min(prices)"))
    with pytest.raises(InputError, match="is approved, so it cannot be rolled-back"):
        back(history, one.improvement)


def test_several_files_come_back_together_or_not_at_all(history, path):
    paths = [path.with_name(f"{name}.py") for name in "abc"]
    for each in paths:
        each.write_bytes(SOURCE)
    proofs = kept(history, *(proof(each, SOURCE, "sorted(prices)[0]", "min(prices)") for each in paths))
    ids = [each.improvement for each in proofs]
    apply(history, [history.improvement(each) for each in ids], ADA)
    after = paths[0].read_bytes()
    paths[2].write_bytes(after.replace(b"min", b"least"))
    with pytest.raises(ConflictError):
        back(history, *ids)
    assert [each.read_bytes() for each in paths[:2]] == [after, after]
    paths[2].write_bytes(after)
    back(history, *ids)
    assert [each.read_bytes() for each in paths] == [SOURCE] * 3
    assert sorted(history.root.iterdir()) == sorted([path, *paths])


def test_a_read_only_file_stays_as_it_is(history, path, both, monkeypatch):
    real = os.access
    monkeypatch.setattr("os.access", lambda file, mode: mode != os.W_OK and real(file, mode))
    with pytest.raises(InputError, match="read-only"):
        back(history, *both)
    assert history.improvement(both[0]).status == "applied"


def test_either_text_is_enough_to_come_back(history, path, both):
    path.write_bytes(b"FIRST = 1\n" + path.read_bytes())
    change = history.improvement(both[0]).changes[0]
    (history.folder / "texts" / f"{change.after}.zst").unlink()
    back(history, both[0])
    assert path.read_bytes() == b"FIRST = 1\n" + SOURCE.replace(b"sorted(prices)[0]", b"min(prices)")
