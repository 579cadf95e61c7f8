"""The whole workspace is looked through, in the background: each file once, open documents as the editor has them."""

from __future__ import annotations

import asyncio
import copy
from pathlib import Path

import pytest

from tests.server.features.conversation import MODERN, Refusal
from tests.server.features.sources import CHEAPEST, FOUND
from whetstone_server.features import workspace_diagnostic
from whetstone_server.session.changes import Changes


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / "home"))
    folder = tmp_path / "shop 😀"
    (folder / "sub").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("")
    (folder / "a.py").write_text(f"'😀'; x = 1\n{CHEAPEST}".replace("    return sorted", "    '😀'; return sorted"))
    (folder / "sub" / "b.py").write_text(CHEAPEST)
    (folder / "quiet.py").write_text("x = 1\n")
    return folder


@pytest.fixture
async def working(conversation, folder):
    await conversation.begin(folder=folder.as_uri())
    return conversation


def known_from(*answers):
    """Return what a client knows after some answers, as it says so in the next request."""
    known = {}
    for answer in answers:
        for report in answer["items"]:
            known[report["uri"]] = report.get("resultId")
    return [{"uri": uri, "value": value} for uri, value in known.items() if value]


async def look(conversation, known=(), **more):
    return await conversation.ask("workspace/diagnostic", previousResultIds=list(known), **more)


def by_name(answer):
    return {Path(report["uri"]).name: report for report in answer["items"]}


async def test_every_file_with_findings_is_reported_and_no_other(working, folder):
    reports = by_name(await look(working))
    assert set(reports) == {"a.py", "b.py"}
    assert reports["a.py"]["uri"] == (folder / "a.py").as_uri()
    assert reports["a.py"]["kind"] == "full"
    (item,) = reports["a.py"]["items"]
    assert item["code"] == "WP105"
    start = len("    '😀'; return ") + 1  # UTF-16
    assert item["range"] == {
        "start": {"line": 4, "character": start},
        "end": {"line": 4, "character": start + len(FOUND)},
    }


async def test_the_files_are_counted_for_the_speed_of_indexing(working):
    await look(working)
    window = working.server.session.meter.take()
    assert window.scanned == 3
    assert window.scanning_seconds > 0


async def test_only_clients_that_pull_are_offered_it(conversation, folder):
    offered = await conversation.begin(folder=folder.as_uri())
    assert offered["diagnosticProvider"]["workspaceDiagnostics"] is True


async def test_clients_that_do_not_pull_are_not_offered_it(conversation):
    assert "diagnosticProvider" not in await conversation.begin({})


async def test_an_open_document_wins_over_the_file(working, folder):
    uri = (folder / "a.py").as_uri()
    working.open("x = 1\n", uri)
    reports = by_name(await look(working))
    assert (reports["a.py"]["items"], reports["a.py"]["version"]) == ([], 1)
    report = await working.pull(uri, reports["a.py"]["resultId"])
    assert report["kind"] == "unchanged"
    working.tell("textDocument/didClose", textDocument={"uri": uri})
    assert len(by_name(await look(working, known_from({"items": list(reports.values())})))["a.py"]["items"]) == 1


async def test_what_is_known_is_not_sent_again_and_what_is_gone_is_taken_back(working, folder):
    first = await look(working)
    (folder / "sub" / "b.py").unlink()
    working.tell("workspace/didChangeWatchedFiles", changes=[{"uri": (folder / "sub/b.py").as_uri(), "type": 3}])
    second = by_name(await look(working, known_from(first)))
    assert second["a.py"]["kind"] == "unchanged"
    assert second["a.py"]["resultId"] == by_name(first)["a.py"]["resultId"]
    assert (second["b.py"]["kind"], second["b.py"]["items"]) == ("full", [])


async def test_settings_choose_what_is_reported(working, folder):
    first = await look(working)
    (folder / "pyproject.toml").write_text("[tool.whetstone]\nignore = ['WP105']\n")
    working.tell("workspace/didChangeWatchedFiles", changes=[{"uri": (folder / "pyproject.toml").as_uri(), "type": 2}])
    second = by_name(await look(working, known_from(first)))
    assert [report["items"] for report in second.values()] == [[], []]


async def test_comments_silence_findings(working, folder):
    (folder / "sub" / "b.py").write_text(CHEAPEST.replace(FOUND, f"{FOUND}  # whetstone: ignore"))
    assert set(by_name(await look(working))) == {"a.py"}


async def test_a_byte_order_mark_takes_no_column(working, folder):
    (folder / "a.py").write_bytes(b"\xef\xbb\xbfdef f(x): return sorted(x)[0]\n")
    (item,) = by_name(await look(working))["a.py"]["items"]
    assert item["range"]["start"] == {"line": 0, "character": len("def f(x): return ")}


