"""All of a plan is written, or nothing, and what others wrote meanwhile stays."""

from __future__ import annotations

import os

import pytest

from tests.server.scaffolding.test_plan import planned
from whetstone_server.errors import InputError
from whetstone_server.scaffolding.write import write


def test_new_files_belong_to_everybody_the_umask_lets_in(root):
    write(planned(root).changes)
    mask = os.umask(0)
    os.umask(mask)
    assert (root / "lib" / "ledger" / "store.ex").stat().st_mode & 0o777 == 0o666 & ~mask


def test_the_supervisor_keeps_its_mode_and_nothing_is_left_beside_it(root):
    application = root / "lib" / "ledger" / "application.ex"
    application.chmod(0o640)
    write(planned(root).changes)
    assert application.stat().st_mode & 0o777 == 0o640
    assert {path.name for path in application.parent.iterdir()} == {"application.ex", "store.ex"}


def test_a_supervisor_that_changed_meanwhile_is_left_alone_and_so_is_all_else(root, snapshot):
    changes = planned(root).changes
    (root / "lib" / "ledger" / "application.ex").write_text("# typed meanwhile\n")
    before = snapshot()
    with pytest.raises(InputError, match="changed just now"):
        write(changes)
    assert snapshot() == before
    assert not (root / "test").exists()


def test_a_file_that_somebody_wrote_meanwhile_is_not_overwritten(root, snapshot):
    changes = planned(root).changes
    (root / "test" / "ledger").mkdir(parents=True)
    (root / "test" / "ledger" / "store_test.exs").write_text("# mine\n")
    before = snapshot()
    with pytest.raises(InputError, match="written by somebody else just now"):
        write(changes)
    assert snapshot() == before


def test_a_folder_that_cannot_be_made_leaves_nothing(root, snapshot):
    changes = planned(root).changes
    (root / "test").write_text("a file where the tests should go\n")
    before = snapshot()
    with pytest.raises(InputError, match="so nothing was written"):
        write(changes)
    assert snapshot() == before


def test_a_system_that_fails_at_the_last_step_leaves_nothing(root, snapshot, monkeypatch):
    """The new texts of two files that exist are there already when the second exchange fails."""
    (root / "lib" / "ledger" / "store.ex").touch()
    changes = planned(root).changes
    before = snapshot()
    link, made = os.link, []

    def fail_at_the_last(source, target):
        made.append(target)
        if str(source).endswith("application.ex"):
            raise KeyboardInterrupt
        link(source, target)

    monkeypatch.setattr(os, "link", fail_at_the_last)
    with pytest.raises(KeyboardInterrupt):
        write(changes)
    assert len(made) == 3
    assert snapshot() == before
    assert not (root / "test").exists()
