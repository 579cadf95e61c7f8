"""A session from outside: what jobs answer, what they print, how they and the sandbox end."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from whetstone_server.errors import InputError, SandboxDied
from whetstone_server.sandbox.engine import MIB, Interpreter, Limits
from whetstone_server.sandbox.interpreter import find_interpreter


def test_says_which_python_is_inside(sandbox):
    assert sandbox.session.python_version == ".".join(map(str, sys.version_info[:3]))


def test_runs_in_the_project_with_the_users_interpreter(sandbox):
    code = "import os, sys; answer = [os.getcwd(), sys.executable, sys.prefix]"
    assert sandbox.answers(code) == [str(sandbox.project), sys.executable, sys.prefix]


def test_the_projects_own_modules_come_before_the_jobs(start, project):
    (project / "attack.py").write_text("WHOSE = 'the project'")
    code = "import sys; sys.path.insert(0, arguments['project']); import attack; answer = attack.WHOSE"
    assert start(project).answers(code, project=str(project)) == "the project"


# ---- how jobs end


def test_an_exception_is_told_with_its_traceback(sandbox):
    outcome = sandbox.tries("raise ValueError('too\\nbad')")
    assert outcome.state == "crashed"
    assert outcome.detail == "ValueError: too\nbad"
    assert "Traceback" in outcome.output
    assert outcome.result is None


def test_a_job_that_does_not_exist_crashes(sandbox):
    assert sandbox.session.run("nowhere", {}, timeout=10).state == "crashed"


@pytest.mark.parametrize("deed", ["os._exit(3)", "os._exit(0)", "sys.exit(0)"])
def test_leaving_without_an_answer_is_no_answer(sandbox, deed):
    outcome = sandbox.tries(f"import os, sys; {deed}")
    assert outcome.state == "crashed"
    assert outcome.result is None


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_a_signal_is_named(sandbox, number):
    outcome = sandbox.tries(f"import os; os.kill(os.getpid(), {int(number)})")
    assert outcome.state == "killed"
    assert number.name in outcome.detail


def test_time_is_up_on_time(sandbox):
    began = time.monotonic()
    outcome = sandbox.tries("while True: pass", timeout=0.5)
    assert outcome.state == "timed-out"
    assert 0.5 <= outcome.seconds < 5
    assert time.monotonic() - began < 10


def test_a_thread_left_running_does_not_hold_the_answer_back(sandbox):
    code = "import threading, time; threading.Thread(target=time.sleep, args=(60,)).start(); answer = 5"
    assert sandbox.answers(code) == 5


@pytest.mark.parametrize(
    "deed",
    [
        "open(folder + '/result.json', 'w').write('{not json')",
        "open(folder + '/result.json', 'w').write('[1]')",
        "open(folder + '/result.json', 'w').write('[' * 100000)",
        "open(folder + '/result.json', 'wb').write(b'\\xff\\xfe{')",
        "open(folder + '/result.json', 'w').write('{}\\n{\"id\": \"1\"}\\n')",
        "os.symlink('/etc/passwd', folder + '/result.json')",
        "os.mkfifo(folder + '/result.json')",
        "os.mkdir(folder + '/result.json')",
    ],
)
def test_what_is_not_an_answer_is_not_taken_for_one(sandbox, deed):
    outcome = sandbox.tries(f"import os, sys; folder = sys.argv[2]; {deed}; os._exit(0)")
    assert outcome.state == "crashed"
    assert outcome.result is None
    assert sandbox.answers("answer = 6") == 6


def test_an_answer_may_only_be_so_large(sandbox):
    assert sandbox.tries("answer = 'x' * (2 << 20)").state == "too-much-output"


def test_any_text_comes_back_as_it_was(sandbox):
    text = "".join(map(chr, [0, 10, 13, 34, 92, 127, 0x2028, 0x1F600, 0xD800]))
    assert sandbox.answers("answer = arguments['text']", text=text) == text


def test_large_arguments_and_answers_arrive_whole(start, project):
    sandbox = start(project, Limits())
    assert sandbox.answers("answer = arguments['text'] * 2", text="ä\n" * 1_000_000) == "ä\n" * 2_000_000


def test_scratch_of_a_job_is_removed_however_it_is_left(sandbox):
    code = """
        import os
        os.chdir("/tmp")
        for _ in range(3000):
            os.mkdir("deeper")
            os.chdir("deeper")
        open("file", "w").close()
        os.chmod(".", 0)
        os.mkdir("/tmp/shut", 0o700)
        open("/tmp/shut/file", "w").close()
        os.chmod("/tmp/shut", 0)
        os.symlink("/", "/tmp/link")
    """
    assert sandbox.tries(code).state == "done"
    found = sandbox.answers("import os; answer = sorted(os.listdir('/tmp'))")
    assert [name for name in found if name in {"deeper", "shut", "link"} or name.startswith(".removed")] == []


# ---- what jobs print


def test_the_head_of_what_is_printed_is_kept(sandbox):
    outcome = sandbox.tries("import sys; print('first'); print('second', file=sys.stderr, flush=True); answer = 7")
    assert outcome.output.split() == ["first", "second"]


def test_printing_much_costs_no_memory_on_either_side(start, project):
    sandbox = start(project, Limits(output_bytes=1000, memory_bytes=64 * MIB))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    code = """
        import os
        piece = b"x" * (1 << 16)
        for _ in range(1600):
            os.write(1, piece)
        with open("/proc/%d/status" % os.getppid()) as file:
            answer = [line for line in file if line.startswith("VmHWM")][0].split()[1]
    """
    outcome = sandbox.tries(code)
    assert outcome.state == "done", outcome
    assert outcome.output == "x" * 1000
    assert int(outcome.result["answer"]) < 40_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8_000


def test_what_is_printed_for_ever_ends_with_its_time(sandbox):
    outcome = sandbox.tries("while True: print('y' * 10000)", timeout=1.0)
    assert outcome.state == "timed-out"
    assert len(outcome.output) <= 64 * 1024


def test_printing_cannot_forge_an_answer(sandbox):
    forged = json.dumps({"id": "1", "state": "done", "result": '{"answer": "forged"}'})
    outcome = sandbox.tries(f"print({forged!r}, flush=True); answer = 'true'")
    assert outcome.result == {"answer": "true"}
    assert "forged" in outcome.output


# ---- several at once


def test_jobs_run_side_by_side(sandbox):
    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: sandbox.answers(f"import time; time.sleep(1); answer = {n}"), range(4)))
    assert answers == [0, 1, 2, 3]
    assert time.monotonic() - began < 3.5


def test_a_session_outlives_the_thread_that_started_it(start, project):
    held = []
    starter = threading.Thread(target=lambda: held.append(start(project)))
    starter.start()
    starter.join()
    assert held[0].answers("answer = 8") == 8


# ---- how sandboxes end


def test_closing_ends_a_running_job_at_once(start, project):
    sandbox = start(project)
    raised = []

    def waits():
        with pytest.raises(SandboxDied) as caught:
            sandbox.tries("import time; time.sleep(60)", timeout=60)
        raised.append(str(caught.value))

    waiting = threading.Thread(target=waits)
    waiting.start()
    while not sandbox.session._open:
        waiting.join(0.01)
    began = time.monotonic()
    sandbox.session.close()
    waiting.join(10)
    assert raised == ["the sandbox was closed"]
    assert time.monotonic() - began < 2
    sandbox.session.close()
    with pytest.raises(SandboxDied, match="closed"):
        sandbox.tries("answer = 1")


def test_a_sandbox_that_goes_away_is_said_to_have_died(start, project):
    sandbox = start(project)
    sandbox.session._wire.cut()
    with pytest.raises(SandboxDied):
        sandbox.tries("answer = 1")


CLIENT = """
import sys, time
from pathlib import Path
sys.path[:0] = {path!r}
from whetstone_server.sandbox.engine import Limits
from whetstone_server.sandbox.{module} import {name}
from whetstone_server.sandbox.interpreter import find_interpreter
engine = {name}(Path({inside!r}))
session = engine.start(Path({project!r}), find_interpreter(Path("/"), Path(sys.executable)), Limits())
print("started", flush=True)
session.run("attack", {{"code": "import time; time.sleep(600)"}}, timeout=600)
"""


def test_a_client_that_is_killed_leaves_nothing_behind(engine, inside, project):
    code = CLIENT.format(
        path=sys.path, module=engine.name, name=type(engine).__name__, inside=str(inside), project=str(project)
    )
    others = _servers(inside)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        assert client.stdout.readline() == "started\n"
        started = _servers(inside) - others
        client.kill()
    assert started
    deadline = time.monotonic() + 10
    while _servers(inside) & started and time.monotonic() < deadline:
        os.sched_yield()
    assert _servers(inside) & started == set()


def _servers(inside: Path) -> set[str]:
    """Processes of this machine that run the given code."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.fsencode(str(inside / "serve.py")) in (process / "cmdline").read_bytes():
                found.add(process.name)
        except OSError:
            continue
    return found


