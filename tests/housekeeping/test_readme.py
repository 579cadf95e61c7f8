"""What the README and CONTRIBUTING tell people to type really is there to be typed."""

from __future__ import annotations

import dataclasses
import re
import shlex
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.in_readme import configuration
from whetstone_codegen import rewritten
from whetstone_knowledge.rules import BY_CODE
from whetstone_knowledge.syntax import find
from whetstone_server import cli
from whetstone_server.settings import Settings

if TYPE_CHECKING:
    from whetstone_knowledge.rule import PythonRule

ROOT = Path(__file__).parents[2]
PAGES = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md")}
TEXT = "\n".join(PAGES.values())
TYPED = sorted(set(re.findall(r"(?:^\$? ?|`)(whetstone(?:-ls)? [a-z][^`\n]*)", TEXT, re.MULTILINE)))
LINKS = [(page, link) for page, text in PAGES.items() for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text)]


def test_there_are_commands_to_look_at() -> None:
    assert len(TYPED) > 5


@pytest.mark.parametrize("line", TYPED)
def test_command_is_understood(line, capsys) -> None:
    """Adding `--help` makes a command say what it knows, and nothing else."""
    _, command, *words = shlex.split(line, comments=True)
    deed = words[:1] if command in {"events", "improvements", "knowledge", "metrics"} else []
    assert cli.main([command, *deed, "--help"]) == 0
    known = capsys.readouterr().out
    for option in (word for word in words if word.startswith("--")):
        assert re.search(rf"{option}\b", known), f"{command} knows no {option}"


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:\$ |`)make ([a-z]+)", TEXT))))
def test_make_knows(target) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_link_leads_somewhere(page, link) -> None:
    assert link.startswith("https://") or (ROOT / link).exists(), f"{page} links to {link}"


def test_rules_that_are_named_exist() -> None:
    assert set(re.findall(r"\bWP\d{3}\b", PAGES["README.md"])) <= set(BY_CODE)


def test_table_of_settings_is_current() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(.*)` \| (.*) \|$", PAGES["README.md"], re.MULTILINE)
    fields = dataclasses.fields(Settings)
    assert rows == [
        (field.name, _as_written(field.default, field.type), field.metadata["sentence"]) for field in fields
    ]


def _as_written(default: object, kind: object) -> str:
    """Return a default as it would stand in TOML; nothing stands there when there is none."""
    if default is None:
        return " "
    if str(kind).startswith("tuple[tuple["):
        return str(dict(default)) if isinstance(default, tuple) else str(default)
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, str):
        return f'"{default}"'
    return str(list(default)) if isinstance(default, tuple) else str(default)


@pytest.mark.parametrize("page", PAGES)
def test_one_sentence_per_line(page) -> None:
    prose = re.sub(r"(?ms)^ *```.*?^ *```$", "", PAGES[page])
    doubled = [line for line in prose.splitlines() if re.search(r"[a-z)`]\. [A-Z`]", line) and not line.startswith("|")]
    assert doubled == []


@pytest.fixture(scope="module")
def guided() -> PythonRule:
    """The rule that the guide walks through."""
    (source,) = re.findall(r"(?ms)^```python\n(.*?)^```$", PAGES["CONTRIBUTING.md"])
    names: dict[str, Any] = {"__name__": "split_for_first_piece"}
    exec(compile(source, "CONTRIBUTING.md", "exec"), names)
    rule: PythonRule = names["SplitForFirstPiece"]()
    return rule


def test_rule_of_the_guide_does_what_the_guide_says(guided) -> None:
    assert f"{guided.name.replace('-', '_')}.py" in PAGES["CONTRIBUTING.md"]
    for before, after in guided.pairs:
        (finding,) = find(before.encode(), [guided])
        assert rewritten(before.encode(), finding, guided).text.decode() == after
    for example in guided.look_alikes:
        assert find(example.encode(), [guided]) == []


def test_code_of_the_guide_is_nobody_elses(guided) -> None:
    assert guided.code not in BY_CODE


def test_the_configuration_of_helix_names_the_server_for_both_languages():
    """Helix itself is not on Debian 12; Neovim and Emacs try theirs in tests/e2e."""
    given = tomllib.loads(configuration("Helix"))
    assert [language["name"] for language in given["language"]] == ["python", "elixir"]
    assert all("whetstone" in language["language-servers"] for language in given["language"])
    assert given["language-server"]["whetstone"] == {"command": "whetstone-ls", "config": {"trusted": True}}
