"""A proven rewrite reaches its file whole or not at all, only over the text it was proven for, and with a way back."""

from __future__ import annotations

import base64
import json
import os
import threading
from dataclasses import replace

import pytest

from tests.server.improvements.proposals import ADA, ASSUMES, SOURCE, kept, proof
from whetstone_knowledge.rewriting import Import
from whetstone_server.errors import InputError
from whetstone_server.improvements.apply import apply, combined, plan, write
from whetstone_server.improvements.changes import made, undone
from whetstone_server.improvements.decisions import approve
from whetstone_server.improvements.history import History
from whetstone_server.sandbox.verdict import Verdict


def written(history, *proofs, **options):
    """Write proofs about one file, and return what was planned for it."""
    planned = plan(proofs)
    write(history, [planned], ADA, **options)
    return planned


def steps(history):
    """Return what was applied, with the texts before and after."""
    found = []
    for record in history.records():
        for change in record.changes:
            before, after = history.texts.read(change.before), history.texts.read(change.after)
            assert (made(change, before), undone(change, after)) == (after, before)
            found.append((record.improvement, before, after))
    return found


@pytest.fixture
def path(history):
    path = history.root / "prices.py"
    path.write_bytes(SOURCE)
    return path


@pytest.fixture
def low(history, path):
    return kept(history, proof(path, SOURCE, "sorted(prices)[0]", "min(prices)"))[0]


@pytest.fixture
def high(history, path):
    return kept(history, proof(path, SOURCE, "sorted(prices)[-1]", "max(prices)", low=3.0))[0]


def test_what_was_not_proven_faster_is_never_written(path, low):
    slower = replace(low, verdict=Verdict("slower", "it is slower"))
    with pytest.raises(AssertionError):
        plan([slower])
    assert path.read_bytes() == SOURCE


def test_what_has_no_way_back_is_never_written(path, low):
    with pytest.raises(InputError, match=r"was left alone: there would be no way back.*set WHETSTONE_HOME"):
        plan([replace(low, improvement=None)])
    assert path.read_bytes() == SOURCE


def test_what_waits_for_a_person_is_not_written_before_somebody_approves(history, path, low):
    careful = replace(low, verdict=replace(low.verdict, assumptions=(ASSUMES,)))
    other = proof(path, SOURCE, "sorted(prices)[0]", "least(prices)")
    (waiting,) = kept(history, replace(other, verdict=careful.verdict))
    with pytest.raises(InputError, match=r"is testing, so it cannot be applied; .* whetstone improvements approve"):
        written(history, waiting)
    assert path.read_bytes() == SOURCE
    approve(history, [waiting.improvement], ADA, "never called so")
    written(history, waiting)
    assert b"least(prices)" in path.read_bytes()
    assert [record.reason for record in history.improvement(waiting.improvement).records] == [
        None,
        None,
        "never called so",
        None,
    ]


def test_with_assent_what_waits_for_a_person_is_approved_by_them(history, path, low):
    other = proof(path, SOURCE, "sorted(prices)[0]", "least(prices)")
    (waiting,) = kept(history, replace(other, verdict=replace(low.verdict, assumptions=(ASSUMES,))))
    written(history, waiting, assent=True)
    approved = history.improvement(waiting.improvement).records[2]
    assert (approved.step, approved.actor) == ("approved", ADA)
    assert approved.reason == "assumes no call like cheapest(iter([]))"


def test_a_file_that_has_changed_is_left_alone(history, path, low):
    path.write_bytes(SOURCE + b"\n")
    with pytest.raises(InputError, match="has changed since its rewrite was proven, so it was left alone; prove it"):
        written(history, low)
    assert path.read_bytes() == SOURCE + b"\n"
    assert steps(history) == []


def test_line_ends_that_git_has_changed_are_said(history, path, low):
    path.write_bytes(SOURCE.replace(b"\n", b"\r\n"))
    with pytest.raises(InputError, match=r"has other line ends than .* \(git's core.autocrlf may do that\).*prove it"):
        written(history, low)
    assert steps(history) == []


@pytest.mark.parametrize("gone", ["deleted", "a folder"])
def test_a_file_that_went_away_is_not_made_again(history, path, low, gone):
    path.unlink()
    if gone == "a folder":
        path.mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        written(history, low)
    assert not path.is_file()


def test_a_file_written_to_after_it_was_planned_is_left_alone(history, path, low):
    planned = plan([low])
    path.write_bytes(SOURCE + b"\n")
    with pytest.raises(InputError, match="changed just now"):
        write(history, [planned], ADA)
    assert path.read_bytes() == SOURCE + b"\n"
    assert steps(history) == []


