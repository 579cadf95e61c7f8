"""Cells of a notebook are documents like others, that know what the other cells make of a name."""

from __future__ import annotations

import copy

import pytest

from tests.server.features.conversation import MODERN, Refusal
from tests.server.features.sources import CHEAPEST, DEAREST
from tests.server.features.test_code_action_resolve import resolved

BOOK = "file:///project/prices.ipynb"
CELLS = tuple(f"vscode-notebook-cell:/project/prices.ipynb#{name}" for name in ("one", "two", "three"))
PUSHED = {**copy.deepcopy(MODERN), "notebookDocument": {"synchronization": {}}}
del PUSHED["textDocument"]["diagnostic"]
PULLED = {**MODERN, "notebookDocument": {"synchronization": {}}}


def cell(uri):
    return {"kind": 2, "document": uri}


def document(uri, text, language="python"):
    return {"uri": uri, "languageId": language, "version": 1, "text": text}


def open_book(conversation, *texts):
    cells = CELLS[: len(texts)]
    conversation.tell(
        "notebookDocument/didOpen",
        notebookDocument={
            "uri": BOOK,
            "notebookType": "jupyter-notebook",
            "version": 1,
            "cells": [cell(uri) for uri in cells],
        },
        cellTextDocuments=[document(uri, text) for uri, text in zip(cells, texts, strict=True)],
    )


def change_book(conversation, **cells):
    conversation.tell(
        "notebookDocument/didChange", notebookDocument={"uri": BOOK, "version": 2}, change={"cells": cells}
    )


def type_in(conversation, uri, text, line=0):
    position = {"line": line, "character": 0}
    content = {
        "document": {"uri": uri, "version": 2},
        "changes": [{"range": {"start": position, "end": position}, "text": text}],
    }
    change_book(conversation, textContent=[content])


def published(conversation):
    """Return what was pushed last about each document."""
    said = (each["params"] for each in conversation.said if each["method"] == "textDocument/publishDiagnostics")
    return {each["uri"]: each["diagnostics"] for each in said}


async def test_the_client_is_asked_for_python_cells_of_every_notebook(conversation):
    offered = await conversation.begin(PULLED)
    assert offered["notebookDocumentSync"] == {
        "notebookSelector": [{"notebook": "*", "cells": [{"language": "python"}]}]
    }


async def test_a_client_that_knows_no_notebooks_is_asked_for_none(conversation):
    assert "notebookDocumentSync" not in await conversation.begin(MODERN)


async def test_what_is_found_in_a_cell_is_shown_there(conversation):
    await conversation.begin(PULLED)
    open_book(conversation, "prices = [1]\n", f"# 😀\n{CHEAPEST}")
    assert await conversation.squiggles(CELLS[0]) == []
    (squiggle,) = await conversation.squiggles(CELLS[1])
    assert squiggle["range"]["start"] == {"line": 4, "character": 11}


async def test_cells_are_pushed_to_a_client_that_does_not_pull(conversation):
    await conversation.begin(PUSHED)
    open_book(conversation, "x = 1\n", CHEAPEST)
    assert [len(published(conversation)[uri]) for uri in CELLS[:2]] == [0, 1]
    conversation.tell(
        "notebookDocument/didClose",
        notebookDocument={"uri": BOOK},
        cellTextDocuments=[{"uri": uri} for uri in CELLS[:2]],
    )
    assert [len(published(conversation)[uri]) for uri in CELLS[:2]] == [0, 0]
    assert conversation.server.session.files == ()
    assert conversation.server.session.notebook(BOOK) is None


async def test_a_cell_is_followed_while_somebody_types_in_it(conversation):
    await conversation.begin(PULLED)
    open_book(conversation, CHEAPEST)
    type_in(conversation, CELLS[0], "# here\n")
    (squiggle,) = await conversation.squiggles(CELLS[0])
    assert squiggle["range"]["start"]["line"] == 4
    assert conversation.file(CELLS[0]).version == 2


