"""What a comment silences is gone everywhere; what silences nothing is faded, and both can be written by an action."""

from __future__ import annotations

import pytest

from tests.client import edited
from tests.server.features.conversation import FILE, WHOLE
from tests.server.features.sources import CHEAPEST, DEAREST, FOUND
from tests.server.features.test_code_action_resolve import resolved

SILENT = CHEAPEST.replace(FOUND, f"{FOUND}  # whetstone: ignore[WP105]")


def written(text, *comments):
    """Return `text` with comments behind what is found, in order."""
    for comment in comments:
        text = text.replace(f"{FOUND}\n", f"{FOUND}  {comment}\n", 1)
    return text


async def made(conversation, title, uri=FILE):
    """Return the text after the action of that title was picked."""
    (action,) = [action for action in await conversation.actions(uri=uri) if action["title"] == title]
    action = await resolved(conversation, action)
    from lsprotocol import types

    edits = [
        types.TextEdit(
            types.Range(types.Position(**edit["range"]["start"]), types.Position(**edit["range"]["end"])),
            edit["newText"],
        )
        for edit in action["edit"]["documentChanges"][0]["edits"]
    ]
    return edited(conversation.file(uri).source.decode(), edits)


async def test_what_is_silenced_is_nowhere_to_be_seen(trusted):
    trusted.open(SILENT)
    assert await trusted.squiggles() == []
    assert await trusted.actions() == []
    with pytest.raises(Exception, match="nothing here to prove"):
        await trusted.prove(uri=FILE, range=WHOLE)


async def test_a_comment_silences_as_soon_as_it_is_typed(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST)
    conversation.insert(3, 28, "  # whetstone: ignore[WP105")
    assert len(await conversation.squiggles()) == 1
    conversation.insert(3, 55, "]")
    assert await conversation.squiggles() == []


async def test_what_silences_nothing_is_faded_and_can_be_removed(conversation):
    await conversation.begin()
    conversation.open("def f(x):\n    return x  # whetstone: ignore[WP105] it was long\n")
    (hint,) = await conversation.squiggles()
    assert (hint["code"], hint["severity"], hint["tags"]) == ("unused-suppression", 4, [1])
    assert hint["message"] == "Unused suppression: nothing is found here that it silences"
    assert hint["range"] == {"start": {"line": 1, "character": 14}, "end": {"line": 1, "character": 40}}
    assert await made(conversation, "Remove the unused suppression") == "def f(x):\n    return x\n"


@pytest.mark.parametrize(
    ("before", "title", "after"),
    [
        (
            written(CHEAPEST, "# whetstone: ignore[WP101, WP105, WP103]"),
            "Remove WP101, WP103 from the suppression",
            SILENT,
        ),
        ("# whetstone: ignore-file\nx = 1\n", "Remove the unused suppression", "x = 1\n"),
        ("x = 1  # noqa  # whetstone: ignore\n", "Remove the unused suppression", "x = 1  # noqa\n"),
        ("x = 1  # whetstone: ignore # noqa\n", "Remove the unused suppression", "x = 1  # noqa\n"),
        ("def f():\r\n\t# whetstone: ignore\r\n\tpass\r\n", "Remove the unused suppression", "def f():\r\n\tpass\r\n"),
        ("x = 1\n# whetstone: ignore", "Remove the unused suppression", "x = 1\n"),
    ],
)
async def test_removing_takes_what_is_unused_and_nothing_else(conversation, before, title, after):
    await conversation.begin()
    conversation.open(before)
    assert await made(conversation, title) == after


async def test_a_code_that_is_no_rule_is_said(conversation):
    await conversation.begin()
    conversation.open(written(CHEAPEST, "# whetstone: ignore[WP105, WP99]"))
    (hint,) = await conversation.squiggles()
    assert hint["message"] == "Unused suppression: no rule is called WP99"
    assert hint["severity"] == 3
    assert await made(conversation, "Remove WP99 from the suppression") == SILENT


async def test_nothing_is_said_of_a_list_while_it_is_being_typed(conversation):
    await conversation.begin()
    conversation.open(written(CHEAPEST, "# whetstone: ignore[]"))
    await conversation.squiggles()
    for number, letter in enumerate("WP99"):
        conversation.insert(3, 50 + number, letter)
        assert [squiggle["code"] for squiggle in await conversation.squiggles()] == ["WP105"]
    conversation.file().refresh()
    assert "unused-suppression" in [squiggle["code"] for squiggle in await conversation.squiggles()]


async def test_a_suppression_of_a_rule_that_is_turned_off_is_not_unused(conversation):
    await conversation.begin(options={"ignore": ["WP105"]})
    conversation.open(SILENT)
    assert await conversation.squiggles() == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (CHEAPEST, SILENT),
        (CHEAPEST.replace("\n", "\r\n"), SILENT.replace("\n", "\r\n")),
        (
            CHEAPEST.replace(f"{FOUND}\n", f"{FOUND}  # 😀\n"),
            CHEAPEST.replace(f"{FOUND}\n", f"{FOUND}  # 😀  # whetstone: ignore[WP105]\n"),
        ),
        (
            written(CHEAPEST, "# whetstone: ignore[WP101] because"),
            written(CHEAPEST, "# whetstone: ignore[WP101, WP105] because"),
        ),
        (
            CHEAPEST.replace(f"    return {FOUND}", f"    # whetstone: ignore[WP101]\n    return {FOUND}"),
            CHEAPEST.replace(f"    return {FOUND}", f"    # whetstone: ignore[WP101, WP105]\n    return {FOUND}"),
        ),
        (
            CHEAPEST.replace(f"{FOUND}\n", f'{FOUND} + """\n"""\n'),
            CHEAPEST.replace(
                f"    return {FOUND}\n", f'    # whetstone: ignore[WP105]\n    return {FOUND} + """\n"""\n'
            ),
        ),
        (
            CHEAPEST.replace(f"{FOUND}\n", f"{FOUND} + \\\n        1\n"),
            CHEAPEST.replace(
                f"    return {FOUND}\n", f"    # whetstone: ignore[WP105]\n    return {FOUND} + \\\n        1\n"
            ),
        ),
    ],
)
async def test_a_finding_is_silenced_by_an_action(conversation, before, after):
    await conversation.begin()
    conversation.open(before)
    assert await made(conversation, "Ignore WP105 here") == after


async def test_silencing_one_finding_leaves_the_others(conversation):
    await conversation.begin()
    conversation.open(f"{CHEAPEST}\n\n{DEAREST}")
    here = {"start": {"line": 3, "character": 12}, "end": {"line": 3, "character": 12}}
    action = next(each for each in await conversation.actions(where=here) if each["title"] == "Ignore WP105 here")
    (edit,) = (await resolved(conversation, action))["edit"]["documentChanges"][0]["edits"]
    conversation.change({"range": edit["range"], "text": edit["newText"]})
    (squiggle,) = await conversation.squiggles()
    assert squiggle["range"]["start"]["line"] == 9


async def test_where_no_comment_can_stand_nothing_is_written(conversation):
    await conversation.begin()
    conversation.open(f'def f(prices):\n    x = 1 + \\\n        {FOUND} + """\n"""\n')
    (action,) = [each for each in await conversation.actions() if each["title"] == "Ignore WP105 here"]
    assert "edit" not in await resolved(conversation, action)
    assert "no comment can stand" in conversation.said_to_the_person()[-1]
