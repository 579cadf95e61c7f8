"""Whatever is edited, nothing is called proven anywhere unless the code that was proven is there as it was."""

from __future__ import annotations

import ast
import asyncio
import json

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.server.features.conversation import FILE, WHOLE, Conversation
from tests.server.features.prover import Laboratory

HELPER = "def known(prices):\n    return [price for price in prices if price]\n"
PROVEN = "def cheapest(prices):\n    prices = known(prices)\n    return sorted(prices)[0]\n"
OTHER = "def total(prices):\n    return sum(prices)\n"
SOURCE = f"LIMIT = 3\n\n\n{HELPER}\n\n{PROVEN}\n\n{OTHER}"
TYPED = [
    *("", "x", " ", "\n", "    ", "(", ")", '"""', "'", "#", "\\", ":", "é", "\r\n"),
    *("# note\n", "print()\n", "def known(x):\n    return x\n", "known = sorted\n", "from other import known\n"),
    *("    prices = list(prices)\n", "@cached\n", "sorted = min\n", "import os\n", "async "),
]
edits = st.lists(
    st.one_of(st.tuples(st.floats(0, 1), st.integers(0, 60), st.sampled_from(TYPED)), st.just("undo everything")),
    min_size=1,
    max_size=6,
)
QUICK = {"max_examples": 40, "deadline": None, "suppress_health_check": list(HealthCheck)}
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]


def is_as_it_was(text):
    """Whether the proven function and what it calls stand in `text` as they did, and nothing else has their names."""
    if PROVEN.rstrip() not in text or HELPER.rstrip() not in text:
        return False
    try:
        statements = ast.parse(text).body
    except (SyntaxError, ValueError):
        return True
    bound = [ast.dump(each) for each in statements if {"cheapest", "known"} & set(names_of(each))]
    return bound == [ast.dump(ast.parse(source).body[0]) for source in (HELPER, PROVEN)]


def names_of(statement):
    """Yield the names that a top-level statement binds in its module; what a function binds is its own."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name


async def everything_shown(conversation):
    """Return all that an editor shows of a document, as one text."""
    document = {"uri": FILE}
    shown = [
        await conversation.squiggles(),
        await conversation.actions(),
        await conversation.actions("source", "refactor"),
        await conversation.ask("textDocument/codeLens", textDocument=document),
        await conversation.ask("textDocument/inlayHint", textDocument=document, range=WHOLE),
    ]
    for squiggle in shown[0]:
        start = squiggle["range"]["start"]
        shown.append(await conversation.ask("textDocument/hover", textDocument=document, position=start))
    return json.dumps(shown, ensure_ascii=False)


async def proven_document():
    conversation = Conversation(Laboratory().start)
    await conversation.begin(options={"trusted": True})
    conversation.open(SOURCE)
    await conversation.prove(uri=FILE)
    assert (await everything_shown(conversation)).count("12.3×") >= 5
    return conversation


def change(conversation, edit):
    if edit == "undo everything":
        conversation.change({"text": SOURCE})
        return
    where, length, new = edit
    text = conversation.file().source.decode()
    start = int(where * len(text))
    end = min(start + length, len(text))
    place = {"start": position(text, start), "end": position(text, end)}
    conversation.change({"range": place, "text": new})


def position(text, index):
    lines = text[:index].replace("\r\n", "\n").split("\n")
    return {"line": len(lines) - 1, "character": len(lines[-1])}


async def type_and_look(changes):
    conversation = await proven_document()
    try:
        for edit in changes:
            change(conversation, edit)
            for paused in (False, True):
                if paused:
                    conversation.file().refresh()
                shown = await everything_shown(conversation)
                text = conversation.file().source.decode()
                assert "12.3×" not in shown or is_as_it_was(text), text
                assert text != SOURCE or "12.3×" in shown
    finally:
        conversation.server.session.end()


@settings(phases=PHASES, **QUICK)
@given(changes=edits)
def test_nothing_is_called_proven_once_what_was_proven_has_changed(changes):
    asyncio.run(type_and_look(changes))


@settings(phases=PHASES, **QUICK)
@given(
    at=st.integers(OTHER.index("return"), len(OTHER) - 1), new=st.sampled_from(["x", " ", "#", "sum(prices) + ", "é"])
)
def test_an_edit_in_another_function_takes_no_verdict_away(at, new):
    async def story():
        conversation = await proven_document()
        try:
            place = position(SOURCE, len(SOURCE) - len(OTHER) + at)
            conversation.change({"range": {"start": place, "end": place}, "text": new})
            conversation.file().refresh()
            assert "12.3×" in await everything_shown(conversation)
        finally:
            conversation.server.session.end()

    asyncio.run(story())
