"""Proven fixes in the editor: applied, shown with their reasons, and rolled back; the history says the same."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import pytest

from tests.server.features.conversation import MODERN, Conversation, Refusal
from tests.server.features.prover import FASTER, Laboratory
from tests.server.features.sources import CHEAPEST, CHEAPEST_AFTER, DEAREST
from tests.server.improvements.proposals import ADA, kept
from tests.server.improvements.repository import Work
from whetstone_server.features import apply, rollback
from whetstone_server.improvements.apply import apply as write_improvements
from whetstone_server.improvements.rollback import roll_back
from whetstone_server.sandbox.verdict import Counterexample

ASSUMING = replace(FASTER, assumptions=(Counterexample("cheapest(iter([]))", "raises", "None", "grown-beyond"),))
DEAREST_AFTER = DEAREST.replace("sorted(prices)[-1]", "max(prices)")


@pytest.fixture
async def editor(project, history):
    laboratory = Laboratory(keep=lambda proof: kept(history, proof)[0])
    editor = Conversation(laboratory.start)
    await editor.begin(options={"trusted": True}, folder=project.as_uri())
    yield editor
    editor.server.session.end()


def opened(editor, project, text, name="orders.py"):
    (project / name).write_text(text)
    return editor.open(text, (project / name).as_uri())


async def picked(editor, uri, action):
    """Resolve an action, make its edit, and run its command, as an editor does; return the command's answer."""
    action = await editor.ask("codeAction/resolve", **action)
    editor.make(action["edit"])
    return await editor.run(action["command"]["command"], **action["command"]["arguments"][0])


def text(editor, uri):
    return editor.file(uri).source.decode()


def statuses(history):
    return [each.status for each in history.improvements().values()]


async def test_picking_a_proven_fix_is_kept_with_its_way_back(editor, project, history):
    uri = opened(editor, project, CHEAPEST)
    await editor.prove(uri=uri)
    (fix,) = await editor.fixes("quickfix", uri=uri)
    answer = await picked(editor, uri, fix)
    assert text(editor, uri) == CHEAPEST_AFTER
    (improvement,) = history.improvements().values()
    assert (answer["applied"], improvement.status) == ([improvement.id], "applied")
    assert improvement.records[-1].actor.kind == "person"
    assert history.texts.read(improvement.changes[0].before) == CHEAPEST.encode()
    assert (project / "orders.py").read_text() == CHEAPEST  # the editor saves, never the server


async def told_early(editor, uri):
    """Resolve the proven fix and run its command before the edit is told of, as eglot does; return both."""
    await editor.prove(uri=uri)
    (fix,) = await editor.fixes("quickfix", uri=uri)
    action = await editor.ask("codeAction/resolve", **fix)
    return action, await editor.run(action["command"]["command"], **action["command"]["arguments"][0])


async def test_a_fix_that_is_told_of_before_its_edit_is_kept_when_the_edit_comes(editor, project, history):
    uri = opened(editor, project, CHEAPEST)
    action, answer = await told_early(editor, uri)
    assert statuses(history) == ["approved"]
    editor.make(action["edit"])
    await editor.settled()
    (improvement,) = history.improvements().values()
    assert (answer["applied"], improvement.status) == ([improvement.id], "applied")


async def test_a_fix_whose_edit_never_comes_is_not_kept(editor, project, history):
    uri = opened(editor, project, CHEAPEST)
    await told_early(editor, uri)
    editor.insert(0, 0, "x = 1\n", uri=uri)
    await editor.settled()
    assert statuses(history) == ["approved"]
    assert "not made as it was offered" in editor.said_to_the_person()[-1]


async def test_a_fix_that_is_not_proven_has_nothing_to_keep(editor, project):
    uri = opened(editor, project, CHEAPEST)
    fix, _ = await editor.fixes(uri=uri)
    assert "command" not in await editor.ask("codeAction/resolve", **fix)


