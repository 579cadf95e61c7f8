"""The sandbox where something is missing: root, control groups, an interpreter's `ctypes`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

import whetstone_server
from tests.server.sandbox.conftest import ATTACK, SMALL, Sandbox
from whetstone_server.sandbox.cgroup import ControlGroup
from whetstone_server.sandbox.view import INSIDE

# ---- without control groups: limits for each process


@pytest.fixture
def ungrouped(engine, start, project, monkeypatch):
    """A sandbox that could not have a control group; the Docker engine always makes its own."""
    monkeypatch.setattr(ControlGroup, "make", lambda _: None)
    return start(project)


def test_memory_is_limited_without_control_groups(ungrouped):
    outcome = ungrouped.tries("held = bytearray(1 << 29)\nheld[::4096] = b'x' * (1 << 17)")
    assert outcome.state in {"crashed", "killed"}
    assert "memory" in outcome.detail.lower()
    assert ungrouped.answers("answer = 1") == 1


def test_processes_are_limited_without_control_groups(ungrouped):
    code = """
        import os, signal
        answer = 0
        try:
            while answer < 500:
                if not os.fork():
                    signal.pause()
                answer += 1
        except BlockingIOError:
            pass
    """
    assert 5 < ungrouped.answers(code) < 60
    assert ungrouped.answers("answer = 1") == 1


def test_processors_are_limited_without_control_groups(ungrouped):
    code = """
        import os, time
        began = time.monotonic()
        try:
            os.sched_setaffinity(0, range(os.cpu_count()))
        except OSError:
            pass
        for _ in range(3):
            if not os.fork():
                while time.monotonic() - began < 1.5:
                    pass
                os._exit(0)
        for _ in range(3):
            os.wait()
        spent = os.times()
        answer = (spent.children_user + spent.children_system) / (time.monotonic() - began)
    """
    assert ungrouped.answers(code) < 1.25


# ---- without ctypes: jobs take turns, and leave as little behind


@pytest.fixture
def bare(engine, interpreter, project, tmp_path):
    """A sandbox whose interpreter cannot ask for orphans."""
    folder = tmp_path / "bare"
    shutil.copytree(INSIDE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "attack.py").write_text(ATTACK)
    (folder / "ctypes.py").write_text("raise ImportError('left out')\n")
    with type(engine)(folder).start(project, interpreter, SMALL) as session:
        yield Sandbox(session, project)


def test_orphans_are_gone_without_ctypes(bare):
    code = """
        import os, signal
        if not os.fork():
            os.setsid()
            if os.fork():
                os._exit(0)
            signal.pause()
        os.wait()
        answer = len([name for name in os.listdir("/proc") if name.isdigit()])
    """
    assert bare.answers(code) == 4
    assert bare.answers(code) == 4


def test_jobs_take_turns_without_ctypes(bare):
    answers = []
    code = """
        import os, time
        time.sleep(0.2)
        answer = len([name for name in os.listdir("/proc") if name.isdigit()])
    """
    threads = [threading.Thread(target=lambda: answers.append(bare.answers(code))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [3, 3, 3]


# ---- without root

CLIENT = """
import json, sys
from pathlib import Path
from whetstone_server.sandbox.{module} import {name}
from whetstone_server.sandbox.engine import Limits
from whetstone_server.sandbox.interpreter import find_interpreter
engine = {name}(Path("inside").resolve())
assert engine.refusal() is None, engine.refusal()
limits = Limits(memory_bytes=256 << 20, processes=40, scratch_bytes=16 << 20)
outcomes = []
with engine.start(Path("project"), find_interpreter(Path("project"), Path(sys.executable), {{}}), limits) as session:
    for code in json.load(sys.stdin):
        outcome = session.run("attack", {{"code": code}}, timeout=20)
        outcomes.append([outcome.state, outcome.detail, (outcome.result or {{}}).get("answer")])
json.dump(outcomes, sys.stdout)
"""

IDENTITY = """
import os
told = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
answer = [os.getuid(), os.getgid(), int(told["CapEff"], 16), int(told["CapBnd"], 16)]
answer += [told["NoNewPrivs"], told["Seccomp"]]
"""
WRITING = """
answer = []
for file in ("notes.txt", "new", "/usr/new", "/etc/new", "/new", "/proc/sys/kernel/core_pattern"):
    try:
        open(file, "a").close()
        answer.append(file)
    except OSError:
        pass
"""
REACHING = """
import os, socket
answer = [name for _, name in socket.if_nameindex()]
answer += [path for path in ("/etc/shadow", "/root", "/home", {beside!r}) if os.path.exists(path)]
answer += [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) > 50]
"""
HOARDING = "held = bytearray(1 << 29)\nheld[::4096] = b'x' * (1 << 17)"
FORKING = """
import os, signal
answer = 0
try:
    while answer < 500:
        if not os.fork():
            os.setsid()
            signal.pause()
        answer += 1
except BlockingIOError:
    pass
"""
NEW_NAMESPACE = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
answer = [libc.unshare(0x10000000), ctypes.get_errno()]
"""


@pytest.fixture
def ordinary():
    """A folder of an ordinary account's, with the packages, a project and something private in it."""
    if os.geteuid() != 0:
        pytest.skip("the other tests run as an ordinary account already")
    folder = Path(tempfile.mkdtemp(dir="/var/tmp"))
    packages = Path(whetstone_server.__file__).parent
    shutil.copytree(packages / "sandbox", folder / "whetstone_server" / "sandbox")
    shutil.copy(packages / "errors.py", folder / "whetstone_server")
    shutil.copytree(INSIDE, folder / "inside")
    (folder / "inside" / "attack.py").write_text(ATTACK)
    (folder / "project").mkdir()
    (folder / "project" / "notes.txt").write_text("kept\n")
    (folder / "private").write_text("do not tell")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, 12345, 12345)
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def _reachable_python() -> str:
    """A Python new enough for the client that an ordinary account can start."""
    check = "import os, sys; os.stat(sys.executable); sys.exit(sys.version_info < (3, 11))"
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        if shutil.which(python) and subprocess.run([*_as_somebody(), python, "-c", check], check=False).returncode == 0:
            return python
    pytest.skip("an ordinary account can reach no Python 3.11 or newer here")


def _as_somebody() -> list[str]:
    return ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups"]


@pytest.mark.parametrize(("module", "name"), [("bubblewrap", "Bubblewrap"), ("namespaces", "Namespaces")])
def test_an_ordinary_account_is_held_as_well(ordinary, module, name):
    codes = [IDENTITY, WRITING, REACHING.format(beside=str(ordinary / "private")), HOARDING, FORKING, NEW_NAMESPACE]
    ran = subprocess.run(
        [*_as_somebody(), _reachable_python(), "-B", "-c", CLIENT.format(module=module, name=name)],
        input=json.dumps(codes),
        capture_output=True,
        text=True,
        check=False,
        cwd=ordinary,
        env={"HOME": str(ordinary), "PATH": os.defpath},
    )
    assert ran.returncode == 0, ran.stderr
    identity, writing, reaching, hoarding, forking, namespace = json.loads(ran.stdout)
    assert identity == ["done", "", [65534, 65534, 0, 0, "1", "2"]]
    assert writing == ["done", "", []]
    assert reaching == ["done", "", ["lo"]]
    assert hoarding[0] in {"crashed", "killed"}
    assert forking[0] == "done"
    assert 5 < forking[2] < 60
    assert namespace == ["done", "", [-1, 1]]
    assert (ordinary / "project" / "notes.txt").read_text() == "kept\n"