# ---- where projects lie


@pytest.mark.parametrize("name", ["with space", "ümläut-文字", "two\nlines", "quo'te\"s", "--option", "a:b", "com,ma"])
def test_any_name_of_a_folder(start, tmp_path, name):
    project = tmp_path / name
    project.mkdir()
    (project / "file").write_text("read")
    assert start(project).answers("answer = [__import__('os').getcwd(), open('file').read()]") == [str(project), "read"]


def test_a_project_behind_a_link_is_seen_at_both_places(start, project, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(project)
    code = "import os; answer = [open(os.path.join(place, 'notes.txt')).read() for place in arguments['places']]"
    places = [str(link), str(project)]
    assert start(link).answers(code, places=places) == ["kept\n"] * 2


def test_a_project_closed_to_others_can_be_read(start, project):
    project.chmod(0o700)
    project.parent.chmod(0o700)
    code = "import os; answer = sorted(os.listdir()), open('notes.txt').read()"
    assert start(project).answers(code) == [["notes.txt", "package"], "kept\n"]


@pytest.mark.parametrize("root", ["/", "/etc", "/usr", "/proc", "/proc/self", "/dev/shm", "/run", "/nowhere"])
def test_what_cannot_be_a_project_is_refused(engine, interpreter, root):
    with pytest.raises(InputError):
        engine.start(Path(root), interpreter, Limits())


def test_a_project_that_holds_the_interpreter(engine, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / ".venv"], check=True)
    inner = tmp_path / "inner"
    inner.mkdir()
    found = find_interpreter(tmp_path, environ={})
    for root in (tmp_path, inner):
        with engine.start(root, found, Limits()) as session:
            outcome = session.run("attack", {"code": "import sys; answer = sys.prefix"}, timeout=20)
        assert outcome.result == {"answer": str(tmp_path / ".venv")}


def test_an_interpreter_that_cannot_start_is_said_so(engine, project, tmp_path):
    from whetstone_server.errors import SandboxError

    broken = tmp_path / "bin" / "python"
    broken.parent.mkdir()
    broken.write_bytes(b"\x7fELF" + bytes(60))
    broken.chmod(0o755)
    with pytest.raises(SandboxError):
        engine.start(project, Interpreter(broken, (tmp_path / "bin",)), Limits())
