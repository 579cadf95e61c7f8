"""A comment that asks for silence is completed, with what is found here first; nothing else is."""

from __future__ import annotations

import copy

import pytest

from tests.server.features.conversation import FILE, MODERN
from tests.server.features.sources import CHEAPEST, FOUND
from whetstone_knowledge import BY_CODE
from whetstone_knowledge.catalogue import page
from whetstone_knowledge.rules import PYTHON_RULES


def at_cursor(text):
    """Return `text` without its cursor `|`, and where that was."""
    before, _, after = text.partition("|")
    lines = before.split("\n")
    return before + after, {"line": len(lines) - 1, "character": len(lines[-1])}


async def completed(conversation, text):
    """Open `text` and complete at its `|`."""
    text, position = at_cursor(text)
    conversation.open(text)
    return await conversation.ask("textDocument/completion", textDocument={"uri": FILE}, position=position)


def behind(words):
    return CHEAPEST.replace(f"{FOUND}\n", f"{FOUND}  {words}\n")


async def items(conversation, text):
    return (await completed(conversation, text))["items"]


def in_order(items):
    return [item["label"] for item in sorted(items, key=lambda item: item["sortText"])]


def filled(text, item):
    """Return the line of the cursor after an item was picked."""
    text, position = at_cursor(text)
    edit = item["textEdit"]
    line = text.split("\n")[position["line"]]
    assert edit["range"]["end"] == position
    return line[: edit["range"]["start"]["character"]] + edit["newText"] + line[position["character"] :]


@pytest.mark.parametrize(
    "comment",
    ["# whetstone: ignore[|", "# whetstone: ignore[|]", "# whetstone: ignore[W|", "# noqa  # whetstone: ignore [|"],
)
async def test_codes_are_offered_those_found_here_first(conversation, comment):
    await conversation.begin()
    offered = await items(conversation, behind(comment))
    assert in_order(offered)[0] == offered[0]["label"] == "WP105"
    assert sorted(in_order(offered)) == [rule.code for rule in PYTHON_RULES]


async def test_a_comment_that_stands_alone_is_about_the_next_line(conversation):
    await conversation.begin()
    offered = await items(
        conversation, CHEAPEST.replace("    return sorted", "    # whetstone: ignore[|\n    return sorted")
    )
    assert in_order(offered)[0] == "WP105"


async def test_a_file_is_silenced_about_what_is_found_in_it_first(conversation):
    await conversation.begin()
    assert in_order(await items(conversation, f"# whetstone: ignore-file[|\n{CHEAPEST}"))[0] == "WP105"


async def test_what_is_in_the_list_is_not_offered_again(conversation):
    await conversation.begin()
    labels = in_order(await items(conversation, behind("# whetstone: ignore[wp105, copy-loop,|, WP101]")))
    assert not {"WP105", "WP111", "WP101"} & set(labels)
    assert len(labels) == len(PYTHON_RULES) - 3


@pytest.mark.parametrize(
    ("comment", "after"),
    [
        ("# whetstone: ignore[|]", "# whetstone: ignore[WP105]"),
        ("# whetstone: ignore[WP101,|]", "# whetstone: ignore[WP101, WP105]"),
        ("# whetstone: ignore[WP101, wp|]", "# whetstone: ignore[WP101, WP105]"),
        ("# 😀  # whetstone: ignore[sorted|]", "# 😀  # whetstone: ignore[WP105]"),
    ],
)
async def test_an_item_replaces_the_word_that_was_begun(conversation, comment, after):
    await conversation.begin({**MODERN, "general": {"positionEncodings": ["utf-32"]}})
    text = behind(comment)
    offered = await items(conversation, text)
    (item,) = [item for item in offered if item["label"] == "WP105"]
    assert filled(text, item) == f"    return {FOUND}  {after}"
    assert "sorted-for-one-end" in item["filterText"]


async def test_the_comment_itself_is_completed(conversation):
    await conversation.begin()
    text = behind("# whetstone: |")
    offered = await items(conversation, text)
    assert in_order(offered) == ["ignore[WP105]", "ignore", "ignore-file"]
    assert filled(text, offered[0]) == f"    return {FOUND}  # whetstone: ignore[WP105]"


@pytest.mark.parametrize(
    "text",
    [
        "|x = 1\n",
        "x = [|]\n",
        "x = 1, |\n",
        "# whetstone|\n",
        "# noqa: |\n",
        "x = '# whetstone: ignore[|'\n",
        "x = '''\n# whetstone: ignore[|\n'''\n",
        "# whetstone: ignore[WP105]|\n",
        "# whetstone: ignore[WP105] because |\n",
    ],
)
async def test_nothing_is_offered_anywhere_else(conversation, text):
    await conversation.begin()
    assert await completed(conversation, text) is None


async def test_a_document_that_is_not_open_is_not_completed(conversation):
    await conversation.begin()
    position = {"line": 0, "character": 0}
    assert await conversation.ask("textDocument/completion", textDocument={"uri": FILE}, position=position) is None


@pytest.mark.parametrize("kind", ["markdown", "plaintext"])
async def test_the_page_comes_when_an_item_is_looked_at(conversation, kind):
    capabilities = copy.deepcopy(MODERN)
    capabilities["textDocument"]["completion"] = {"completionItem": {"documentationFormat": [kind]}}
    await conversation.begin(capabilities)
    offered = await items(conversation, behind("# whetstone: ignore[|"))
    assert all("documentation" not in item for item in offered)
    item = await conversation.ask("completionItem/resolve", **offered[0])
    assert item["documentation"] == {"kind": kind, "value": page(BY_CODE[offered[0]["label"]])}


async def test_an_item_that_is_not_ours_comes_back_as_it_is(conversation):
    await conversation.begin()
    assert await conversation.ask("completionItem/resolve", label="x", data={"code": "X"}) == {
        "label": "x",
        "data": {"code": "X"},
    }
