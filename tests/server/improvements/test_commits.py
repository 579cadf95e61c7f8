"""Improvements and git together: commits with evidence, files that moved, branches that lack what was applied."""

from __future__ import annotations

import pytest

from tests.server.improvements.proposals import ADA, SOURCE, kept, proof
from tests.server.improvements.repository import Work
from whetstone_server.errors import InputError
from whetstone_server.improvements.apply import apply
from whetstone_server.improvements.commits import Commits, applied_message, rolled_back_message
from whetstone_server.improvements.confidence import confidence
from whetstone_server.improvements.git import repository_of
from whetstone_server.improvements.history import History
from whetstone_server.improvements.improvement import Improvement
from whetstone_server.improvements.rollback import files, roll_back, without
from whetstone_server.sandbox.verdict import Speedup, Verdict, Workload

FASTER = SOURCE.replace(b"sorted(prices)[0]", b"min(prices)")
EVIDENCE = {
    "python": "3.11.7",
    "sandbox": "bubblewrap",
    "threshold": 1.05,
    **Verdict(
        "faster",
        "equal on every input tried,\nand faster",
        Speedup(12.3, 11.8, 12.9),
        Workload(("recorded-calls", "tests"), calls=7, distinct_inputs=40, tests=3),
    ).as_json(),
}


@pytest.fixture
def work(tmp_path, monkeypatch) -> Work:
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "home"))
    return Work(tmp_path / "project", "prices.py", SOURCE, monkeypatch)


@pytest.fixture
def history(work) -> History:
    return History(work.root)


def applied(history, work):
    """Return an improvement that was just applied."""
    (one,) = kept(history, proof(work.file, work.file.read_bytes(), "sorted(prices)[0]", "min(prices)"))
    apply(history, [history.improvement(one.improvement)], ADA)
    return history.improvement(one.improvement)


def improvement(name, function="visitors", path="logs.py"):
    evidence = {**EVIDENCE, **confidence(EVIDENCE).as_evidence()}
    return Improvement(name, "applied", "WP103", "quadratic-deduplication", path, function, 20, evidence, ())


# -- messages ----------------------------------------------------------------------------------------------------------


def test_a_message_says_what_was_done_and_has_the_evidence_as_trailers():
    sure = confidence(EVIDENCE).value
    assert applied_message([improvement("a1b2c3")]) == (
        "Keep what was seen in a set or a dictionary: visitors is 12.3× faster\n"
        "\n"
        "logs.py, visitors: equal on every input tried, and faster.\n"
        "\n"
        "Whetstone-Improvement: a1b2c3\n"
        "Whetstone-Rule: WP103 quadratic-deduplication\n"
        "Whetstone-Speedup: 12.3× (11.8–12.9)\n"
        f"Whetstone-Confidence: {sure:.2f}\n"
        "Whetstone-Python: 3.11.7 in bubblewrap\n"
        "Whetstone-Workload: 40 inputs, 7 recorded calls, 3 tests\n"
    )


def test_several_improvements_are_one_commit_with_a_trailer_for_each():
    message = applied_message([improvement("a1b2c3"), improvement("d4e5f6", "merged", "lib/b.py")])
    assert message.startswith("Make 2 functions faster, as proven, in logs.py and lib/b.py\n\n")
    assert message.count("\nWhetstone-Improvement: ") == 2
    assert len(message.split("\n\n")) == 4  # a line, a paragraph for each, and the trailers


def test_taking_back_says_what_and_why():
    assert rolled_back_message([improvement("a1b2c3")], "slower\nin production") == (
        "Take back the rewrite of visitors (WP103)\n"
        "\n"
        "slower in production\n"
        "\n"
        "Whetstone-Rolled-Back: a1b2c3\n"
        "Whetstone-Rule: WP103 quadratic-deduplication\n"
    )