async def test_all_proven_fixes_are_kept_each_with_its_own_way_back(editor, project, history):
    uri = opened(editor, project, CHEAPEST + "\n\n" + DEAREST)
    await editor.prove(uri=uri)
    (fix,) = await editor.actions("source.fixAll.whetstone", uri=uri)
    await picked(editor, uri, fix)
    assert text(editor, uri) == CHEAPEST_AFTER + "\n\n" + DEAREST_AFTER
    assert statuses(history) == ["applied", "applied"]
    first, _ = history.improvements().values()
    await editor.run("whetstone.rollback", id=first.id)
    assert text(editor, uri) == CHEAPEST + "\n\n" + DEAREST_AFTER
    assert history.verify() == []


async def test_an_edit_that_was_not_made_is_not_in_the_history(editor, project, history):
    uri = opened(editor, project, CHEAPEST)
    await editor.prove(uri=uri)
    (fix,) = await editor.fixes("quickfix", uri=uri)
    action = await editor.ask("codeAction/resolve", **fix)
    editor.insert(0, 0, "x = 1\n", uri=uri)
    with pytest.raises(Refusal, match="was not made as it was offered"):
        await editor.run("whetstone.applied", **action["command"]["arguments"][0])
    assert statuses(history) == ["approved"]


async def test_a_fix_undone_and_picked_again_stays_applied(editor, project, history):
    uri = opened(editor, project, CHEAPEST)
    await editor.prove(uri=uri)
    for _ in range(2):
        (fix,) = await editor.fixes("quickfix", uri=uri)
        await picked(editor, uri, fix)
        editor.change({"text": CHEAPEST}, uri=uri)
    assert statuses(history) == ["applied"]


@pytest.mark.parametrize("versions", [True, False])
async def test_an_improvement_is_applied_through_the_editor(project, history, versions):
    editor = Conversation(Laboratory(keep=lambda proof: kept(history, proof)[0]).start)
    workspace = {**MODERN["workspace"], "workspaceEdit": {"documentChanges": versions}}
    await editor.begin({**MODERN, "workspace": workspace}, options={"trusted": True}, folder=project.as_uri())
    uri = opened(editor, project, CHEAPEST)
    answer = await editor.prove(uri=uri)
    answer = await editor.run("whetstone.apply", id=answer["verdicts"][0]["improvement"], uri=uri)
    assert answer["path"] == str(project / "orders.py")
    assert (text(editor, uri), statuses(history)) == (CHEAPEST_AFTER, ["applied"])
    editor.server.session.end()


async def test_an_improvement_of_a_closed_file_is_applied_on_the_disk(editor, project, history):
    uri = opened(editor, project, CHEAPEST)
    proven = await editor.prove(uri=uri)
    editor.tell("textDocument/didClose", textDocument={"uri": uri})
    improvement = proven["verdicts"][0]["improvement"]
    await editor.run("whetstone.apply", id=improvement)
    assert ((project / "orders.py").read_text(), statuses(history)) == (CHEAPEST_AFTER, ["applied"])
    await editor.run("whetstone.rollback", id=improvement, reason="slower in production")
    assert ((project / "orders.py").read_text(), statuses(history)) == (CHEAPEST, ["rolled-back"])
    assert history.improvement(improvement).records[-1].reason == "slower in production"


async def test_a_text_that_is_not_what_was_proven_is_left_alone(editor, project, history):
    uri = opened(editor, project, CHEAPEST)
    proven = await editor.prove(uri=uri)
    editor.insert(0, 0, "# more\n", uri=uri)
    with pytest.raises(Refusal, match="has changed since its rewrite was proven"):
        await editor.run("whetstone.apply", id=proven["verdicts"][0]["improvement"])
    assert (text(editor, uri), statuses(history)) == ("# more\n" + CHEAPEST, ["approved"])


@pytest.fixture
def typed_meanwhile(editor, monkeypatch):
    """Return what has a line typed at the top of a document while a function of the server runs on its thread."""

    def arranged(uri, module, function):
        usual, loop = getattr(module, function), asyncio.get_running_loop()

        def interrupted(*arguments):
            answer, done = usual(*arguments), threading.Event()

            def type_it():
                editor.insert(0, 0, "# more\n", uri=uri)
                done.set()

            loop.call_soon_threadsafe(type_it)
            assert done.wait(10)
            return answer

        monkeypatch.setattr(module, function, interrupted)

    return arranged


