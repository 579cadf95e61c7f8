"""What is remembered lies outside every project, and is found again."""

from __future__ import annotations

import pytest

from whetstone_server import state
from whetstone_server.errors import InputError


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_looking_up_a_folder_makes_nothing(tmp_path, home):
    state.workspace(tmp_path)
    assert not home.exists()


def test_a_project_is_found_again_through_a_link(tmp_path):
    (tmp_path / "project").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "project")
    assert state.workspace(tmp_path / "link") == state.workspace(tmp_path / "project")


def test_projects_of_the_same_name_have_different_folders(tmp_path):
    one, other = tmp_path / "a" / "shop", tmp_path / "b" / "shop"
    assert state.workspace(one) != state.workspace(other)
    assert state.workspace(one).name.startswith("shop-")


def test_an_opened_folder_says_whose_it_is(tmp_path, home):
    folder = state.opened_workspace(tmp_path)
    assert folder.is_relative_to(home)
    assert (folder / "path").read_text() == f"{tmp_path}\n"


def test_a_home_that_cannot_be_written_says_what_to_set(home, tmp_path):
    home.write_text("a file where the folder should be")
    with pytest.raises(InputError, match="set WHETSTONE_HOME"):
        state.opened_workspace(tmp_path)


def test_without_the_variable_it_is_the_platforms_folder(monkeypatch):
    monkeypatch.delenv("WHETSTONE_HOME")
    assert state.home().name == "whetstone"