def test_git_reads_the_trailers(work, history):
    commits = Commits([work.file])
    found = applied(history, work)
    (short,) = commits.make(applied_message([found]))
    assert work.git("show", "-s", "--format=%(trailers:key=Whetstone-Improvement,valueonly)") == found.id
    assert repository_of(work.file).commit_of(found, work.root).short == short


# -- several repositories ----------------------------------------------------------------------------------------------


def test_files_of_two_repositories_are_committed_in_both(work, tmp_path, monkeypatch):
    other = Work(work.root / "nested", "other.py", SOURCE, monkeypatch)
    commits = Commits([work.file, other.file])
    for file in (work.file, other.file):
        file.write_bytes(FASTER)
    made = commits.make("Be quicker\n")
    assert made == [each.git("rev-parse", "--short", "HEAD") for each in (work, other)]


# -- files that moved --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("committed", [True, False])
def test_a_file_that_was_moved_is_rolled_back_where_it_is_now(work, history, committed):
    found = applied(history, work)
    work.save("Be quicker")
    (work.root / "lib").mkdir()
    work.git("mv", "prices.py", "lib/costs.py")
    if committed:
        work.save("Move it")
    moved = work.root / "lib" / "costs.py"
    moved.write_bytes(moved.read_bytes() + b"\n\nRATE = 2\n")
    assert files(history, found) == [moved]
    (done,) = roll_back(history, [found], ADA)
    assert (done.path, done.moved_from, done.merged) == ("lib/costs.py", "prices.py", True)
    assert moved.read_bytes() == SOURCE + b"\n\nRATE = 2\n"
    assert not work.file.exists()
    assert history.improvement(found.id).status == "rolled-back"
    assert history.records()[-1].changes[0].path == "lib/costs.py"


def test_a_file_that_was_deleted_is_said_and_nothing_happens(work, history):
    found = applied(history, work)
    work.save("Be quicker")
    work.git("rm", "--quiet", "prices.py")
    work.save("Remove it")
    with pytest.raises(InputError, match=r"prices\.py cannot be read \(No such file or directory\)"):
        roll_back(history, [found], ADA)
    assert history.improvement(found.id).status == "applied"


def test_line_ends_that_git_turned_are_kept(work, history):
    found = applied(history, work)
    work.git("config", "core.autocrlf", "true")
    work.save("Be quicker")
    work.file.unlink()
    work.git("checkout", "--quiet", "--", "prices.py")
    assert work.file.read_bytes() == FASTER.replace(b"\n", b"\r\n")
    roll_back(history, [found], ADA)
    assert work.file.read_bytes() == SOURCE.replace(b"\n", b"\r\n")


# -- branches ----------------------------------------------------------------------------------------------------------


def test_a_branch_that_lacks_it_is_left_alone_and_the_commit_is_named(work, history):
    work.git("branch", "older")
    found = applied(history, work)
    short = work.save("Be quicker")
    work.git("checkout", "--quiet", "older")
    with pytest.raises(InputError, match=rf"does not have it; check out first what does, commit {short} .* on main"):
        roll_back(history, [found], ADA)
    assert history.improvement(found.id).status == "applied"
    work.git("checkout", "--quiet", "main")
    roll_back(history, [found], ADA)
    assert work.file.read_bytes() == SOURCE


def test_what_was_thrown_away_before_it_was_committed_is_taken_for_put_back(work, history):
    found = applied(history, work)
    work.git("checkout", "--quiet", "--", "prices.py")
    (done,) = roll_back(history, [found], ADA)
    assert done.before == done.after == SOURCE
    assert history.improvement(found.id).status == "rolled-back"


def test_what_a_rollback_would_do_can_be_seen_without_doing_it(work, history):
    found = applied(history, work)
    (would,) = without(history, found)
    assert (would.before, would.after) == (FASTER, SOURCE)
    assert work.file.read_bytes() == FASTER
    assert history.improvement(found.id).status == "applied"
    assert sorted(each.name for each in work.root.iterdir()) == [".git", "prices.py"]