async def test_what_is_typed_while_an_edit_is_worked_out_is_not_written_over(editor, project, history, typed_meanwhile):
    uri = opened(editor, project, CHEAPEST)
    proven = await editor.prove(uri=uri)
    typed_meanwhile(uri, apply, "_edits")
    with pytest.raises(Refusal, match="changed just now, so it was left alone"):
        await editor.run("whetstone.apply", id=proven["verdicts"][0]["improvement"])
    assert (text(editor, uri), statuses(history)) == ("# more\n" + CHEAPEST, ["approved"])


async def test_what_is_typed_while_a_rollback_is_worked_out_is_not_written_over(
    editor, project, history, typed_meanwhile
):
    uri = opened(editor, project, CHEAPEST)
    proven = await editor.prove(uri=uri)
    await editor.run("whetstone.apply", id=proven["verdicts"][0]["improvement"])
    typed_meanwhile(uri, rollback, "_without")
    with pytest.raises(Refusal, match="changed just now, so it was left alone"):
        await editor.run("whetstone.rollback", id=proven["verdicts"][0]["improvement"])
    assert (text(editor, uri), statuses(history)) == ("# more\n" + CHEAPEST_AFTER, ["applied"])


async def test_a_file_that_was_moved_and_is_open_is_rolled_back_through_the_editor(
    editor, project, history, monkeypatch
):
    work = Work(project, "orders.py", CHEAPEST.encode(), monkeypatch)
    uri = opened(editor, project, CHEAPEST)
    proven = await editor.prove(uri=uri)
    editor.tell("textDocument/didClose", textDocument={"uri": uri})
    await editor.run("whetstone.apply", id=proven["verdicts"][0]["improvement"])
    work.git("mv", "orders.py", "sales.py")
    moved = (project / "sales.py").as_uri()
    editor.open("# unsaved\n" + CHEAPEST_AFTER, moved)
    await editor.run("whetstone.rollback", id=proven["verdicts"][0]["improvement"])
    assert (text(editor, moved), statuses(history)) == ("# unsaved\n" + CHEAPEST, ["rolled-back"])
    assert (project / "sales.py").read_text() == CHEAPEST_AFTER  # the editor saves, never the server


