"""Each promise of the sandbox, and code that tries to break it, on every engine."""

from __future__ import annotations

import hashlib
import os
import platform
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from whetstone_server.sandbox import seccomp
from whetstone_server.sandbox.cgroup import ControlGroup
from whetstone_server.sandbox.engine import MIB, Limits

# ---- no network


def test_cannot_reach_a_server_on_this_machine(sandbox):
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = """
            import socket
            try:
                socket.create_connection(("127.0.0.1", arguments["port"]), timeout=3)
                answer = "connected"
            except OSError as error:
                answer = type(error).__name__
        """
        assert sandbox.answers(code, port=server.getsockname()[1]) == "ConnectionRefusedError"


def test_cannot_reach_the_world(sandbox):
    code = """
        import socket
        answer = []
        for address in ("192.0.2.1", "8.8.8.8"):
            try:
                socket.create_connection((address, 53), timeout=3)
                answer.append("connected")
            except OSError as error:
                answer.append(error.strerror)
    """
    assert sandbox.answers(code) == ["Network is unreachable"] * 2


def test_cannot_resolve_names(sandbox):
    code = """
        import socket
        try:
            answer = socket.getaddrinfo("example.org", 80)
        except OSError as error:
            answer = type(error).__name__
    """
    assert sandbox.answers(code) == "gaierror"


def test_sees_no_interface_but_its_own_loopback(sandbox):
    assert sandbox.answers("import socket; answer = [name for _, name in socket.if_nameindex()]") == ["lo"]


