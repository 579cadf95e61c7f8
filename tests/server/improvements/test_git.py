"""Git: which commit carries an improvement, where a file went, commits of our own; and nothing of a repository runs."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.server.improvements.repository import Work
from whetstone_server.errors import InputError
from whetstone_server.improvements.changes import change_between
from whetstone_server.improvements.git import TRAILER, repository_for_commit, repository_of
from whetstone_server.improvements.improvement import improvements_in
from whetstone_server.improvements.record import Actor, Record, Subject

BEFORE = b"def cheapest(prices):\n    return sorted(prices)[0]\n\n\ndef other():\n    return 1\n"
AFTER = BEFORE.replace(b"sorted(prices)[0]", b"min(prices)")
PROOF = Actor("proof", "test")


@pytest.fixture
def work(tmp_path, monkeypatch) -> Work:
    return Work(tmp_path / "shop 😀", "shop.py", BEFORE, monkeypatch)


def improvement(applied_at="2020-01-01T00:00:00.000Z", before=BEFORE, after=AFTER, path="shop.py"):
    """Return an improvement that was applied to the file."""
    subject = Subject("WP102", "sorted-for-one-end", path, "cheapest", 1)
    change = change_between(path, before, after)
    steps = [{"step": "proposed", "subject": subject}, {"step": "testing"}, {"step": "approved"}]
    steps.append({"step": "applied", "changes": (change,)})
    records = [
        Record(
            **each, improvement="a1b2c3", actor=PROOF, number=number, until=number, time=applied_at, previous="", key=""
        )
        for number, each in enumerate(steps, 1)
    ]
    return improvements_in(records)["a1b2c3"]


def commit_in(work, **options):
    return repository_of(work.file).commit_of(improvement(**options), work.root)


# -- which commit ------------------------------------------------------------------------------------------------------


def test_an_improvement_that_is_not_committed_has_no_commit(work):
    work.file.write_bytes(AFTER)
    assert commit_in(work) is None


def test_the_commit_is_found_by_the_text_it_carries(work):
    work.file.write_bytes(AFTER)
    short = work.save("Be quicker")
    work.file.write_bytes(AFTER + b"\n\ndef more():\n    return 2\n")
    work.save("Write more")
    found = commit_in(work)
    assert (found.short, found.author, found.subject, found.branches) == (short, "Ada", "Be quicker", ("main",))
    assert found.current
    assert str(found) == f"{short} of {found.time[:10]} by Ada, on main: Be quicker"


def test_it_is_found_among_other_changes_of_the_same_commit(work):
    work.file.write_bytes(b"import os\n\n" + AFTER.replace(b"return 1", b"return 2"))
    assert commit_in(work) is None
    short = work.save("Change all sorts of things")
    assert commit_in(work).short == short


def test_a_trailer_is_believed_before_any_text(work):
    work.file.write_bytes(AFTER)
    work.save("Be quicker")
    work.file.write_bytes(AFTER + b"# more\n")
    short = work.save(f"Say so\n\n{TRAILER}: a1b2c3")
    work.file.write_bytes(AFTER + b"# more still\n")
    work.save(f"Only speak of {TRAILER}: a1b2c3, without a trailer.\n\nAnd go on.")
    assert commit_in(work).short == short


def test_a_deletion_is_found_where_the_text_is_gone(work):
    after = BEFORE.replace(b"\n\ndef other():\n    return 1\n", b"")
    work.file.write_bytes(after)
    short = work.save("Remove it")
    assert commit_in(work, after=after).short == short


def test_a_commit_on_another_branch_is_told_with_its_branch(work):
    work.git("checkout", "--quiet", "-b", "faster")
    work.file.write_bytes(AFTER)
    short = work.save("Be quicker")
    work.git("checkout", "--quiet", "main")
    found = commit_in(work)
    assert (found.short, found.branches, found.current) == (short, ("faster",), False)
    assert "on faster, which is not checked out" in str(found)


def test_the_branch_that_is_checked_out_comes_first(work):
    work.file.write_bytes(AFTER)
    work.save("Be quicker")
    work.git("branch", "a-branch")
    work.git("checkout", "--quiet", "-b", "z-branch")
    assert commit_in(work).branches == ("z-branch", "a-branch", "main")


def test_a_detached_head_is_fine(work):
    work.file.write_bytes(AFTER)
    short = work.save("Be quicker")
    work.git("checkout", "--quiet", "--detach")
    assert (commit_in(work).short, commit_in(work).current) == (short, True)


@pytest.mark.parametrize(("kept", "wanted"), [(BEFORE, AFTER), (BEFORE.replace(b"\n", b"\r\n"), None)])
def test_line_ends_that_git_converts_do_not_hide_it(work, kept, wanted):
    after = wanted or AFTER.replace(b"\n", b"\r\n")
    work.git("config", "core.autocrlf", "true")
    work.file.write_bytes(AFTER.replace(b"\n", b"\r\n"))
    short = work.save("Be quicker")
    assert commit_in(work, before=kept, after=after).short == short


def test_a_commit_before_it_was_applied_is_not_it(work, monkeypatch):
    work.file.write_bytes(AFTER)
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2019-12-31T23:59:59Z")
    work.save("Be quicker by hand")
    assert commit_in(work) is None


def test_a_file_that_was_renamed_in_the_same_commit_is_followed(work):
    work.file.write_bytes(AFTER)
    work.git("mv", "shop.py", "store.py")
    short = work.save("Be quicker under another name")
    assert commit_in(work).short == short


def test_the_project_may_be_a_folder_of_the_repository(work):
    project = work.root / "lib" / "shop"
    project.mkdir(parents=True)
    (project / "shop.py").write_bytes(BEFORE)
    work.save("Begin a project")
    (project / "shop.py").write_bytes(AFTER)
    short = work.save("Be quicker")
    assert repository_of(project / "shop.py").commit_of(improvement(), project).short == short


def test_a_name_with_letters_that_mean_something_to_git_is_a_name(work):
    name = "shop *[a]é.py"
    (work.root / name).write_bytes(BEFORE)
    work.save("Begin another")
    (work.root / name).write_bytes(AFTER)
    short = work.save("Be quicker")
    assert commit_in(work, path=name).short == short


def test_what_is_stashed_is_in_no_commit(work):
    work.file.write_bytes(AFTER)
    work.git("stash")
    assert commit_in(work) is None


def test_a_message_cannot_steer_the_terminal(work):
    work.file.write_bytes(AFTER)
    work.save("Be \x1b[2Jquicker")
    assert commit_in(work).subject == "Be \ufffd[2Jquicker"


def test_it_is_found_behind_many_commits_of_the_same_file(work):
    for number in range(25):
        work.file.write_bytes(BEFORE + b"# %d\n" % number)
        work.save(f"Note {number}")
    work.git("rm", "--quiet", "shop.py")
    work.save("Remove it for a moment")
    work.file.write_bytes(AFTER)
    short = work.save("Be quicker")
    assert commit_in(work).short == short


def test_a_folder_without_git_has_no_repository(tmp_path):
    assert repository_of(tmp_path / "shop.py") is None
    with pytest.raises(InputError, match="lies in no git repository that git can use: fatal: not a git repository"):
        repository_for_commit(tmp_path / "shop.py")


def test_a_repository_without_commits_answers_no(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    subprocess.run(("git", "init", "--quiet"), cwd=tmp_path, check=True)
    (tmp_path / "shop.py").write_bytes(BEFORE)
    repository = repository_of(tmp_path / "shop.py")
    assert repository.commit_of(improvement(), tmp_path) is None
    assert repository.moved_to(tmp_path / "gone.py") is None


# -- where a file went -------------------------------------------------------------------------------------------------


def test_a_move_that_is_not_committed_yet_is_followed(work):
    work.git("mv", "shop.py", "store.py")
    assert repository_of(work.file).moved_to(work.file) == work.root / "store.py"


def test_moves_are_followed_from_commit_to_commit_and_into_folders(work):
    work.git("mv", "shop.py", "store.py")
    work.save("Move it")
    (work.root / "lib").mkdir()
    work.git("mv", "store.py", "lib/sales.py")
    work.save("Move it again")
    work.git("mv", "lib/sales.py", "lib/market.py")
    assert repository_of(work.file).moved_to(work.file) == work.root / "lib" / "market.py"


def test_a_move_with_changes_is_followed(work):
    work.git("mv", "shop.py", "store.py")
    (work.root / "store.py").write_bytes(BEFORE.replace(b"return 1", b"return 2"))
    work.save("Move and change it")
    assert repository_of(work.file).moved_to(work.file) == work.root / "store.py"


def test_two_files_that_could_be_it_are_none(work):
    text = work.file.read_bytes()
    work.git("rm", "--quiet", "shop.py")
    (work.root / "one.py").write_bytes(text)
    (work.root / "two.py").write_bytes(text)
    work.save("Make two of it")
    assert repository_of(work.file).moved_to(work.file) is None


def test_a_file_that_was_deleted_went_nowhere(work):
    work.git("rm", "--quiet", "shop.py")
    work.save("Remove it")
    assert repository_of(work.file).moved_to(work.file) is None


def test_names_that_went_round_in_a_circle_end(work):
    work.git("mv", "shop.py", "store.py")
    work.save("There")
    work.git("mv", "store.py", "shop.py")
    work.save("And back")
    work.file.unlink()
    assert repository_of(work.file).moved_to(work.file) is None


# -- commits of our own ------------------------------------------------------------------------------------------------


def committed(work, message="Be quicker\n\nWhetstone-Improvement: a1b2c3\n"):
    """Apply the improvement and commit it, as the commands do."""
    repository = repository_for_commit(work.file)
    repository.check_committable({work.file: work.file.read_bytes()})
    work.file.write_bytes(AFTER)
    return repository.commit([work.file], message)


def test_a_commit_holds_the_file_and_the_trailers_and_nothing_else(work):
    (work.root / "other.py").write_text("staged = 1\n")
    work.git("add", "other.py")
    (work.root / "untracked.py").write_text("")
    short = committed(work)
    assert work.git("show", "--name-only", "--format=%h%n%(trailers:only)", "HEAD").split() == [
        short,
        "Whetstone-Improvement:",
        "a1b2c3",
        "shop.py",
    ]
    assert work.git("diff", "--cached", "--name-only") == "other.py"
    assert commit_in(work).short == short


def test_a_commit_on_a_detached_head_is_made(work):
    work.git("checkout", "--quiet", "--detach")
    assert committed(work) == work.git("rev-parse", "--short", "HEAD")


def test_changes_of_the_persons_own_are_not_swept_in(work):
    work.file.write_bytes(BEFORE + b"# mine\n")
    with pytest.raises(InputError, match="has changes of its own; commit or stash them first"):
        committed(work)
    work.git("add", "shop.py")
    with pytest.raises(InputError, match="has changes of its own"):
        committed(work)
    work.file.write_bytes(BEFORE)  # now only what is staged differs
    with pytest.raises(InputError, match="has changes of its own"):
        committed(work)


def test_a_file_that_git_does_not_have_is_refused(work):
    (work.root / "new.py").write_bytes(BEFORE)
    with pytest.raises(InputError, match="is not in the last commit"):
        repository_of(work.file).check_committable({work.root / "new.py": BEFORE})


def test_a_merge_under_way_is_finished_first(work):
    work.git("checkout", "--quiet", "-b", "other")
    work.file.write_bytes(BEFORE.replace(b"return 1", b"return 2"))
    work.save("Two")
    work.git("checkout", "--quiet", "main")
    work.file.write_bytes(BEFORE.replace(b"return 1", b"return 3"))
    work.save("Three")
    with pytest.raises(subprocess.CalledProcessError):
        work.git("merge", "other")
    with pytest.raises(InputError, match="a merge is under way"):
        committed(work)
    work.git("merge", "--abort")
    with pytest.raises(subprocess.CalledProcessError):
        work.git("rebase", "other")
    with pytest.raises(InputError, match="a rebase is under way"):
        committed(work)


def test_somebody_whom_git_does_not_know_is_told_so(work):
    work.git("config", "--unset", "user.email")
    work.git("config", "user.useConfigOnly", "true")
    with pytest.raises(InputError, match="git does not know who you are"):
        committed(work)


def test_a_hook_that_refuses_is_quoted_and_the_file_stays_as_it_was_written(work):
    hook = work.root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'not on a Friday' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(
        InputError, match="was written, but not committed, because git or a hook refused: not on a Friday"
    ):
        committed(work)
    assert work.file.read_bytes() == AFTER
    assert work.git("status", "--porcelain") == "M shop.py"


def test_a_commit_asked_for_inside_of_a_hook_goes_to_the_repository_of_the_file(work, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere" / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "elsewhere" / "index"))
    short = committed(work)
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert work.git("rev-parse", "--short", "HEAD") == short


# -- a hostile repository ----------------------------------------------------------------------------------------------


def test_nothing_that_a_repository_brings_along_runs_while_it_is_read(work, tmp_path):
    witness = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho \"$0 $@\" >> '{witness}'\ncat\n")
    program.chmod(0o755)
    work.file.write_bytes(AFTER)
    work.save("Be quicker")
    work.git("mv", "shop.py", "store.py")
    for name in ("fsmonitor", "pager", "sshCommand", "editor", "askPass"):
        work.git("config", f"core.{name}", str(program))
    work.git("config", "core.hooksPath", str(tmp_path / "hooks"))
    (tmp_path / "hooks").mkdir()
    for name in ("post-index-change", "reference-transaction", "pre-auto-gc", "fsmonitor-watchman"):
        (tmp_path / "hooks" / name).symlink_to(program)
    for name in ("diff.external", "diff.x.textconv", "diff.x.command", "filter.x.clean", "filter.x.smudge"):
        work.git("config", name, str(program))
    for name in ("gpg.program", "alias.log", "pager.log", "interactive.diffFilter", "trailer.x.command"):
        work.git("config", name, str(program))
    work.git("config", "log.showSignature", "true")
    (work.root / ".gitattributes").write_text("*.py diff=x filter=x\n")
    (work.root / ".git" / "info").mkdir(exist_ok=True)
    (work.root / ".git" / "info" / "attributes").write_text("*.py diff=x filter=x\n")
    witness.unlink(missing_ok=True)  # setting it up has run some of it

    repository = repository_of(work.file)
    assert repository.commit_of(improvement(), work.root).subject == "Be quicker"
    assert repository.moved_to(work.file) == work.root / "store.py"
    with pytest.raises(InputError):
        repository.check_committable({work.root / "store.py": AFTER})
    assert not witness.exists()
