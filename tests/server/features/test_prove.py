"""`whetstone.prove`: trust first, progress shown, stopped when asked, and a verdict that lasts as long as its text."""

from __future__ import annotations

import asyncio
import copy
import threading
from pathlib import Path

import pytest

from tests.server.features.conversation import FILE, MODERN, Refusal
from tests.server.features.sources import CHEAPEST, DEAREST
from whetstone_server.errors import NoSandbox
from whetstone_server.sandbox.verdict import Verdict

PROVEN = "proven 12.3× faster, 11.8–12.9"


def progress(conversation):
    return [said["params"] for said in conversation.said if said["method"] == "$/progress"]


def kinds(conversation):
    return [shown["value"]["kind"] for shown in progress(conversation)]


def start_proof(conversation, **more):
    """Ask for a proof without waiting for it; return the request's id and its answer."""
    return conversation.request(
        "workspace/executeCommand", command="whetstone.prove", arguments=[{"uri": FILE}], **more
    )


async def message(conversation):
    (squiggle,) = await conversation.squiggles()
    return squiggle["message"]


# -- trust -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [None, {}, {"trusted": False}, {"trusted": "yes"}, []])
async def test_nothing_is_run_before_the_person_trusts_the_workspace(conversation, laboratory, options):
    await conversation.begin(options=options)
    conversation.open(CHEAPEST)
    with pytest.raises(Refusal, match="not trusted"):
        await conversation.prove(uri=FILE)
    assert "not trusted" in conversation.said_to_the_person()[-1]
    assert laboratory.provers == []


async def test_trust_may_come_later_as_a_setting(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST)
    conversation.tell("workspace/didChangeConfiguration", settings={"whetstone": {"trusted": True}})
    answer = await conversation.prove(uri=FILE)
    assert answer["verdicts"][0]["verdict"] == "faster"


async def test_trust_that_came_as_a_setting_may_be_taken_away(conversation):
    await conversation.begin()
    conversation.open(CHEAPEST)
    conversation.tell("workspace/didChangeConfiguration", settings={"whetstone": {"trusted": True}})
    conversation.tell("workspace/didChangeConfiguration", settings={"whetstone": {"trusted": False}})
    with pytest.raises(Refusal, match="not trusted"):
        await conversation.prove(uri=FILE)


async def test_trust_that_came_with_hello_stays_when_the_setting_is_not_set(trusted):
    trusted.open(CHEAPEST)
    trusted.tell("workspace/didChangeConfiguration", settings={"whetstone": {"trusted": False, "budget": 3}})
    assert (await trusted.prove(uri=FILE))["verdicts"]


# -- what is proven --------------------------------------------------------------------------------------------------


async def test_the_text_in_the_editor_is_what_is_proven(trusted, laboratory):
    trusted.open("")
    trusted.change({"text": "# never saved 😀\n" + CHEAPEST})
    await trusted.prove(uri=FILE)
    (candidate,) = laboratory.candidates
    assert candidate.source.decode() == "# never saved 😀\n" + CHEAPEST
    assert candidate.path == Path("/project/orders.py")


async def test_a_finding_may_be_named_or_pointed_at(trusted, laboratory):
    trusted.open(CHEAPEST + "\n\n" + DEAREST)
    first, second = trusted.file().findings()
    await trusted.prove(uri=FILE, id=second.id)
    await trusted.prove(uri=FILE, range={"start": {"line": 3, "character": 12}, "end": {"line": 3, "character": 12}})
    assert [candidate.finding for candidate in laboratory.candidates] == [second, first]


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"uri": "file:///elsewhere.py"}, "open the file"),
        ({}, "open the file"),
        ({"uri": FILE, "id": "gone"}, "nothing here to prove"),
        (
            {"uri": FILE, "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}},
            "nothing here",
        ),
        ({"uri": FILE, "range": 3}, "not a range"),
        ({"uri": FILE, "range": {"start": {"line": -1, "character": 0}, "end": {}}}, "not a range"),
        ({"uri": "untitled:Untitled-1"}, "save the file"),
    ],
)
async def test_what_cannot_be_proven_is_refused_with_a_sentence(trusted, wanted, reason):
    trusted.open(CHEAPEST)
    trusted.open(CHEAPEST, uri="untitled:Untitled-1")
    with pytest.raises(Refusal, match=reason) as refusal:
        await trusted.prove(**wanted)
    assert trusted.said_to_the_person()[-1] == str(refusal.value)
    assert refusal.value.code == -32803


