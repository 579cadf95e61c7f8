"""A server that is killed in the middle of a proof leaves nothing running, and a store that opens."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
import uuid

import psutil
import pytest

from tests.client import editor as connected
from tests.client import modern
from tests.e2e.conftest import SLOW
from whetstone_server import state
from whetstone_server.events import open_store
from whetstone_server.improvements.history import History
from whetstone_server.sandbox.bubblewrap import Bubblewrap
from whetstone_server.sandbox.docker import Docker
from whetstone_server.sandbox.namespaces import Namespaces
from whetstone_server.sandbox.view import INSIDE

ENGINES = {"docker": Docker, "bubblewrap": Bubblewrap, "namespaces": Namespaces}
GONE_SECONDS = 5
PATIENCE_SECONDS = 120
SLEEPY = """\
import subprocess, sys


def test_that_takes_its_time():
    subprocess.run([sys.executable, "-c", "import time; time.sleep(600)", "{mark}"])
"""


@pytest.fixture(params=ENGINES)
def engine(request):
    """Return the name of each engine that works here."""
    refusal = ENGINES[request.param](INSIDE).refusal()
    if refusal is not None:
        pytest.skip(refusal)
    return request.param


def marked(mark):
    """Return the processes of this machine that were started with a mark."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if mark in process.cmdline():
                found.append(process)
    return found


def started(mark):
    """Return the marked processes as soon as there are any; nothing in the sandbox could tell of them."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := marked(mark)):
        assert time.monotonic() < deadline, "the proof did not get as far as the tests"
    return found


async def test_nothing_runs_on_and_the_stores_open(project, engine):
    mark = f"mark-{uuid.uuid4().hex}"
    (project / "test_sleepy.py").write_text(SLEEPY.format(mark=mark))
    async with connected() as editor:
        await editor.begin(project, capabilities=modern(), options={"trusted": True, "sandbox": engine})
        uri = editor.open((project / "report.py").as_uri(), SLOW)
        await editor.squiggles(uri)
        proof = asyncio.ensure_future(editor.run("whetstone.prove", {"uri": uri}, token="mine"))
        sandboxed = await asyncio.to_thread(started, mark)
        below = psutil.Process(editor._server.pid).children(recursive=True)
        os.kill(editor._server.pid, 9)
        _, alive = await asyncio.to_thread(psutil.wait_procs, [*sandboxed, *below], GONE_SECONDS)
        assert alive == []
        await editor._server.wait()
        proof.cancel()
    with open_store(state.events(project)) as store:
        assert {event.kind for event in store.between()} >= {"document.open"}
    assert History(project).verify() == []
