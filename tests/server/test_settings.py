"""Every setting has a default, a sentence and a place it may be set; what makes no sense is turned down by name."""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone_server.errors import InputError
from whetstone_server.settings import Settings, overridden, read_settings

if TYPE_CHECKING:
    from pathlib import Path

TRIED = {
    "select": ["WP101"],
    "ignore": ["WP2"],
    "per_file_ignores": {"tests/*": ["WP1"]},
    "jobs": 3,
    "python": ".venv/bin/python",
    "sandbox": "bubblewrap",
    "workload": "pytest -q",
    "budget": 2.5,
    "threshold": 1.2,
    "retention_days": 7,
    "keep_text": True,
    "self_tuning": False,
    "metrics_port": 9464,
    "inlay_hints": False,
    "auto_apply": True,
    "auto_apply_confidence": 0.9,
    "auto_apply_gain": 0.5,
    "trusted": True,
}
WRONG = {
    "select": "WP101",
    "ignore": [1],
    "per_file_ignores": {"tests/*": "WP1"},
    "jobs": 1.5,
    "python": 3.11,
    "sandbox": "chroot",
    "workload": ["pytest"],
    "budget": "long",
    "threshold": True,
    "retention_days": "a week",
    "keep_text": 1,
    "self_tuning": "off",
    "metrics_port": "9464",
    "inlay_hints": "at the end",
    "auto_apply": "yes",
    "auto_apply_confidence": "very",
    "auto_apply_gain": True,
    "trusted": "yes",
}


def project(folder: Path, table: str) -> Path:
    (folder / "pyproject.toml").write_text(f"[tool.whetstone]\n{table}\n")
    return folder


def test_every_setting_is_tried_here_and_says_what_it_does():
    names = {setting.name for setting in dataclasses.fields(Settings)}
    assert names == set(TRIED) == set(WRONG)
    for setting in dataclasses.fields(Settings):
        assert setting.metadata["sentence"].endswith(".")


@pytest.mark.parametrize("name", TRIED)
def test_the_editor_can_set_it(name):
    settings = overridden(Settings(), {name: TRIED[name]})
    expected = tuple(TRIED[name]) if isinstance(TRIED[name], list) else TRIED[name]
    if isinstance(expected, dict):
        expected = tuple((pattern, tuple(words)) for pattern, words in expected.items())
    assert getattr(settings, name) == expected != getattr(Settings(), name)
    assert overridden(Settings(), {name: getattr(settings, name)}) == settings


@pytest.mark.parametrize("name", WRONG)
def test_a_value_of_the_wrong_kind_is_turned_down_by_name(name):
    with pytest.raises(InputError, match=rf"^whetstone\.{name}\S* must be .*, not"):
        overridden(Settings(), {name: WRONG[name]})


def test_camel_case_is_understood_because_editors_write_it():
    with pytest.raises(InputError, match=r"whetstone\.sandBox is not a setting; did you mean sandbox"):
        overridden(Settings(), {"sandBox": "auto"})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"jobs": -1}, "jobs must be 0 or more"),
        ({"budget": 0}, "budget must be above 0"),
        ({"budget": float("nan")}, "budget must be above 0"),
        ({"budget": float("inf")}, "budget must be above 0"),
        ({"budget": 10**400}, "budget must be above 0"),
        ({"threshold": 1.0}, "threshold must be above 1"),
        ({"retention_days": 0}, "retention_days must be 1 or more"),
    ],
)
def test_a_number_no_run_could_be_made_with_is_turned_down(values, message):
    with pytest.raises(InputError, match=message):
        overridden(Settings(), values)


def test_an_unknown_key_names_the_nearest(tmp_path):
    with pytest.raises(InputError, match=r"tool\.whetstone\.treshold is not a setting; did you mean threshold\?"):
        read_settings(project(tmp_path, "treshold = 1.1"))


def test_patterns_with_rules_are_a_table(tmp_path):
    of_project = read_settings(project(tmp_path, "per_file_ignores = {'tests/*' = ['WP1', 'copy-loop']}"))
    assert of_project.per_file_ignores == (("tests/*", ("WP1", "copy-loop")),)
    with pytest.raises(InputError, match=r"per_file_ignores must be a table"):
        overridden(Settings(), {"per_file_ignores": ["tests/*"]})


def test_a_project_cannot_declare_itself_trusted(tmp_path):
    with pytest.raises(InputError, match=r"tool\.whetstone\.trusted can only be set in the editor"):
        read_settings(project(tmp_path, "trusted = true"))


def test_the_project_is_read_and_overridden_in_order(tmp_path):
    of_project = read_settings(project(tmp_path, 'budget = 3\nworkload = "tox"'))
    assert (of_project.budget, of_project.workload) == (3.0, "tox")
    assert isinstance(of_project.budget, float)
    assert overridden(of_project, {"budget": 4}) == dataclasses.replace(of_project, budget=4.0)


@pytest.mark.parametrize("text", ["", "[tool.ruff]\nx = 1\n", 'name = "whetstone"\n', "tool = 1 # whetstone\n"])
def test_a_project_without_settings_of_ours_has_the_defaults(tmp_path, text):
    (tmp_path / "pyproject.toml").write_text(text)
    assert read_settings(tmp_path) == Settings()


def test_no_project_file_means_the_defaults(tmp_path):
    assert read_settings(tmp_path) == Settings()


@pytest.mark.parametrize(
    "text", [b"[tool.whetstone\n", b"[tool.whetstone]\nselect = '\xff'\n", b"[tool]\nwhetstone = 3\n"]
)
def test_a_broken_project_file_is_named(tmp_path, text):
    (tmp_path / "pyproject.toml").write_bytes(text)
    with pytest.raises(InputError, match=r"pyproject\.toml"):
        read_settings(tmp_path)


@given(
    st.dictionaries(
        st.text() | st.sampled_from(sorted(TRIED)),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text()),
    )
)
def test_any_values_give_settings_or_a_message(values):
    """Whatever an editor sends, the answer is settings or one sentence about one key."""
    with suppress(InputError):
        assert isinstance(overridden(Settings(), values), Settings)