def test_cannot_reach_an_abstract_socket(sandbox):
    name = f"\0whetstone-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        code = """
            import socket
            with socket.socket(socket.AF_UNIX) as client:
                answer = client.connect_ex(arguments["name"])
        """
        assert sandbox.answers(code, name=name) == 111


def test_cannot_reach_a_socket_that_lies_in_the_project(start, project, monkeypatch):
    monkeypatch.chdir(project)  # the address of a socket may hold 107 bytes only
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(project / "s")[-100:] if len(str(project)) > 100 else str(project / "s"))
        server.listen()
        Path("s").chmod(0o777)
        code = """
            import os, socket
            os.chdir(arguments["folder"])
            with socket.socket(socket.AF_UNIX) as client:
                answer = client.connect_ex("s")
        """
        assert start(project).answers(code, folder=str(project)) != 0


@pytest.mark.parametrize(
    ("family", "kind"), [(2, 3), (10, 3), (17, 3), (40, 1), (38, 5), (31, 3), (44, 3), (15, 3), (16, 3)]
)
def test_cannot_open_raw_and_odd_sockets(sandbox, family, kind):
    code = """
        import socket
        try:
            with socket.socket(arguments["family"], arguments["kind"], 9 if arguments["family"] == 16 else 0) as one:
                one.bind((0, 1)) if arguments["family"] == 16 else None
                answer = "opened"
        except OSError as error:
            answer = "refused"
    """
    assert sandbox.answers(code, family=family, kind=kind) == "refused"


# ---- nothing but scratch can be written


def test_nothing_can_be_written_but_scratch(sandbox):
    code = """
        import os
        answer, seen = [], set()
        for folder, names, _ in os.walk("/"):
            if folder == "/":
                names[:] = [name for name in names if name != "proc"]
            try:
                probe = os.path.join(folder, "whetstone-probe")
                os.close(os.open(probe, os.O_CREAT | os.O_WRONLY))
                os.unlink(probe)
            except OSError:
                continue
            file_system = os.stat(folder).st_dev
            if file_system not in seen:
                seen.add(file_system)
                answer.append(folder)
    """
    assert {"/tmp", "/dev/shm"} <= set(sandbox.answers(code)) <= {"/tmp", "/dev/shm", "/dev/mqueue"}


def test_the_source_tree_stays_as_it_was_to_the_byte(sandbox):
    before = _digest(sandbox.project)
    code = """
        import os, shutil
        os.chdir(arguments["project"])
        def attempt(deed, *given):
            try:
                deed(*given)
                answer.append(deed.__name__)
            except OSError:
                pass
        answer = []
        attempt(open, "notes.txt", "a")
        attempt(open, "new.txt", "w")
        attempt(os.open, "notes.txt", os.O_RDWR | os.O_TRUNC)
        attempt(os.unlink, "notes.txt")
        attempt(os.rename, "notes.txt", "other.txt")
        attempt(os.rename, "notes.txt", "/tmp/notes.txt")
        attempt(os.link, "notes.txt", "/tmp/notes.txt")
        attempt(os.chmod, "notes.txt", 0o777)
        attempt(os.chown, "notes.txt", 65534, 65534)
        attempt(os.utime, "notes.txt", (1, 1))
        attempt(os.setxattr, "notes.txt", "user.x", b"1")
        attempt(os.mkdir, "folder")
        attempt(os.truncate, "notes.txt", 0)
        attempt(shutil.rmtree, "package")
        attempt(os.symlink, "/", "link")
        attempt(os.mkfifo, "pipe")
    """
    assert sandbox.answers(code, project=str(sandbox.project)) == []
    assert _digest(sandbox.project) == before


def _digest(folder: Path) -> str:
    out = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        body = path.read_bytes() if path.is_file() else b""
        out.update(repr((str(path), status.st_mode, status.st_mtime_ns, status.st_uid, body)).encode())
    return out.hexdigest()


@pytest.mark.parametrize(
    "where", [sys.prefix, sys.base_prefix, "/usr", "/usr/lib", "/etc", "/", "/dev", "/proc/sys/kernel"]
)
def test_interpreter_and_system_cannot_be_written(sandbox, where):
    code = """
        import os
        try:
            os.close(os.open(os.path.join(arguments["where"], "probe"), os.O_CREAT | os.O_WRONLY))
            answer = "written"
        except OSError as error:
            answer = "refused"
    """
    assert sandbox.answers(code, where=where) == "refused"


@pytest.mark.parametrize(
    "file",
    [
        *(
            "/proc/sys/kernel/core_pattern",
            "/proc/sys/vm/drop_caches",
            "/proc/sysrq-trigger",
            "/proc/sys/kernel/hostname",
        ),
        *("/proc/1/oom_score_adj", "/proc/1/mem", "/proc/sys/kernel/ns_last_pid", "/sys/kernel/uevent_helper"),
    ],
)
def test_the_kernels_own_files_cannot_be_opened_for_writing(sandbox, file):
    code = """
        import os
        try:
            os.close(os.open(arguments["file"], os.O_WRONLY))
            answer = "opened"
        except OSError:
            answer = "refused"
    """
    assert sandbox.answers(code, file=file) == "refused"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount something below the project")
def test_what_is_mounted_below_the_project_cannot_be_written_either(start, project):
    below = project / "below"
    below.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "none", below], check=True)
    try:
        below.chmod(0o777)
        code = """
            try:
                open(arguments["file"], "w").close()
                answer = "written"
            except OSError:
                answer = "refused"
        """
        assert start(project).answers(code, file=str(below / "file")) == "refused"
    finally:
        subprocess.run(["umount", "--lazy", below], check=True)


@pytest.mark.parametrize(("folder", "most"), [("/tmp", 16 * MIB), ("/dev/shm", 64 * MIB)])
def test_scratch_is_limited_and_empty_again_for_the_next_job(sandbox, folder, most):
    code = """
        import errno
        written = 0
        with open(arguments["folder"] + "/filler", "wb", buffering=0) as file:
            try:
                while written < 1 << 30:
                    written += file.write(bytes(1 << 20))
                why = "no end"
            except OSError as error:
                why = errno.errorcode[error.errno]
            file.truncate(written * 3 // 4)
        answer = [written, why]
    """
    for _ in range(2):
        written, why = sandbox.answers(code, folder=folder)
        assert why == "ENOSPC"
        assert most * 3 // 4 <= written <= most


# ---- memory, processes, processors, time


def test_memory_of_one_process_is_limited(sandbox):
    outcome = sandbox.tries("held = bytearray(1)\nwhile True: held += b'x' * (1 << 22)")
    assert outcome.state in {"killed", "crashed"}
    assert "memory" in outcome.detail.lower()
    assert sandbox.answers("answer = 1") == 1


def test_memory_of_all_processes_together_is_limited_where_a_control_group_can_be_made(engine, sandbox):
    if engine.name != "docker" and not _control_groups():
        assert sandbox.tries("held = bytearray(1 << 30)").state == "crashed"
        return
    code = """
        import os, time
        for _ in range(6):
            if not os.fork():
                held = bytearray(os.urandom(1 << 20) * 100)
                time.sleep(600)
                os._exit(0)
        answer = os.wait()[1]  # whichever of them the system chose
    """
    outcome = sandbox.tries(code, timeout=120)
    assert outcome.state in {"killed", "done"}, outcome
    if outcome.state == "done":
        assert outcome.result["answer"] == 9


def _control_groups() -> bool:
    group = ControlGroup.make(Limits())
    if group is not None:
        group.remove()
    return group is not None


def test_the_number_of_processes_is_limited(sandbox):
    code = """
        import os, signal
        children = []
        try:
            while len(children) < 500:
                pid = os.fork()
                if not pid:
                    signal.pause()
                children.append(pid)
            answer = "no end"
        except BlockingIOError:
            answer = len(children)
    """
    assert 5 < sandbox.answers(code) < 40
    assert _strangers(sandbox) == 0


def test_a_fork_bomb_ends_with_its_time(sandbox):
    code = """
        import os
        while True:
            try:
                os.fork()
            except OSError:
                pass
    """
    outcome = sandbox.tries(code, timeout=1.0)
    assert outcome.state == "timed-out"
    assert outcome.seconds < 10
    assert _strangers(sandbox) == 0


def test_a_chain_of_processes_that_end_at_once_is_caught(sandbox):
    code = """
        import os
        while True:
            if os.fork():
                os._exit(0)
    """
    assert sandbox.tries(code, timeout=1.0).state in {"crashed", "timed-out", "killed"}
    assert _strangers(sandbox) == 0


def test_processor_time_is_limited(start, project):
    code = """
        import os, time
        began = time.monotonic()
        for _ in range(4):
            if not os.fork():
                while time.monotonic() - began < 2.0:
                    pass
                os._exit(0)
        for _ in range(4):
            os.wait()
        spent = os.times()
        answer = (spent.children_user + spent.children_system) / (time.monotonic() - began)
    """
    sandbox = start(project, Limits(cpus=1.0, memory_bytes=512 * MIB, processes=40))
    assert sandbox.answers(code) < 1.25


def test_everything_a_job_started_is_gone_when_its_time_is_up(sandbox):
    code = """
        import os, signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for _ in range(3):
            if not os.fork():
                os.setsid()
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                if not os.fork():
                    os.setsid()
                    os.execve("/bin/sh", ["sh", "-c", "trap '' TERM; while :; do sleep 600; done"], {})
                signal.pause()
        while True:
            time.sleep(1)
    """
    outcome = sandbox.tries(code, timeout=1.0)
    assert outcome.state == "timed-out"
    assert "1 second" in outcome.detail
    assert _strangers(sandbox) == 0


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL])
def test_a_job_cannot_gain_time_by_ending_what_watches_over_it(sandbox, number):
    code = f"""
        import os, time
        os.kill(os.getppid(), {int(number)})
        while True:
            time.sleep(1)
    """
    began = time.monotonic()
    assert sandbox.tries(code, timeout=0.5).state == "killed"
    assert time.monotonic() - began < 15
    assert _strangers(sandbox) == 0


def test_orphans_of_a_job_that_ended_well_are_gone_too(sandbox):
    code = """
        import os, signal
        if not os.fork():
            os.setsid()
            if os.fork():
                os._exit(0)
            signal.pause()
        os.wait()
        answer = "ended"
    """
    assert sandbox.answers(code) == "ended"
    assert _strangers(sandbox) == 0


def test_the_end_of_one_job_leaves_the_others_alone(sandbox):
    ends = threading.Thread(target=lambda: sandbox.tries("import time; time.sleep(60)", timeout=0.5))
    ends.start()
    code = """
        import subprocess
        answer = subprocess.run(["/bin/sh", "-c", "sleep 2; echo here"], capture_output=True, text=True).stdout
    """
    assert sandbox.answers(code) == "here\n"
    ends.join()


def _strangers(sandbox) -> int:
    """How many processes there are besides the server, this job and the one that watches over it."""
    code = """
        import os
        known = {1, os.getpid(), os.getppid()}
        answer = len([name for name in os.listdir("/proc") if name.isdigit() and int(name) not in known])
    """
    answer = sandbox.answers(code)
    assert isinstance(answer, int)
    return answer


# ---- no privileges


def test_runs_as_nobody_without_any_capability(sandbox):
    code = """
        import os
        told = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
        answer = [os.getresuid(), os.getresgid(), [told[name] for name in
                  ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")], told["NoNewPrivs"], told["Seccomp"]]
    """
    uids, gids, capabilities, no_new_privileges, filtered = sandbox.answers(code)
    assert uids == gids == [65534] * 3
    assert {int(held, 16) for held in capabilities} == {0}
    assert (no_new_privileges, filtered) == ("1", "2")


@pytest.mark.parametrize(
    "deed", ["os.setuid(0)", "os.setgid(0)", "os.setgroups([0])", "os.chroot('/tmp')", "os.nice(-5)"]
)
def test_cannot_become_somebody_else(sandbox, deed):
    code = f"""
        import os
        try:
            {deed}
            answer = "done"
        except OSError:
            answer = "refused"
    """
    assert sandbox.answers(code) == "refused"


def _refused_here() -> dict[str, int]:
    column = ["x86_64", "aarch64"].index(platform.machine())
    return {name: number for name, numbers in seccomp.REFUSED.items() if (number := numbers[column]) is not None}


@pytest.mark.parametrize("name", sorted(_refused_here()))
def test_a_refused_call_is_refused(sandbox, name):
    number = _refused_here()[name]
    code = """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        libc.syscall.restype = ctypes.c_long
        answer = [libc.syscall(ctypes.c_long(arguments["number"]), 0, 0, 0, 0, 0, 0), ctypes.get_errno()]
    """
    result, number_of_error = sandbox.answers(code, number=number)
    assert result == -1
    assert number_of_error in {1, 38}


@pytest.mark.parametrize("flag", seccomp.NEW_NAMESPACES)
def test_no_new_namespace_by_clone(sandbox, flag):
    number = {"x86_64": 56, "aarch64": 220}[platform.machine()]
    code = """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        libc.syscall.restype = ctypes.c_long
        pid = libc.syscall(ctypes.c_long(arguments["number"]), ctypes.c_ulong(arguments["flag"] | 17), 0, 0, 0, 0)
        if pid == 0:
            os._exit(0)
        answer = [pid, ctypes.get_errno()]
    """
    assert sandbox.answers(code, number=number, flag=flag) == [-1, 1]


def test_clone3_is_unknown_so_that_its_flags_cannot_hide(sandbox):
    code = """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        libc.syscall.restype = ctypes.c_long
        answer = [libc.syscall(ctypes.c_long(435), 0, 0), ctypes.get_errno()]
    """
    assert sandbox.answers(code) == [-1, 38]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the other calling convention is this processor's")
def test_calls_by_the_old_32_bit_door_are_fatal(sandbox):
    code = """
        import ctypes, mmap
        body = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        body.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")  # getpid by interrupt 128
        answer = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(body)))()
    """
    assert sandbox.tries(code).state == "killed"


def test_devices_cannot_be_made_and_pipes_can(sandbox):
    code = """
        import os, stat
        os.mkfifo("/tmp/pipe")
        answer = []
        for kind in (stat.S_IFCHR, stat.S_IFBLK):
            try:
                os.mknod("/tmp/device", kind | 0o666, os.makedev(1, 3))
                answer.append("made")
            except PermissionError:
                answer.append("refused")
    """
    assert sandbox.answers(code) == ["refused", "refused"]


def test_nothing_can_be_typed_into_a_terminal(sandbox):
    code = """
        import fcntl, os, pty
        terminal = pty.openpty()[1]
        answer = []
        for request in (0x5412, 0x541C):
            try:
                fcntl.ioctl(terminal, request, b"x")
                answer.append("typed")
            except PermissionError:
                answer.append("refused")
    """
    assert sandbox.answers(code) == ["refused", "refused"]


# ---- nothing leaks in


def test_no_process_of_this_machine_can_be_seen_or_signalled(sandbox):
    with subprocess.Popen(["sleep", "600"]) as neighbour:
        code = """
            import os
            names = []
            for pid in filter(str.isdigit, os.listdir("/proc")):
                with open("/proc/%s/cmdline" % pid, "rb") as file:
                    names.append(file.read().decode())
            try:
                os.kill(arguments["pid"], 0)
                seen = True
            except OSError:
                seen = False
            answer = [names, seen]
        """
        try:
            names, seen = sandbox.answers(code, pid=neighbour.pid)
        finally:
            neighbour.kill()
    assert not seen
    assert not [name for name in names if "sleep" in name]
    assert len(names) == 3


def test_no_variable_of_this_process_is_inside(start, project, monkeypatch):
    monkeypatch.setenv("A_TOKEN", "do-not-tell")
    code = """
        import os
        everything = repr(dict(os.environ)).encode()
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/environ" % pid, "rb") as file:
                    everything += file.read()
            except OSError:
                pass
        answer = [b"do-not-tell" in everything, sorted(os.environ)]
    """
    told, names = start(project).answers(code)
    assert not told
    assert set(names) <= {"HOME", "HOSTNAME", "LANG", "PATH", "PWD", "PYTHONDONTWRITEBYTECODE", "TMPDIR", "SHLVL", "_"}


def test_what_lies_beside_the_project_is_not_there(start, project):
    secret = project.parent / "secret.txt"
    secret.write_text("do not tell")
    secret.chmod(0o644)
    code = "import os; answer = [os.path.exists(path) for path in arguments['paths']]"
    paths = [
        secret,
        "/etc/shadow",
        "/var/run/docker.sock",
        "/run/docker.sock",
        "/root/.bashrc",
        Path.home() / ".profile",
    ]
    assert not any(start(project).answers(code, paths=[str(path) for path in paths]))


@pytest.mark.parametrize("mode", [0o755, 0o700])
def test_hidden_entries_of_a_home_folder_are_covered_up(start, project, monkeypatch, mode):
    monkeypatch.setenv("HOME", str(project))
    project.chmod(mode)
    (project / ".keys").mkdir()
    (project / ".keys" / "one").write_text("do not tell")
    (project / ".token").write_text("do not tell")
    code = """
        import os
        os.chdir(arguments["project"])
        try:
            token = open(".token").read()
        except OSError:
            token = ""
        answer = [os.listdir(".keys"), token, open("notes.txt").read()]
    """
    assert start(project).answers(code, project=str(project)) == [[], "", "kept\n"]


def test_standard_input_is_empty_and_no_terminal_is_attached(sandbox):
    code = """
        import os, sys
        try:
            os.close(os.open("/dev/tty", os.O_RDWR))
            terminal = True
        except OSError:
            terminal = False
        answer = [sys.stdin.read(), os.isatty(0), os.isatty(1), terminal]
    """
    assert sandbox.answers(code) == ["", False, False, False]


def test_the_server_inside_cannot_be_ended_read_or_written(sandbox):
    code = """
        import os, signal
        answer = []
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP, signal.SIGINT):
            try:
                os.kill(1, number)
            except OSError:
                pass
        for file in ("mem", "fd/0", "fd/1", "environ", "cwd"):
            try:
                os.stat("/proc/1/" + file) if file == "cwd" else open("/proc/1/" + file, "rb").close()
                answer.append(file)
            except OSError:
                pass
    """
    assert sandbox.answers(code) == []
    assert sandbox.answers("answer = 2") == 2


def test_a_job_that_ends_everything_it_can_ends_only_itself(sandbox):
    outcome = sandbox.tries("import os, signal; os.kill(-1, signal.SIGKILL)", timeout=10)
    assert outcome.state != "timed-out"
    assert sandbox.answers("answer = 3") == 3
    assert _strangers(sandbox) == 0


# ---- what a program may expect still works


def test_ordinary_programs_run(sandbox):
    code = """
        import asyncio, multiprocessing, socket, subprocess, tempfile, threading
        with tempfile.TemporaryDirectory() as folder:
            open(folder + "/file", "w").close()
        with multiprocessing.get_context("fork").Pool(2) as pool:
            doubled = pool.map(abs, [-1, -2])
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
            pass
        thread = threading.Thread(target=asyncio.run, args=(asyncio.sleep(0),))
        thread.start(); thread.join()
        said = subprocess.run("echo shell", shell=True, capture_output=True, text=True).stdout
        answer = [doubled, said]
    """
    assert sandbox.answers(code) == [[1, 2], "shell\n"]
