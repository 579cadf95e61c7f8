"""Settings: from wherever the editor sends them, and never all lost because one makes no sense."""

from __future__ import annotations

import copy

import pytest

from tests.server.features.conversation import FILE, MODERN
from tests.server.features.sources import CHEAPEST


def change(conversation, settings):
    conversation.tell("workspace/didChangeConfiguration", settings=settings)


@pytest.mark.parametrize("settings", [{"whetstone": {"ignore": ["WP105"]}}, {"ignore": ["wp105"]}])
async def test_settings_are_taken_from_our_section_or_without_one(conversation, settings):
    await conversation.begin()
    conversation.open(CHEAPEST)
    assert len(await conversation.squiggles()) == 1
    change(conversation, settings)
    assert await conversation.squiggles() == []
    assert conversation.count("workspace/diagnostic/refresh") == 1


@pytest.mark.parametrize(
    ("select", "found"), [(["WP105"], 1), (["WP1"], 1), (["sorted-for-one-end"], 1), (["WP101"], 0), ([""], 0)]
)
async def test_rules_are_selected_by_codes_their_beginnings_and_names(conversation, select, found):
    await conversation.begin(options={"select": select})
    conversation.open(CHEAPEST)
    assert len(await conversation.squiggles()) == found


async def test_rules_are_left_out_in_some_files(conversation, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.whetstone.per_file_ignores]\n'tests/*' = ['WP105']\n")
    await conversation.begin(folder=tmp_path.as_uri())
    for name, number in (("tests/a.py", 0), ("a.py", 1)):
        uri = conversation.open(CHEAPEST, (tmp_path / name).as_uri())
        assert len(await conversation.squiggles(uri)) == number


async def test_a_setting_that_makes_no_sense_is_said_and_the_others_hold(conversation):
    await conversation.begin(options={"ignore": ["WP105"], "budget": "long", "colour": "blue"})
    conversation.open(CHEAPEST)
    assert await conversation.squiggles() == []
    said = conversation.said_to_the_person()
    assert len(said) == 2
    assert "whetstone.budget must be a number" in said[0]
    assert "whetstone.colour is not a setting" in said[1]


async def test_settings_of_the_clients_own_are_not_complained_about(conversation):
    await conversation.begin(options={"trace": {"server": "off"}})
    assert conversation.said_to_the_person() == []


async def test_a_client_that_hands_out_settings_is_asked_for_them(conversation):
    capabilities = copy.deepcopy(MODERN)
    capabilities["workspace"] |= {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}}
    conversation.settings = [{"ignore": ["WP105"]}]
    await conversation.begin(capabilities)
    conversation.open(CHEAPEST)
    await conversation.until(lambda: conversation.count("workspace/diagnostic/refresh"))
    assert await conversation.squiggles() == []
    conversation.settings = [{"ignore": []}]
    change(conversation, None)
    await conversation.until(lambda: conversation.count("workspace/diagnostic/refresh") == 2)
    assert len(await conversation.squiggles()) == 1
    assert conversation.count("client/registerCapability") == 1


async def test_a_projects_own_settings_hold_until_the_editor_says_otherwise(conversation, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.whetstone]\nignore = ["WP105"]\n')
    await conversation.begin()
    uri = conversation.open(CHEAPEST, uri=(tmp_path / "a.py").as_uri())
    assert await conversation.squiggles(uri) == []
    change(conversation, {"whetstone": {"select": [], "ignore": []}})  # as an editor lists what nobody set
    assert await conversation.squiggles(uri) == []
    change(conversation, {"whetstone": {"ignore": ["WP101"]}})
    assert len(await conversation.squiggles(uri)) == 1


async def test_a_projects_changed_settings_are_read_again(conversation, tmp_path):
    settings = tmp_path / "pyproject.toml"
    settings.write_text("[tool.whetstone]\nignore = []\n")
    await conversation.begin()
    uri = conversation.open(CHEAPEST, uri=(tmp_path / "a.py").as_uri())
    assert len(await conversation.squiggles(uri)) == 1
    settings.write_text('[tool.whetstone]\nignore = ["WP105"]\n')
    conversation.tell("workspace/didChangeWatchedFiles", changes=[{"uri": settings.as_uri(), "type": 2}])
    assert conversation.count("workspace/diagnostic/refresh") == 1
    assert await conversation.squiggles(uri) == []


async def test_a_projects_settings_that_make_no_sense_are_said_once(conversation, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.whetstone]\ncolour = 'blue'\n")
    await conversation.begin()
    uri = conversation.open(CHEAPEST, uri=(tmp_path / "a.py").as_uri())
    for _ in range(2):
        assert len(await conversation.squiggles(uri)) == 1
    (said,) = conversation.said_to_the_person()
    assert "tool.whetstone.colour is not a setting" in said


async def test_folders_come_and_go(conversation, tmp_path):
    await conversation.begin()
    folder = {"uri": tmp_path.as_uri(), "name": "project"}
    inside = tmp_path / "src" / "a.py"
    session = conversation.server.session
    assert session.root_of(inside) != tmp_path
    conversation.tell("workspace/didChangeWorkspaceFolders", event={"added": [folder], "removed": []})
    assert session.root_of(inside) == tmp_path / "src" or session.root_of(inside) == tmp_path
    conversation.tell("workspace/didChangeWorkspaceFolders", event={"added": [], "removed": [folder]})
    assert session.folders == []
    assert session.file(FILE) is None
