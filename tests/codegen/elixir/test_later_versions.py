"""What the templates write compiles without a warning on later versions of Elixir than the one that is at hand here.

As far as that can be read off the text: none of it uses what has been deprecated since 1.14. The list is the table in
https://hexdocs.pm/elixir/compatibility-and-deprecations.html, without what belongs into configuration, EEx and Mix.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.codegen.elixir.variants import ELIXIR, variants
from whetstone_knowledge.elixir.reading import read
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from tree_sitter import Node

DEPRECATED = {
    "1.15": r"Calendar\.ISO\.day_of_week\(|Exception\.exception\?|Regex\.regex\?|Logger\.warn\b",
    "1.16": r"~R\W|(?:Enum|String)\.slice\([^()]*\.\.-",
    "1.17": r"register_test\(|IO\.(?:bin)?read\([^()]*:all",
    "1.18": r"Range\.new\([^()]*, ?-|Tuple\.append|List\.zip|Module\.eval_quoted",
    "1.19": r"File\.cp(?:_r)?!?\([^()]*(?:fn|&)|backends:",
    "1.20": r"File\.stream!\([^()]*, ?\[|ParallelCompiler\.async|Logger\.(?:enable|disable|\w+_backend)\b",
}
"""What a text must not hold, by the version that warns of it first."""


@pytest.mark.parametrize("template", ELIXIR, ids=str)
def test_nothing_is_used_that_a_later_version_warns_of(template) -> None:
    for variant in variants(template):
        job = variant.job()
        for text in (job.module, job.test):
            found = {version: re.findall(held, text) for version, held in DEPRECATED.items()}
            assert not any(found.values()), f"{variant}: {found}"
            # Single quotes (1.17), which formatters since 1.15 write as a sigil, and a range as a pattern (1.17).
            nodes = list(below(read(text.encode()).root))
            assert not [node.text for node in nodes if node.type == "charlist"]
            assert not [node.text for node in nodes if node.type == "stab_clause" and is_range(node.children[0])]


def is_range(pattern: Node) -> bool:
    """Whether a pattern takes a range apart without its step."""
    return any(b".." in (node.text or b"") for node in below(pattern) if node.type == "binary_operator")


@pytest.mark.parametrize(
    ("version", "text"),
    [
        ("1.15", "Logger.warn(text)"),
        ("1.16", "Enum.slice(items, 1..-1)"),
        ("1.18", "List.zip([a, b])"),
        ("1.20", "File.stream!(path, [:read], 1024)"),
    ],
)
def test_what_is_deprecated_would_be_found(version, text) -> None:
    assert re.search(DEPRECATED[version], text)
