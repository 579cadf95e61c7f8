"""Two sets of changes to one text come together, or are shown to be at odds: as `git merge-file` does it."""

from __future__ import annotations

import subprocess

from hypothesis import given, settings
from hypothesis import strategies as st

from whetstone_server.improvements.merge import Conflict, merge

LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n", b"d\n", b"\n", b"    return\n"]), max_size=12).map(b"".join)


@st.composite
def edited(draw):
    """Return a text of lines that differ, and two edits of it."""
    base = [b"line %d\n" % number for number in range(draw(st.integers(0, 14)))]

    def edit():
        lines = list(base)
        for _ in range(draw(st.integers(0, 3))):
            at = draw(st.integers(0, len(lines)))
            end = draw(st.integers(at, min(len(lines), at + 3)))
            lines[at:end] = draw(st.lists(st.sampled_from([b"one\n", b"two\n", b"three\n"]), max_size=2))
        return b"".join(lines)

    return b"".join(base), edit(), edit()


def git(folder, base, ours, theirs):
    """Return what git makes of a merge, or `None` where it says that there are conflicts."""
    for name, text in (("base", base), ("ours", ours), ("theirs", theirs)):
        (folder / name).write_bytes(text)
    run = subprocess.run(
        ["git", "merge-file", "-p", "--diff3", "ours", "base", "theirs"], cwd=folder, capture_output=True, check=False
    )
    return run.stdout if run.returncode == 0 else None


@given(LINES, LINES)
def test_a_side_that_changed_nothing_takes_the_other(base, other):
    assert merge(base, base, other) == (other, ())
    assert merge(base, other, base) == (other, ())


@given(LINES, LINES)
def test_both_sides_may_make_the_same_change(base, other):
    assert merge(base, other, other) == (other, ())


@given(LINES, LINES, LINES)
def test_sides_are_equals_and_what_is_at_odds_stays_ours(base, ours, theirs):
    merged, other = merge(base, ours, theirs), merge(base, theirs, ours)
    assert bool(merged.conflicts) == bool(other.conflicts)
    if not merged.conflicts:
        assert merged.text == other.text
    for conflict in merged.conflicts:
        assert conflict.ours != conflict.theirs
        lines = ours.splitlines(keepends=True)
        assert tuple(lines[conflict.line - 1 :][: len(conflict.ours)]) == conflict.ours


def test_what_git_merges_is_merged_to_the_same_text(tmp_path):
    """And what git does not merge is not merged here."""
    clean = []

    @settings(max_examples=300, deadline=None, database=None)
    @given(edited())
    def compare(texts):
        theirs = git(tmp_path, *texts)
        ours = merge(*texts)
        assert (ours.text if not ours.conflicts else None) == theirs
        clean.append(theirs is not None)

    compare()
    assert 30 < sum(clean) < len(clean)


def test_a_conflict_shows_all_three():
    base, ours, theirs = b"one\ntwo\nthree\n", b"zero\none\nTWO\nthree\n", b"one\n2\nthree\n"
    assert merge(base, ours, theirs) == (ours, (Conflict(3, (b"TWO\n",), (b"two\n",), (b"2\n",)),))


def test_changes_side_by_side_are_at_odds():
    """As in git: with no line between them nobody knows whether they belong together."""
    assert merge(b"a\nb\n", b"A\nb\n", b"a\nB\n").conflicts
