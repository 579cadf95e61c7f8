"""What was proven is applied by itself only where the person set that, in a trusted workspace, and by the policy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.server.features.conversation import MODERN, Conversation, Refusal
from tests.server.features.prover import FASTER, Laboratory
from tests.server.features.sources import CHEAPEST, CHEAPEST_AFTER, DEAREST
from tests.server.improvements.proposals import ASSUMES, kept
from whetstone_server.sandbox.verdict import Workload

SURE = replace(FASTER, workload=Workload(("recorded-calls", "tests"), calls=40, distinct_inputs=100, tests=4))
ON = {"autoApply": True}


@pytest.fixture
async def begun(project, history):
    """Begin a session with the options of an editor, and the verdict that every proof in it gets."""
    sessions = []

    async def begin(options, verdict=SURE, capabilities=MODERN):
        laboratory = Laboratory(verdict, keep=lambda proof: kept(history, proof)[0])
        editor = Conversation(laboratory.start)
        sessions.append(editor)
        await editor.begin(capabilities, options={"trusted": True, **options}, folder=project.as_uri())
        return editor

    yield begin
    for editor in sessions:
        editor.server.session.end()


async def proven(editor, project, text):
    """Open a file, prove what is in it, and return the text that the editor has then."""
    (project / "orders.py").write_text(text)
    uri = editor.open(text, (project / "orders.py").as_uri())
    await editor.prove(uri=uri)
    return editor.file(uri).source.decode()


async def test_it_is_off_by_default(begun, project, history):
    assert await proven(await begun({}), project, CHEAPEST) == CHEAPEST
    assert [each.status for each in history.improvements().values()] == ["approved"]


async def test_what_is_sure_enough_is_edited_in_the_editor_and_kept_as_the_policys(begun, project, history):
    editor = await begun(ON)
    assert await proven(editor, project, CHEAPEST) == CHEAPEST_AFTER
    (one,) = history.improvements().values()
    record = one.records[-1]
    assert (one.status, record.actor.kind, record.actor.name) == (
        "applied",
        "policy",
        "confidence ≥ 0.80, gain ≥ 20%",
    )
    assert record.reason.startswith("confidence 0.9")
    assert f"Applied {one.id} in f by itself: {record.reason}." in editor.said_to_the_person()
    assert (project / "orders.py").read_text() == CHEAPEST  # the editor saves, never the server
    assert history.verify() == []


async def test_several_in_one_text_are_one_edit(begun, project, history):
    text = await proven(await begun(ON), project, CHEAPEST + "\n\n" + DEAREST)
    assert ("min(prices)" in text, "max(prices)" in text) == (True, True)
    assert [each.status for each in history.improvements().values()] == ["applied", "applied"]


@pytest.mark.parametrize(
    ("options", "verdict"),
    [
        (ON, FASTER),  # nothing speaks for it but its gain
        ({**ON, "autoApplyGain": 20}, SURE),
        ({**ON, "autoApplyConfidence": 1}, SURE),
        (ON, replace(SURE, assumptions=(ASSUMES,))),
    ],
)
async def test_what_the_policy_does_not_allow_is_left(begun, project, history, options, verdict):
    assert await proven(await begun(options, verdict), project, CHEAPEST) == CHEAPEST
    assert "applied" not in [each.status for each in history.improvements().values()]


async def test_an_untrusted_workspace_proves_nothing_and_so_applies_nothing(begun, project, history):
    editor = await begun({**ON, "trusted": False})
    with pytest.raises(Refusal, match="not trusted"):
        await proven(editor, project, CHEAPEST)
    assert not history.improvements()


async def test_a_project_cannot_turn_it_on(begun, project, history):
    (project / "pyproject.toml").write_text("[tool.whetstone]\nauto_apply = true\n")
    editor = await begun({})
    (project / "orders.py").write_text(CHEAPEST)
    uri = editor.open(CHEAPEST, (project / "orders.py").as_uri())
    with pytest.raises(Refusal, match=r"tool\.whetstone\.auto_apply can only be set in the editor"):
        await editor.prove(uri=uri)
    assert editor.file(uri).source.decode() == CHEAPEST
    assert not history.improvements()


async def test_an_editor_that_does_not_make_the_edit_leaves_the_history_as_it_is(begun, project, history):
    editor = await begun(ON)
    editor.makes_edits = False
    assert await proven(editor, project, CHEAPEST) == CHEAPEST
    assert [each.status for each in history.improvements().values()] == ["approved"]
    assert any("The editor did not make the change" in said for said in editor.said_to_the_person())