async def test_a_client_that_knows_everything_waits_for_something_new(working, folder):
    first = await look(working)
    _, waiting = working.request("workspace/diagnostic", previousResultIds=known_from(first))
    assert await look(working, [{"uri": "file:///gone.py", "value": "x"}])
    assert not waiting.done()
    (folder / "quiet.py").write_text(CHEAPEST)
    working.tell("workspace/didChangeWatchedFiles", changes=[{"uri": (folder / "quiet.py").as_uri(), "type": 2}])
    answer = by_name(await waiting)
    assert answer["quiet.py"]["kind"] == "full"
    assert answer["a.py"]["kind"] == "unchanged"


@pytest.mark.parametrize("watches", [True, False])
async def test_nobody_waits_for_ever(conversation, folder, monkeypatch, watches):
    """Where nobody tells of files that change on the disk, they are looked at again."""
    capabilities = copy.deepcopy(MODERN)
    capabilities["workspace"]["didChangeWatchedFiles"] = {"dynamicRegistration": watches}
    await conversation.begin(capabilities, folder=folder.as_uri())
    first = await look(conversation)
    (folder / "quiet.py").write_text(CHEAPEST)
    monkeypatch.setattr(workspace_diagnostic, "HOLD_SECONDS", 0.0)
    second = by_name(await look(conversation, known_from(first)))
    assert set(second) == (set() if watches else {"a.py", "b.py", "quiet.py"})


async def test_the_end_of_the_session_ends_the_wait(working):
    first = await look(working)
    _, waiting = working.request("workspace/diagnostic", previousResultIds=known_from(first))
    working.server.session.end()
    async with asyncio.timeout(30):
        await waiting


async def test_findings_are_sent_in_parts_where_the_client_takes_them(working, folder, monkeypatch):
    monkeypatch.setattr(workspace_diagnostic, "BATCH", 2)
    for number in range(4):
        (folder / f"more{number}.py").write_text(CHEAPEST)
    answer = await look(working, partialResultToken="parts")
    assert answer["items"] == []
    parts = [said["params"] for said in working.said if said["method"] == "$/progress"]
    parts = [said["value"]["items"] for said in parts if said["token"] == "parts"]
    assert [len(part) for part in parts] == [2, 2, 2]
    assert all(report["kind"] == "full" for part in parts for report in part)


async def test_the_first_look_is_shown_and_later_ones_are_not(working):
    await look(working)
    kinds = [said["params"]["value"]["kind"] for said in working.said if said["method"] == "$/progress"]
    assert (kinds[0], kinds[-1], "report" in kinds) == ("begin", "end", True)
    await look(working)
    assert kinds == [said["params"]["value"]["kind"] for said in working.said if said["method"] == "$/progress"]


async def test_who_cancels_it_where_it_is_shown_is_not_asked_again(working, monkeypatch):
    begun = asyncio.Event()

    async def endless(*_):
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(workspace_diagnostic, "_look", endless)
    _, answer = working.request("workspace/diagnostic", previousResultIds=[], workDoneToken="mine")
    await begun.wait()
    working.tell("window/workDoneProgress/cancel", token="mine")
    with pytest.raises(Refusal) as refusal:
        await answer
    assert refusal.value.code == -32802
    assert refusal.value.data == {"retriggerRequest": False}


async def test_a_cancelled_request_ends_the_process_that_looks(working, monkeypatch):
    processes = []
    start = asyncio.create_subprocess_exec

    async def noted(*arguments, **keywords):
        processes.append(await start(*arguments, **keywords))
        name, _ = request
        working.tell("$/cancelRequest", id=name)
        return processes[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    request = working.request("workspace/diagnostic", previousResultIds=[])
    with pytest.raises(Refusal):
        await request[1]
    async with asyncio.timeout(30):
        await processes[0].wait()


async def test_folders_inside_others_are_looked_through_once(conversation, folder):
    await conversation.begin(folder=folder.as_uri())
    added = [{"uri": (folder / "sub").as_uri(), "name": "sub"}]
    conversation.tell("workspace/didChangeWorkspaceFolders", event={"added": added, "removed": []})
    assert [Path(report["uri"]).name for report in (await look(conversation))["items"]] == ["a.py", "b.py"]


async def test_changes_are_counted_and_waited_for():
    changes = Changes()
    assert not await changes.after(0, 0.0)
    changes.tell()
    assert await changes.after(0, 30.0)
    waiting = asyncio.ensure_future(changes.after(1, 30.0))
    await asyncio.sleep(0)
    changes.end()
    assert await waiting
    assert not await changes.after(changes.number, 30.0)