@pytest.mark.parametrize("call", ["chmod", "link"])
def test_what_somebody_writes_while_the_file_is_replaced_is_kept(history, path, low, call, monkeypatch):
    """The first call comes before the file is looked at for the last time, the second after that."""
    real = getattr(os, call)

    def meddling(*arguments, **options):
        real(*arguments, **options)
        with path.open("ab") as file:
            file.write(b"# by hand\n")

    monkeypatch.setattr(os, call, meddling)
    with pytest.raises(InputError, match="changed just now"):
        written(history, low)
    assert path.read_bytes() == SOURCE + b"# by hand\n"
    assert steps(history) == []
    assert list(path.parent.iterdir()) == [path]


def test_a_disk_that_is_full_for_the_way_back_leaves_the_file_alone(history, path, low, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("whetstone_server.improvements.texts.put", full)
    with pytest.raises(InputError, match=r"there would be no way back, so nothing was applied.*No space left"):
        written(history, low)
    assert path.read_bytes() == SOURCE
    assert list(path.parent.iterdir()) == [path]


def test_one_rewrite_is_written_and_kept(history, path, low):
    planned = written(history, low)
    assert (planned.taken, planned.held) == ((low,), ())
    after = SOURCE.replace(b"sorted(prices)[0]", b"min(prices)")
    assert path.read_bytes() == after
    assert steps(history) == [(low.improvement, SOURCE, after)]
    assert list(path.parent.iterdir()) == [path]
    improvement = history.improvement(low.improvement)
    assert (improvement.status, improvement.records[-1].actor, improvement.paths) == ("applied", ADA, ("prices.py",))


def test_two_functions_are_written_together_each_with_its_own_way_back(history, path, low, high):
    planned = written(history, low, high)
    assert (planned.taken, planned.held) == ((high, low), ())
    between = SOURCE.replace(b"sorted(prices)[-1]", b"max(prices)")
    after = between.replace(b"sorted(prices)[0]", b"min(prices)")
    assert path.read_bytes() == after
    assert steps(history) == [(high.improvement, SOURCE, between), (low.improvement, between, after)]


def test_several_files_are_written_together(history, path):
    paths = [path.with_name(f"{name}.py") for name in "abc"]
    for each in paths:
        each.write_bytes(SOURCE)
    proofs = kept(history, *(proof(each, SOURCE, "sorted(prices)[0]", "min(prices)") for each in paths))
    write(history, [plan([each]) for each in proofs], ADA)
    assert all(b"min(prices)" in each.read_bytes() for each in paths)
    assert len({record.writing for record in history.records() if record.step == "applied"}) == 1


def test_of_several_files_none_is_written_when_one_cannot_be(history, path):
    paths = [path.with_name(f"{name}.py") for name in "abc"]
    for each in paths:
        each.write_bytes(SOURCE)
    proofs = kept(history, *(proof(each, SOURCE, "sorted(prices)[0]", "min(prices)") for each in paths))
    plans = [plan([each]) for each in proofs]
    paths[2].write_bytes(b"else")
    with pytest.raises(InputError, match=r"c\.py changed just now"):
        write(history, plans, ADA)
    assert [each.read_bytes() for each in paths] == [SOURCE, SOURCE, b"else"]
    assert {each.status for each in history.improvements().values()} == {"approved"}


def test_improvements_are_applied_by_their_ids(history, path, low, high):
    apply(history, [history.improvement(each.improvement) for each in (low, high)], ADA, "tried in staging")
    assert b"max(prices)" in path.read_bytes()
    assert b"min(prices)" in path.read_bytes()
    assert [record.reason for record in history.records() if record.step == "applied"] == ["tried in staging"] * 2


def test_improvements_of_one_function_are_not_applied_together(history, path, low):
    (better,) = kept(history, proof(path, SOURCE, "sorted(prices)[0]", "least(prices)", low=5.0))
    with pytest.raises(InputError, match=r"change the same lines of .*prices.py, so neither was applied"):
        apply(history, [history.improvement(each.improvement) for each in (low, better)], ADA)
    assert path.read_bytes() == SOURCE


def test_a_new_proof_of_what_was_applied_or_rolled_back_is_a_new_proposal(history, path, low):
    written(history, low)
    path.write_bytes(SOURCE)  # as git checkout does
    (again,) = kept(history, proof(path, SOURCE, "sorted(prices)[0]", "min(prices)"))
    assert again.improvement != low.improvement
    assert history.improvement(again.improvement).status == "approved"


def test_a_new_proof_that_says_the_same_is_about_the_same_improvement(history, path, low):
    records = history.records()
    (again,) = kept(history, proof(path, SOURCE, "sorted(prices)[0]", "min(prices)"))
    assert again.improvement == low.improvement
    assert history.records() == records


def test_a_new_proof_that_says_no_leaves_what_was_decided_and_is_rejected_itself(history, path, low):
    slower = replace(low, verdict=Verdict("slower", "it takes longer"))
    (again,) = kept(history, slower)
    assert history.improvement(again.improvement).status == "rejected"
    assert history.improvement(low.improvement).status == "approved"


@pytest.mark.parametrize("assumes", [True, False])
def test_what_a_later_proof_did_not_confirm_is_not_applied(history, path, low, assumes):
    verdict = replace(low.verdict, assumptions=(ASSUMES,)) if assumes else Verdict("slower", "it takes longer")
    (again,) = kept(history, replace(low, verdict=verdict))
    with pytest.raises(InputError, match=rf"was proven again since, as {again.improvement}, which is (test|reject)"):
        apply(history, [history.improvement(low.improvement)], ADA)
    assert path.read_bytes() == SOURCE


@pytest.mark.parametrize("part", ["new", "edits", "speedup"])
def test_half_a_proof_is_not_applied(history, low, part):
    file = history.folder.parent / "improvements" / f"{low.improvement}.json"
    kept_proof = json.loads(file.read_text())
    del kept_proof[part]
    file.write_text(json.dumps(kept_proof))
    with pytest.raises(InputError, match="is not a whole one; prove it again"):
        apply(history, [history.improvement(low.improvement)], ADA)


@pytest.mark.parametrize("part", ["new", "old", "edits"])
def test_a_proof_that_was_altered_on_disk_is_not_applied(history, path, low, part):
    file = history.folder.parent / "improvements" / f"{low.improvement}.json"
    kept_proof = json.loads(file.read_text())
    evil = SOURCE.replace(b"sorted(prices)[0]", b"evil(prices)")
    kept_proof[part] = [[0, 0, "import evil\n"]] if part == "edits" else base64.b64encode(evil).decode()
    file.write_text(json.dumps(kept_proof))
    with pytest.raises(InputError, match="was altered, so it was not applied; prove it again"):
        apply(history, [history.improvement(low.improvement)], ADA)
    assert path.read_bytes() == SOURCE


def test_of_two_rewrites_of_one_function_the_surest_is_written(history, path, low):
    (better,) = kept(history, proof(path, SOURCE, "sorted(prices)[0]", "least(prices)", low=5.0))
    planned = written(history, low, better)
    assert (planned.taken, planned.held) == ((better,), (low,))
    assert b"least(prices)" in path.read_bytes()


def test_import_lines_are_written_once_and_in_order(history, path):
    heap, order = Import("heapq", "nsmallest"), Import("collections", "Counter")
    one = proof(path, SOURCE, "sorted(prices)[0]", "nsmallest(1, prices)[0]", heap)
    other = proof(path, SOURCE, "sorted(prices)[-1]", "Counter(nsmallest(1, prices))", heap, order)
    written(history, *kept(history, one, other))
    assert path.read_text().startswith(
        "from collections import Counter\nfrom heapq import nsmallest\n\n\n# prices in euro\n"
    )


def test_imports_that_want_the_same_name_are_not_written_together(history, path):
    one = proof(path, SOURCE, "sorted(prices)[0]", "a", Import("collections", "deque"))
    other = proof(path, SOURCE, "sorted(prices)[-1]", "b", Import("elsewhere", "deque"))
    planned = plan([one, other])
    assert (planned.taken, planned.held) == ((one,), (other,))


def test_rewrites_that_do_not_parse_together_are_refused(path, low, high):
    broken = proof(path, SOURCE, "sorted(prices)[-1]", "max(prices")
    with pytest.raises(ValueError, match="do not parse"):
        combined(SOURCE, [low.rewrite, broken.rewrite])


@pytest.mark.parametrize("source", [b"\xef\xbb\xbf" + SOURCE, SOURCE.replace(b"\n", b"\r\n"), SOURCE.rstrip(b"\n")])
def test_byte_order_marks_and_line_ends_stay(history, path, source):
    path.write_bytes(source)
    heap = Import("heapq", "nsmallest")
    one = proof(path, source, "sorted(prices)[0]", "nsmallest(1, prices)[0]", heap)
    other = proof(path, source, "sorted(prices)[-1]", "max(prices)", Import("bisect"))
    written(history, *kept(history, one, other))
    newline = b"\r\n" if b"\r\n" in source else b"\n"
    lines = newline.join([b"from heapq import nsmallest", b"import bisect", b"", b"", b""])
    expected = source.replace(b"sorted(prices)[0]", b"nsmallest(1, prices)[0]")
    expected = expected.replace(b"sorted(prices)[-1]", b"max(prices)").replace(b"# prices", lines + b"# prices")
    assert path.read_bytes() == expected


def test_an_encoding_that_the_file_declares_stays(history, path):
    raw = "# coding: latin-1\n# für später\n".encode("latin-1") + SOURCE
    path.write_bytes(raw)
    source = raw.decode("latin-1").encode()
    written(history, *kept(history, proof(path, source, "sorted(prices)[0]", "min(prices)")))
    assert path.read_bytes() == raw.replace(b"sorted(prices)[0]", b"min(prices)")
    assert len(steps(history)) == 1


def test_a_link_stays_a_link_and_the_mode_stays(history, path):
    path.chmod(0o751)
    link = path.with_name("link.py")
    link.symlink_to(path.name)
    written(history, *kept(history, proof(link, SOURCE, "sorted(prices)[0]", "min(prices)")))
    assert link.is_symlink()
    assert b"min(prices)" in path.read_bytes()
    assert path.stat().st_mode & 0o7777 == 0o751
    assert history.records()[-1].changes[0].path == "prices.py"


def test_a_read_only_file_is_left_alone(history, path, low, monkeypatch):
    real = os.access  # root, who runs the tests in CI, may write everything
    monkeypatch.setattr("os.access", lambda file, mode: mode != os.W_OK and real(file, mode))
    with pytest.raises(InputError, match="read-only"):
        written(history, low)
    assert path.read_bytes() == SOURCE


@pytest.mark.parametrize("call", ["open", "write", "fsync", "replace", "link", "unlink", "chmod"])
@pytest.mark.parametrize("times", [1, 1000])
def test_a_system_that_refuses_anything_at_any_time_leaves_all_or_nothing(history, path, call, times, monkeypatch):
    """Every call in turn fails as on a full disk, once or from then on until the application has given up."""
    paths = [path.with_name(f"{name}.py") for name in "ab"]
    real = getattr(os, call)
    for turn in range(200):
        for each in paths:
            each.write_bytes(SOURCE)
        proofs = kept(history, *(proof(each, SOURCE, "sorted(prices)[0]", "min(prices)") for each in paths))
        plans, left = [plan([each]) for each in proofs], [turn]

        def refusing(*arguments, left=left, **options):
            left[0] -= 1
            if -times <= left[0] < 0:
                raise OSError(28, "No space left on device")
            return real(*arguments, **options)

        monkeypatch.setattr(os, call, refusing)
        try:
            write(history, plans, ADA)
            done = True
        except InputError as error:
            assert "No space left" in str(error) or "cannot be read" in str(error)  # noqa: PT017 -- there may be none
            done = False
        monkeypatch.undo()
        monkeypatch.setenv("WHETSTONE_HOME", str(history.root.parent / "home"))
        history.recover()
        texts = {each.read_bytes() for each in paths}
        assert texts == {proofs[0].rewrite.text if done else SOURCE}, turn
        standing = {history.improvement(each.improvement).status for each in proofs}
        assert standing == {"applied" if done else "approved"}, turn
        assert history.verify() == []
        assert sorted(history.root.iterdir()) == sorted([path, *paths])
        if left[0] >= 0:
            break
    else:
        raise AssertionError("it never came to an end")


def test_two_who_apply_at_once_do_so_one_after_the_other(history, path, low, high):
    """Both were proven for one text: the second is told that it is no longer there."""
    plans = [plan([low]), plan([high])]
    said = []

    def run(planned):
        try:
            write(History(history.root), [planned], ADA)
        except InputError as error:
            said.append(str(error))

    threads = [threading.Thread(target=run, args=(each,)) for each in plans]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(said) == 1
    assert "changed just now" in said[0]
    assert sorted(each.status for each in history.improvements().values()) == ["applied", "approved"]
    assert path.read_bytes().count(b"sorted") == 1


def test_nothing_is_written_over_a_history_that_was_altered(history, path, low):
    history.file.write_bytes(history.file.read_bytes()[:-300])
    with pytest.raises(InputError, match="whetstone improvements verify"):
        written(history, low)
    assert path.read_bytes() == SOURCE


def test_an_intent_that_is_not_ours_is_not_followed(history, path, low):
    history.intent_file.write_bytes(b'{"writing":"x","targets":[],"signature":"AAAA"}')
    with pytest.raises(InputError, match="was not written by Whetstone"):
        history.recover()
    assert history.intent_file.exists()