async def test_the_answer_has_the_verdicts_in_the_shape_of_the_command_line(trusted):
    trusted.open(CHEAPEST)
    answer = await trusted.prove(uri=FILE)
    (verdict,) = answer["verdicts"]
    assert (answer["version"], answer["cancelled"]) == (1, False)
    assert (verdict["code"], verdict["function"], verdict["verdict"]) == ("WP105", "cheapest", "faster")
    assert verdict["speedup"] == {"estimate": 12.3, "low": 11.8, "high": 12.9, "confidence": 0.95}


# -- what is shown ---------------------------------------------------------------------------------------------------


async def test_the_verdict_is_said_and_shown_in_the_squiggle(trusted):
    trusted.open(CHEAPEST)
    await trusted.squiggles()
    await trusted.prove(uri=FILE)
    assert trusted.count("workspace/diagnostic/refresh") == 1
    assert PROVEN in await message(trusted)
    assert trusted.said_to_the_person() == [f"cheapest: {PROVEN}."]


async def test_a_client_that_does_not_pull_is_sent_the_verdict(conversation):
    await conversation.begin({}, options={"trusted": True})
    conversation.open(CHEAPEST)
    await conversation.prove(uri=FILE)
    published = [said for said in conversation.said if said["method"] == "textDocument/publishDiagnostics"]
    assert PROVEN in published[-1]["params"]["diagnostics"][0]["message"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("no-difference", "not faster here: equal on 9 calls"),
        ("slower", "slower here: equal on 9 calls"),
        ("broken", "the rewrite would change what it does: equal on 9 calls"),
        ("not-exercised", "not proven: equal on 9 calls"),
        ("not-tried", "not proven: equal on 9 calls"),
    ],
)
async def test_a_squiggle_says_why_it_was_not_proven(trusted, laboratory, answer, words):
    laboratory.verdict = Verdict(answer, "equal on 9 calls.")
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    assert words in await message(trusted)


async def test_several_verdicts_are_said_in_one_sentence(trusted):
    trusted.open(CHEAPEST + "\n\n" + DEAREST)
    await trusted.prove(uri=FILE)
    (sentence,) = trusted.said_to_the_person()
    assert sentence.startswith("2 of 2 rewrites")


# -- progress --------------------------------------------------------------------------------------------------------


async def test_progress_is_shown_under_a_token_of_its_own(trusted):
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    created = [said for said in trusted.said if said["method"] == "window/workDoneProgress/create"]
    assert {shown["token"] for shown in progress(trusted)} == {created[0]["params"]["token"]}
    assert kinds(trusted) == ["begin", "report", "end"]
    assert progress(trusted)[0]["value"] == {
        "kind": "begin", "title": "Proving cheapest", "cancellable": True, "percentage": 0
    }  # fmt: skip


async def test_progress_is_shown_under_the_clients_token(trusted):
    trusted.open(CHEAPEST)
    for _ in range(2):
        await trusted.prove(token="mine", uri=FILE)
    assert trusted.count("window/workDoneProgress/create") == 0
    assert {shown["token"] for shown in progress(trusted)} == {"mine"}
    assert trusted.server.work_done_progress.tokens == {}


async def test_no_progress_is_shown_to_a_client_that_cannot(conversation):
    capabilities = copy.deepcopy(MODERN)
    del capabilities["window"]
    await conversation.begin(capabilities, options={"trusted": True})
    conversation.open(CHEAPEST)
    await conversation.prove(uri=FILE)
    assert progress(conversation) == []


# -- cancelling ------------------------------------------------------------------------------------------------------


async def test_cancelling_where_it_is_shown_stops_the_proof_and_keeps_no_verdict(trusted, laboratory):
    laboratory.waits = True
    trusted.open(CHEAPEST)
    _, answer = start_proof(trusted, workDoneToken="mine")
    await trusted.until(lambda: "report" in kinds(trusted))
    trusted.tell("window/workDoneProgress/cancel", token="mine")
    assert await answer == {"version": 1, "root": "/project", "cancelled": True, "verdicts": []}
    assert kinds(trusted)[-1] == "end"
    assert await asyncio.to_thread(laboratory.provers[0].closed.wait, 30)
    assert "proven" not in await message(trusted)


