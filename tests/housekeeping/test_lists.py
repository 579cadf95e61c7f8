"""Lists that are kept by hand leave nothing out."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from tests.housekeeping import planned
from whetstone_codegen.templates import named
from whetstone_knowledge.rules import BY_CODE, RULES, elixir, elixir_rules, python

FOLDERS = {"WP": Path(python.__file__).parent}
FOLDERS |= {
    f"WE{number}": Path(elixir.__file__).parent / name
    for number, name in ((1, "processes"), (2, "data"), (3, "design"))
}


def _folder(rule) -> Path:
    return next(folder for begin, folder in FOLDERS.items() if rule.code.startswith(begin))


@pytest.mark.parametrize("begin", FOLDERS)
def test_every_file_of_rules_is_in_the_list(begin) -> None:
    files = {path.stem for path in FOLDERS[begin].glob("*.py")} - {"__init__"}
    listed = {Path(inspect.getfile(type(rule))).stem for rule in RULES if rule.code.startswith(begin)}
    assert files == listed


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_file_is_named_for_its_rule(rule) -> None:
    path = Path(inspect.getfile(type(rule)))
    assert path.stem == rule.name.replace("-", "_")
    assert path.parent == _folder(rule)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_file_opens_with_its_code(rule) -> None:
    module = inspect.getmodule(type(rule))
    assert module is not None
    assert (module.__doc__ or "").startswith(f"{rule.code}: ")


def test_templates_that_rules_offer_are_written() -> None:
    offered = {rule.template for rule in elixir_rules() if rule.template}
    assert {name for name in offered if named("elixir", name) is None} <= set(planned.TEMPLATES)


def test_rules_stand_in_the_order_of_their_codes() -> None:
    codes = [rule.code for rule in RULES]
    assert codes == sorted(set(codes), key=lambda code: (code[:2] != "WP", code))
    assert all(re.fullmatch(r"W[PE]\d{3}", code) for code in codes)
    assert list(BY_CODE) == codes