async def test_an_editor_that_does_not_make_the_edit_leaves_the_history_as_it_is(editor, project, history):
    uri = opened(editor, project, CHEAPEST)
    proven = await editor.prove(uri=uri)
    editor.makes_edits = False
    with pytest.raises(Refusal, match="The editor did not make the change"):
        await editor.run("whetstone.apply", id=proven["verdicts"][0]["improvement"])
    assert statuses(history) == ["approved"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
async def test_rolling_back_keeps_what_was_typed_since(editor, project, history, line_end):
    before = CHEAPEST.replace("\n", line_end)
    uri = opened(editor, project, before)
    await editor.prove(uri=uri)
    (fix,) = await editor.fixes("quickfix", uri=uri)
    await picked(editor, uri, fix)
    editor.insert(0, 0, '"""é 😀"""' + line_end, uri=uri)
    (improvement,) = history.improvements()
    await editor.run("whetstone.rollback", id=improvement)
    assert text(editor, uri) == '"""é 😀"""' + line_end + before
    assert statuses(history) == ["rolled-back"]


async def test_what_was_rolled_back_has_to_be_proven_anew(editor, project, history):
    uri = opened(editor, project, CHEAPEST)
    await editor.prove(uri=uri)
    (fix,) = await editor.fixes("quickfix", uri=uri)
    await picked(editor, uri, fix)
    (improvement,) = history.improvements()
    await editor.run("whetstone.rollback", id=improvement)
    assert not any("proven" in action["title"] for action in await editor.actions(uri=uri))
    await editor.prove(uri=uri)
    assert statuses(history) == ["rolled-back", "approved"]


@pytest.fixture
async def on_an_assumption(project, history):
    """An editor whose proofs say faster, and take something for granted."""
    laboratory = Laboratory(ASSUMING, keep=lambda proof: kept(history, proof)[0])
    editor = Conversation(laboratory.start)
    await editor.begin(options={"trusted": True}, folder=project.as_uri())
    yield editor
    editor.server.session.end()


async def test_a_rewrite_whose_assumption_does_not_hold_is_rejected(on_an_assumption, project, history):
    editor = on_an_assumption
    uri = opened(editor, project, CHEAPEST)
    await editor.prove(uri=uri)
    assert statuses(history) == ["testing"]
    (offer,) = [fix for fix in await editor.fixes("quickfix", uri=uri) if fix["title"].startswith("Reject")]
    assert offer["title"] == "Reject this rewrite of WP105: what it assumes does not hold"
    await editor.run(offer["command"]["command"], **offer["command"]["arguments"][0])
    (improvement,) = history.improvements().values()
    assert (improvement.status, improvement.records[-1].actor.kind) == ("rejected", "person")
    (squiggle,) = await editor.squiggles(uri=uri)
    assert "proven" not in squiggle["message"]
    assert not any("Reject" in action["title"] for action in await editor.actions(uri=uri))


async def test_why_something_was_rejected_is_kept(on_an_assumption, project, history):
    uri = opened(on_an_assumption, project, CHEAPEST)
    proven = await on_an_assumption.prove(uri=uri)
    identifier = proven["verdicts"][0]["improvement"]
    answer = await on_an_assumption.run("whetstone.dismiss", id=identifier[:8], reason="callers pass generators")
    assert answer == {"version": 1, "id": identifier}
    assert history.improvement(identifier).records[-1].reason == "callers pass generators"


async def test_only_what_waits_for_a_person_is_rejected(editor, project, history):
    uri = opened(editor, project, CHEAPEST)
    proven = await editor.prove(uri=uri)
    assert not any("Reject" in action["title"] for action in await editor.actions(uri=uri))
    with pytest.raises(Refusal, match="is approved, so it cannot be rejected; it can only be applied"):
        await editor.run("whetstone.dismiss", id=proven["verdicts"][0]["improvement"])
    assert statuses(history) == ["approved"]


async def test_a_rollback_in_a_terminal_takes_its_verdict_along(editor, project, history):
    uri = opened(editor, project, CHEAPEST)
    await editor.prove(uri=uri)
    (improvement,) = history.improvements().values()
    write_improvements(history, [improvement], ADA)
    editor.tell("workspace/didChangeWatchedFiles", changes=[{"uri": uri, "type": 2}])
    (squiggle,) = await editor.squiggles(uri=uri)
    assert "proven" in squiggle["message"]
    roll_back(history, [history.improvement(improvement.id)], ADA)
    before = editor.count("workspace/diagnostic/refresh")
    editor.tell("workspace/didChangeWatchedFiles", changes=[{"uri": uri, "type": 2}])
    await editor.until(lambda: editor.count("workspace/diagnostic/refresh") > before)
    (squiggle,) = await editor.squiggles(uri=uri)
    assert "proven" not in squiggle["message"]


async def test_a_fix_that_was_turned_down_meanwhile_is_not_called_proven_any_more(editor, project, history):
    uri = opened(editor, project, CHEAPEST)
    await editor.prove(uri=uri)
    (fix,) = await editor.fixes("quickfix", uri=uri)
    (improvement,) = history.improvements().values()
    write_improvements(history, [improvement], ADA)
    roll_back(history, [history.improvement(improvement.id)], ADA)
    with pytest.raises(Refusal, match="is rolled-back, so it cannot be applied"):
        await picked(editor, uri, fix)
    editor.change({"text": CHEAPEST}, uri=uri)
    (squiggle,) = await editor.squiggles(uri=uri)
    assert "proven" not in squiggle["message"]


async def test_lines_that_were_changed_since_are_not_rolled_back(editor, project, history):
    uri = opened(editor, project, CHEAPEST)
    await editor.prove(uri=uri)
    (fix,) = await editor.fixes("quickfix", uri=uri)
    await picked(editor, uri, fix)
    changed = CHEAPEST_AFTER.replace("min(prices)", "min(prices, default=0)")
    editor.change({"text": changed}, uri=uri)
    (improvement,) = history.improvements()
    with pytest.raises(Refusal, match="was changed again since, at line 4"):
        await editor.run("whetstone.rollback", id=improvement)
    assert (text(editor, uri), statuses(history)) == (changed, ["applied"])


async def test_the_history_is_a_list_and_a_page(editor, project, history):
    uri = opened(editor, project, CHEAPEST)
    await editor.prove(uri=uri)
    (fix,) = await editor.fixes("quickfix", uri=uri)
    await picked(editor, uri, fix)
    answer = await editor.run("whetstone.showHistory", uri=uri)
    (improvement,) = answer["improvements"]
    assert (improvement["status"], improvement["path"]) == ("applied", str(project / "orders.py"))
    (shown,) = [said for said in editor.said if said["method"] == "window/showDocument"]
    page = (history.folder / "history.md").read_text()
    assert shown["params"]["uri"] == (history.folder / "history.md").as_uri()
    assert "picked in the editor" in page
    assert "-    return sorted(prices)[0]" in page


async def test_the_page_can_be_asked_for_several_times_at_once(editor, project, history):
    uri = opened(editor, project, CHEAPEST)
    await editor.prove(uri=uri)
    answers = await asyncio.gather(*(editor.run("whetstone.showHistory", uri=uri) for _ in range(8)))
    assert [len(answer["improvements"]) for answer in answers] == [1] * 8
    assert [file.name for file in history.folder.glob("*.md")] == ["history.md"]


async def test_why_says_what_an_improvement_stands_on(editor, project):
    uri = opened(editor, project, CHEAPEST)
    proven = await editor.prove(uri=uri)
    answer = await editor.run("whetstone.why", id=proven["verdicts"][0]["improvement"])
    assert "12 times faster on 3 recorded calls" in answer["markdown"]


async def test_nothing_in_a_file_ends_the_code_that_shows_it(editor, project):
    uri = opened(
        editor,
        project,
        CHEAPEST.replace("    return s", '    """\n```\n![seen](https://a.example/)\n"""\n    return s'),
    )
    proven = await editor.prove(uri=uri)
    answer = await editor.run("whetstone.why", id=proven["verdicts"][0]["improvement"])
    assert "\n````diff\n" in answer["markdown"]
    assert "\n ```\n" in answer["markdown"]
    assert answer["markdown"].endswith("\n````\n")


@pytest.mark.parametrize("command", ["apply", "rollback", "dismiss", "why"])
async def test_an_unknown_improvement_is_said(editor, project, command):
    opened(editor, project, CHEAPEST)
    with pytest.raises(Refusal, match="there is no improvement nobody"):
        await editor.run(f"whetstone.{command}", id="nobody")


async def test_a_history_that_was_altered_is_said_and_nothing_is_added(editor, project, history):
    uri = opened(editor, project, CHEAPEST)
    proven = await editor.prove(uri=uri)
    history.file.write_bytes(history.file.read_bytes().replace(b"proposed", b"PROPOSED", 1))
    with pytest.raises(Refusal, match="was altered by somebody else"):
        await editor.run("whetstone.apply", id=proven["verdicts"][0]["improvement"])
    assert text(editor, uri) == CHEAPEST


@pytest.mark.parametrize(
    ("source", "where"),
    [("# coding: latin-1\n# é\n" + CHEAPEST, "latin-1"), ("# é\n" + CHEAPEST, "utf-8-sig")],
    ids=["declared encoding", "byte order mark"],
)
async def test_what_the_editor_saves_can_be_rolled_back_in_a_terminal(editor, project, history, source, where):
    (project / "orders.py").write_bytes(source.encode(where))
    uri = editor.open(source, (project / "orders.py").as_uri())
    await editor.prove(uri=uri)
    (fix,) = await editor.fixes("quickfix", uri=uri)
    await picked(editor, uri, fix)
    (project / "orders.py").write_bytes(text(editor, uri).encode(where))
    (improvement,) = history.improvements().values()
    (done,) = roll_back(history, [improvement], improvement.records[-1].actor)
    assert not done.merged
    assert (project / "orders.py").read_bytes() == source.encode(where)