async def test_cancelling_the_request_stops_the_proof(trusted, laboratory):
    laboratory.waits = True
    trusted.open(CHEAPEST)
    name, answer = start_proof(trusted, workDoneToken="mine")
    await trusted.until(lambda: "report" in kinds(trusted))
    trusted.tell("$/cancelRequest", id=name)
    with pytest.raises(Refusal) as refusal:
        await answer
    assert refusal.value.code == -32800
    assert await asyncio.to_thread(laboratory.provers[0].closed.wait, 30)
    assert kinds(trusted)[-1] == "end"


async def test_after_a_cancelled_proof_the_next_one_gets_a_sandbox_of_its_own(trusted, laboratory):
    laboratory.waits = True
    trusted.open(CHEAPEST)
    _, answer = start_proof(trusted, workDoneToken="mine")
    await trusted.until(lambda: "report" in kinds(trusted))
    trusted.tell("window/workDoneProgress/cancel", token="mine")
    await answer
    laboratory.waits = False
    assert (await trusted.prove(uri=FILE))["verdicts"]
    assert len(laboratory.provers) == 2


async def test_cancelling_what_is_not_running_does_nothing(trusted):
    trusted.tell("window/workDoneProgress/cancel", token="none")
    trusted.open(CHEAPEST)
    assert (await trusted.prove(uri=FILE))["verdicts"]


async def test_other_requests_are_answered_while_a_proof_runs(trusted, laboratory):
    laboratory.waits = True
    trusted.open(CHEAPEST)
    _, answer = start_proof(trusted)
    await trusted.until(lambda: "report" in kinds(trusted))
    assert len(await trusted.squiggles()) == 1
    laboratory.go.set()
    assert (await answer)["verdicts"]


# -- sandboxes -------------------------------------------------------------------------------------------------------


async def test_the_sandbox_stays_warm_from_proof_to_proof(trusted, laboratory):
    trusted.open(CHEAPEST)
    for _ in range(3):
        await trusted.prove(uri=FILE)
    assert len(laboratory.provers) == 1
    assert not laboratory.provers[0].closed.is_set()


@pytest.mark.parametrize(("jobs", "provers"), [(1, 1), (2, 2)])
async def test_as_many_proofs_run_at_once_as_the_setting_says(conversation, laboratory, jobs, provers):
    laboratory.waits = True
    await conversation.begin(options={"trusted": True, "jobs": jobs})
    conversation.open(CHEAPEST)
    answers = [start_proof(conversation)[1] for _ in range(4)]
    await conversation.until(lambda: kinds(conversation).count("report") == jobs)
    laboratory.go.set()
    assert all(await asyncio.gather(*answers))
    assert laboratory.most_at_once == jobs
    assert len(laboratory.provers) == provers


async def test_saying_goodbye_ends_every_sandbox(trusted, laboratory):
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    await trusted.ask("shutdown")
    assert laboratory.provers[0].closed.is_set()


async def test_a_machine_without_a_sandbox_is_told_what_to_install(trusted, laboratory):
    laboratory.fault = NoSandbox("no sandbox works here: install bubblewrap")
    trusted.open(CHEAPEST)
    with pytest.raises(Refusal, match="install bubblewrap"):
        await trusted.prove(uri=FILE)
    assert trusted.said_to_the_person() == ["no sandbox works here: install bubblewrap"]
    assert kinds(trusted)[-1] == "end"


async def test_the_editors_settings_reach_the_prover(conversation, laboratory, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.whetstone]\nbudget = 3\nworkload = "pytest -q"\n')
    await conversation.begin(options={"trusted": True, "budget": 5}, folder=tmp_path.as_uri())
    conversation.open(CHEAPEST, uri=(tmp_path / "a.py").as_uri())
    await conversation.prove(uri=(tmp_path / "a.py").as_uri())
    (prover,) = laboratory.provers
    assert (prover.root, prover.settings.budget, prover.settings.workload) == (tmp_path, 5.0, "pytest -q")


# -- what makes a verdict stale --------------------------------------------------------------------------------------