async def test_cells_come_and_go(conversation):
    await conversation.begin(PULLED)
    open_book(conversation, "x = 1\n")
    added = {
        "array": {"start": 1, "deleteCount": 0, "cells": [cell(CELLS[1])]},
        "didOpen": [document(CELLS[1], CHEAPEST)],
    }
    change_book(conversation, structure=added)
    assert len(await conversation.squiggles(CELLS[1])) == 1
    change_book(conversation, structure={"array": {"start": 1, "deleteCount": 1}, "didClose": [{"uri": CELLS[1]}]})
    assert await conversation.squiggles(CELLS[1]) == []
    assert conversation.server.session.file(CELLS[1]) is None


@pytest.mark.parametrize(
    "other",
    [
        "from natsort import natsorted as sorted\n",
        "def sorted(items):\n    return items\n",
        "sorted = None\n",
        "from pylab import *\n",
        "%matplotlib inline\nsorted = None\n",
    ],
)
@pytest.mark.parametrize("order", [1, -1])
async def test_a_name_that_another_cell_gives_another_meaning_leads_to_no_finding(conversation, other, order):
    await conversation.begin(PULLED)
    texts = (other, CHEAPEST)[::order]
    open_book(conversation, *texts)
    assert [await conversation.squiggles(uri) for uri in CELLS[:2]] == [[], []]


async def test_such_a_name_is_noticed_as_it_is_typed_and_taken_back(conversation):
    await conversation.begin(PUSHED)
    open_book(conversation, "x = 1\n", CHEAPEST)
    type_in(conversation, CELLS[0], "sorted = None\n")
    assert published(conversation)[CELLS[1]] == []
    where = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
    content = {"document": {"uri": CELLS[0], "version": 3}, "changes": [{"range": where, "text": ""}]}
    change_book(conversation, textContent=[content])
    assert len(published(conversation)[CELLS[1]]) == 1


async def test_other_names_of_other_cells_take_nothing_away(conversation):
    await conversation.begin(PULLED)
    open_book(conversation, "prices = min(x)\nimport re\nclass A:\n    def sorted(self): pass\n", CHEAPEST)
    assert len(await conversation.squiggles(CELLS[1])) == 1


async def test_magic_in_a_cell_leaves_what_is_found_in_its_functions(conversation):
    await conversation.begin(PULLED)
    open_book(conversation, f"%load_ext autoreload\n!ls\n\n\n{CHEAPEST}\n\n{DEAREST}")
    assert len(await conversation.squiggles(CELLS[0])) == 2


async def test_a_rewrite_of_a_cell_edits_that_cell(conversation):
    await conversation.begin(PULLED)
    open_book(conversation, "x = 1\n", CHEAPEST)
    (fix,) = await conversation.fixes(uri=CELLS[1])
    (edit,) = (await resolved(conversation, fix))["edit"]["documentChanges"]
    assert edit["textDocument"] == {"uri": CELLS[1], "version": 1}
    assert "min(prices)" in edit["edits"][0]["newText"]


async def test_a_cell_is_not_proven_and_the_refusal_says_what_to_do(conversation):
    await conversation.begin(PULLED, options={"trusted": True})
    open_book(conversation, CHEAPEST)
    assert await conversation.ask("textDocument/codeLens", textDocument={"uri": CELLS[0]}) == []
    with pytest.raises(Refusal, match="move this one into a file"):
        await conversation.prove(uri=CELLS[0])


async def test_a_cell_has_the_settings_of_the_project_that_its_notebook_lies_in(conversation, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.whetstone]\nignore = ['WP105']\n")
    await conversation.begin(PULLED, folder=tmp_path.as_uri())
    uri = (tmp_path / "a.ipynb").as_uri()
    conversation.tell(
        "notebookDocument/didOpen",
        notebookDocument={"uri": uri, "notebookType": "jupyter-notebook", "version": 1, "cells": [cell(CELLS[0])]},
        cellTextDocuments=[document(CELLS[0], CHEAPEST)],
    )
    assert await conversation.squiggles(CELLS[0]) == []


async def test_changes_of_a_notebook_that_is_not_open_are_left_alone(conversation):
    await conversation.begin(PULLED)
    type_in(conversation, CELLS[0], "x")
    conversation.tell("notebookDocument/didClose", notebookDocument={"uri": BOOK}, cellTextDocuments=[])
    assert await conversation.squiggles(CELLS[0]) == []
