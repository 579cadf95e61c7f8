"""What goes wrong around a server is said in a sentence that helps, and the server goes on with every edit in place."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import uuid
from pathlib import Path

import psutil
import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.client import SERVER, modern, place
from tests.client import editor as connected
from tests.e2e.conftest import FAST, SLOW
from tests.e2e.test_killed_server import SLEEPY, engine, started  # noqa: F401 -- a fixture is used by its name
from tests.e2e.test_prove_then_apply import made

TRUSTED = {"trusted": True, "budget": 1}


async def still_works(editor, uri, text=SLOW, mended=FAST):
    """Type something, and see that the rewrite of the text lands where it belongs."""
    editor.type(uri, (types.Range(types.Position(0, 0), types.Position(0, 0)), "# 😀\r\n"))
    text, mended = f"# 😀\r\n{text}", f"# 😀\r\n{mended}"
    (squiggle,) = await editor.squiggles(uri)
    assert squiggle.range == place(text, "text += word")
    fix, *_ = await editor.actions(uri, squiggle.range)
    assert await made(editor, fix, text) == mended


async def refused(editor, uri):
    """Try a proof that cannot be made; return what the person is told."""
    with pytest.raises(JsonRpcException) as refusal:
        await editor.run("whetstone.prove", {"uri": uri})
    await editor.until(lambda: editor.messages)
    assert editor.messages[-1].message == refusal.value.message
    return refusal.value.message


def report(editor, project, text=SLOW):
    return editor.open((project / "report.py").as_uri(), text)


async def test_an_interpreter_that_does_not_exist_is_named(editor, project):
    await editor.begin(project, options={**TRUSTED, "python": "/no/such/python"})
    uri = report(editor, project)
    assert (
        await refused(editor, uri) == "there is no Python at /no/such/python; name another with --python or the setting"
    )
    await still_works(editor, uri)


NONSENSE = [
    ("whetstone.provee", [{}], "is not a command of Whetstone's; there are: "),
    ("whetstone.prove", [], "takes one object"),
    ("whetstone.prove", [1, 2], "takes one object"),
    ("whetstone.prove", [{"uri": 7}], "open the file"),
    ("whetstone.rollback", [{"id": "../../etc/passwd"}], ""),
    ("whetstone.apply", [{"id": None}], ""),
    ("whetstone.why", [{"id": {"a": []}}], ""),
    ("whetstone.applied", [{"id": "made up"}], "was not made as it was offered"),
]


@pytest.mark.parametrize(("command", "arguments", "answer"), NONSENSE)
async def test_a_command_that_makes_no_sense_is_answered_with_a_sentence(editor, project, command, arguments, answer):
    await editor.begin(project, options=TRUSTED)
    uri = report(editor, project)
    with pytest.raises(JsonRpcException) as refusal:
        await editor.run(command, *arguments)
    assert answer in refusal.value.message
    assert "its log says why" not in refusal.value.message
    await still_works(editor, uri)


FAR = types.Range(types.Position(5, 2_000_000_000), types.Position(2_000_000_000, 2_000_000_000))
BACKWARDS = types.Range(types.Position(40, 3), types.Position(2, 1))


@pytest.mark.parametrize("where", [FAR, BACKWARDS])
async def test_ranges_outside_of_the_document_are_answered(editor, project, where):
    await editor.begin(project, options=TRUSTED)
    uri = report(editor, project)
    document = types.TextDocumentIdentifier(uri)
    await editor.actions(uri, where)
    await editor.text_document_hover_async(types.HoverParams(document, where.start))
    await editor.text_document_inlay_hint_async(types.InlayHintParams(document, where))
    await editor.text_document_completion_async(types.CompletionParams(document, where.start))
    await still_works(editor, uri)


LINE_ENDS = {"LF": "\n", "CRLF": "\r\n"}


@pytest.mark.parametrize("encoding", types.PositionEncodingKind)
@pytest.mark.parametrize("end", LINE_ENDS)
async def test_a_rewrite_lands_right_whatever_the_text_is_made_of(editor, project, encoding, end):
    """A byte order mark that an editor leaves in, tabs, and characters outside of the basic plane stay as they are."""
    await editor.begin(project, capabilities=modern(encoding))

    def dressed(text):
        return "\ufeff" + text.replace("    ", "\t").replace("one in", "😀\u2028\U0001d4b3 in").replace(
            "\n", LINE_ENDS[end]
        )

    text = dressed(SLOW)
    uri = report(editor, project, text)
    (squiggle,) = await editor.squiggles(uri)
    fix, *_ = await editor.actions(uri, squiggle.range)
    assert await made(editor, fix, text, encoding) == dressed(FAST)


async def test_a_file_that_is_no_utf_8_is_looked_at_and_proven_as_the_editor_shows_it(editor, project):
    """On the disk is a byte that no character begins with; editors show it as U+FFFD."""
    (project / "report.py").write_bytes(SLOW.encode().replace("😀".encode(), b"\xff"))
    (project / "other.py").write_bytes(b"\xff\xfe\x00 =")
    await editor.begin(project, options=TRUSTED)
    shown, mended = SLOW.replace("😀", "\ufffd"), FAST.replace("😀", "\ufffd")
    uri = report(editor, project, shown)
    answer = await editor.run("whetstone.prove", {"uri": uri})
    assert len(answer["verdicts"] if isinstance(answer, dict) else answer.verdicts) == 1
    await editor.workspace_diagnostic_async(types.WorkspaceDiagnosticParams(previous_result_ids=[]))
    await still_works(editor, uri, shown, mended)


# -- disks -----------------------------------------------------------------------------------------------------------

HELD_BACK = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")
"""What makes permissions count for root too."""
SMALL = 'mount -t tmpfs -o size=256k none "$0" && head -c 9000000 /dev/zero >"$0/ballast" 2>&-; exec "$@"'


async def forgets_and_goes_on(command, project):
    """Prove something with a home in which nothing can be kept; the person is told, and nothing else is different."""
    async with connected(command) as editor:
        await editor.begin(project, capabilities=modern(), options=TRUSTED)
        uri = report(editor, project)
        answer = await editor.run("whetstone.prove", {"uri": uri})
        assert len(answer["verdicts"] if isinstance(answer, dict) else answer.verdicts) == 1
        await editor.until(lambda: any("will forget" in message.message for message in editor.messages))
        await still_works(editor, uri)
        (said,) = [message.message for message in editor.messages if "will forget" in message.message]
        return said


def as_somebody():
    """Return what starts a server for which permissions count."""
    if os.geteuid():
        return SERVER
    if not shutil.which("setpriv"):
        pytest.skip("permissions do not count for root without the program setpriv")
    return (*HELD_BACK, *SERVER)


async def test_a_store_that_cannot_be_written_costs_the_memory_of_the_session(project, tmp_path):
    (tmp_path / "home").mkdir(mode=0o555)
    said = await forgets_and_goes_on(as_somebody(), project)
    assert "Permission denied" in said
    assert "set WHETSTONE_HOME to a folder that can" in said


@pytest.fixture
def own_mounts(tmp_path):
    """Return the command before another that lets it mount what ends with it."""
    (tmp_path / "probe").mkdir()
    command = ("unshare", "--mount")
    probe = [*command, "mount", "-t", "tmpfs", "none", tmp_path / "probe"]
    if not shutil.which("unshare") or subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("a small disk needs the program unshare and the right to mount")
    return command


async def test_a_store_on_a_full_disk_costs_the_memory_of_the_session(project, tmp_path, own_mounts):
    home = tmp_path / "home"
    home.mkdir()
    said = await forgets_and_goes_on((*own_mounts, "sh", "-c", SMALL, str(home), *SERVER), project)
    assert "No space left" in said


async def test_a_folder_that_nobody_may_write_to_is_worked_on_all_the_same(project):
    project.chmod(0o555)
    try:
        async with connected(as_somebody()) as editor:
            await editor.begin(project, capabilities=modern(), options=TRUSTED)
            uri = report(editor, project)
            answer = await editor.run("whetstone.prove", {"uri": uri})
            (verdict,) = answer["verdicts"] if isinstance(answer, dict) else answer.verdicts
            assert (verdict["verdict"] if isinstance(verdict, dict) else verdict.verdict) == "faster"
            await still_works(editor, uri)
    finally:
        project.chmod(0o755)


# -- engines ---------------------------------------------------------------------------------------------------------


def end_world_of(process):
    """Kill every process in the process namespace of one."""
    world = Path(f"/proc/{process.pid}/ns/pid").readlink()
    for other in psutil.pids():
        try:
            if Path(f"/proc/{other}/ns/pid").readlink() == world:
                os.kill(other, 9)
        except OSError:
            continue


async def test_an_engine_that_dies_during_a_proof_is_named_in_the_verdict(editor, project, engine):  # noqa: F811
    mark = f"mark-{uuid.uuid4().hex}"
    (project / "test_sleepy.py").write_text(SLEEPY.format(mark=mark))
    await editor.begin(project, options={**TRUSTED, "sandbox": engine})
    uri = report(editor, project)
    proof = asyncio.ensure_future(editor.run("whetstone.prove", {"uri": uri}))
    (sandboxed, *_) = await asyncio.to_thread(started, mark)
    await asyncio.to_thread(end_world_of, sandboxed)
    answer = await proof
    (verdict,) = answer["verdicts"] if isinstance(answer, dict) else answer.verdicts
    assert "the sandbox" in (verdict["reason"] if isinstance(verdict, dict) else verdict.reason)
    await still_works(editor, uri)