CALLER = "import heapq\n\nLIMIT = 3\n\n\ndef unrelated():\n    return 1\n\n\n" + CHEAPEST.replace(
    "sorted(prices)", "sorted(positive(prices))"
) + "\n\ndef positive(prices):\n    return [price for price in prices if price > LIMIT]\n"  # fmt: skip


@pytest.fixture
async def proven(trusted):
    trusted.open(CALLER)
    await trusted.prove(uri=FILE)
    assert PROVEN in await message(trusted)
    return trusted


def edit(conversation, old, new):
    conversation.change({"text": conversation.file().source.decode().replace(old, new)})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return None", "return  None"),
        ("price > LIMIT", "price >= LIMIT"),
        ("LIMIT = 3", "LIMIT = 4"),
        ("def positive", "def sorted(x): return x\n\n\ndef positive"),
        ("LIMIT = 3", "LIMIT = 3\nimport other as positive"),
    ],
)
async def test_changing_what_it_rests_on_makes_a_verdict_stale(proven, old, new):
    edit(proven, old, new)
    assert not [squiggle for squiggle in await proven.squiggles() if "proven" in squiggle["message"]]
    assert not [action for action in await proven.actions() if "proven" in action["title"]]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return 1", "return 2"),
        ("import heapq\n", "import heapq\nimport os\n"),
        ("def unrelated", "def another():\n    '''\nLIMIT = 5\n    '''\n\n\ndef unrelated"),
    ],
)
async def test_changing_something_else_leaves_it_standing(proven, old, new):
    edit(proven, old, new)
    assert PROVEN in await message(proven)


async def test_taking_a_change_back_brings_the_verdict_back(proven):
    edit(proven, "return None", "return  None")
    edit(proven, "return  None", "return None")
    assert PROVEN in await message(proven)


async def test_an_edit_while_a_proof_runs_leaves_no_verdict_on_the_new_text(trusted, laboratory):
    laboratory.waits = True
    trusted.open(CALLER)
    _, answer = start_proof(trusted)
    await trusted.until(lambda: "report" in kinds(trusted))
    edit(trusted, "price > LIMIT", "price >= LIMIT")
    laboratory.go.set()
    await answer
    assert "proven" not in await message(trusted)


async def test_saving_another_changed_file_makes_verdicts_stale(proven):
    other = proven.open("x = 1\n", uri="file:///project/other.py")
    proven.insert(0, 0, "y = 2\n", uri=other)
    proven.tell("textDocument/didSave", textDocument={"uri": other})
    assert "proven" not in await message(proven)


async def test_saving_the_file_itself_leaves_them_standing(proven):
    proven.insert(0, 0, "\n")
    proven.tell("textDocument/didSave", textDocument={"uri": FILE})
    assert PROVEN in await message(proven)


async def test_new_settings_make_verdicts_stale(proven):
    proven.tell("workspace/didChangeConfiguration", settings={"whetstone": {"trusted": True, "threshold": 20.0}})
    assert "proven" not in await message(proven)


async def test_a_session_that_ends_while_a_proof_runs_breaks_nothing(trusted, laboratory, caplog):
    laboratory.waits = True
    trusted.open(CHEAPEST)
    _, answer = start_proof(trusted, workDoneToken="mine")
    await trusted.until(lambda: "report" in kinds(trusted))
    trusted.server.session.end()
    assert (await answer)["verdicts"] == []
    assert not caplog.records


async def test_a_proof_that_is_cancelled_before_it_has_a_prover_takes_none_away(trusted, laboratory):
    trusted.open(CHEAPEST)
    await trusted.prove(uri=FILE)
    provers = trusted.server.session.provers
    asked, go, given_back = threading.Event(), threading.Event(), asyncio.Event()
    usual, give_back = provers._taken, provers._give_back

    def slowly(*arguments):
        asked.set()
        go.wait(10)
        return usual(*arguments)

    def noticed(*arguments):
        give_back(*arguments)
        given_back.set()

    provers._taken, provers._give_back = slowly, noticed
    name, answer = start_proof(trusted)
    await asyncio.to_thread(asked.wait, 10)
    trusted.tell("$/cancelRequest", id=name)
    with pytest.raises(Refusal):
        await answer
    provers._taken = usual
    go.set()
    async with asyncio.timeout(10):
        await given_back.wait()
    await trusted.prove(uri=FILE)
    assert len(laboratory.provers) == 1
