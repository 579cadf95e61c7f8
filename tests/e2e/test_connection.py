"""How a server begins and ends, seen from outside its process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import subprocess
import sys

import pytest

from tests.client import PATIENCE_SECONDS, SERVER, Editor
from tests.e2e.conftest import SLOW


def framed(method, number=None, **params):
    """Return a message as bytes."""
    message = {"jsonrpc": "2.0", "method": method, "params": params} | ({"id": number} if number else {})
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def messages(stream):
    """Yield what the server says."""
    while line := stream.readline():
        size = int(line.removeprefix(b"Content-Length: "))
        while stream.readline() != b"\r\n":
            pass
        yield json.loads(stream.read(size))


HELLO = framed("initialize", 1, processId=None, rootUri=None, capabilities={}) + framed("initialized")
GOODBYE = framed("shutdown", 2) + framed("exit")


def status_after(messages):
    """Return the exit status of a server that gets `messages` and then the end of its input."""
    return subprocess.run(SERVER, input=messages, capture_output=True, timeout=PATIENCE_SECONDS, check=False).returncode


def test_a_proper_goodbye_ends_with_0():
    assert status_after(HELLO + GOODBYE) == 0


@pytest.mark.parametrize("messages", [b"", HELLO, HELLO + framed("exit"), HELLO + b"Content-Length: 99\r\n\r\n{"])
def test_an_editor_that_goes_away_is_not_waited_for(messages):
    assert status_after(messages) == 1


def test_rubbish_is_logged_and_the_next_message_is_answered():
    rubbish = b"Content-Length: 3\r\n\r\n{{{" + b"Content-Length: 2\r\n\r\n[]" + b"Content-Length: 4\r\n\r\nnull"
    ended = subprocess.run(
        SERVER,
        input=HELLO + rubbish + framed("shutdown", 2),
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert b'"id": 2' in ended.stdout
    assert b"Traceback" not in ended.stdout


def test_nothing_but_warnings_is_logged_in_a_quiet_session():
    item = {"uri": "file:///a.py", "languageId": "python", "version": 1, "text": SLOW}
    session = HELLO + framed("textDocument/didOpen", textDocument=item) + GOODBYE
    ended = subprocess.run(SERVER, input=session, capture_output=True, timeout=PATIENCE_SECONDS, check=False)
    assert ended.stderr == b""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can be told when another process ends")
def test_the_server_ends_with_the_editors_process_even_when_the_pipe_stays_open():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as client:
        hello = framed("initialize", 1, processId=client.pid, rootUri=None, capabilities={}) + framed("initialized")
        with subprocess.Popen(SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
            server.stdin.write(hello + framed("textDocument/hover", 2))
            server.stdin.flush()
            answer = next(message for message in messages(server.stdout) if message.get("id") == 2)
            assert "error" in answer  # it named no document; that it was answered says that `initialized` was handled
            client.kill()
            assert server.wait(PATIENCE_SECONDS) == 1
            assert b"process is gone" in server.stderr.read()


async def test_a_session_over_a_socket():
    server = await asyncio.create_subprocess_exec(*SERVER, "--tcp", "127.0.0.1:0", stderr=asyncio.subprocess.PIPE)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            line = (await server.stderr.readline()).decode()
            port = int(re.search(r"127\.0\.0\.1:(\d+)", line)[1])
            editor = Editor()
            await editor.start_tcp("127.0.0.1", port)
            await editor.begin()
            uri = editor.open("file:///report.py", SLOW)
            assert len(await editor.squiggles(uri)) == 1
            await editor.shutdown_async(None)
            editor.exit(None)
            assert await server.wait() == 0
            await editor.stop()
            editor.protocol.writer.close()  # pygls leaves that to the collector, which then warns in some later test
            with contextlib.suppress(OSError):  # the other end is gone already
                await editor.protocol.writer.wait_closed()
    finally:
        with contextlib.suppress(ProcessLookupError):
            server.kill()


def test_an_address_that_is_taken_is_said_in_one_line():
    ended = subprocess.run(
        [*SERVER, "--tcp", "192.0.2.1:9"], capture_output=True, timeout=PATIENCE_SECONDS, check=False, text=True
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("whetstone: nobody can listen at 192.0.2.1:9")
    assert len(ended.stderr.splitlines()) == 1
