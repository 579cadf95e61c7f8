"""The keeper of one job: starts it, reads what it prints, ends it on time with all it started, and clears up."""

from __future__ import annotations

import json
import os
import selectors
import signal
import stat
import subprocess
import sys
import time
from typing import Any

import whetstone_processes as processes

JOB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "job.py")


def kept(request: dict[str, Any], scratch: str, alone: bool) -> dict[str, Any]:
    """Run one job from start to end and return its answer, also when the sandbox has no room to run it."""
    try:
        return _kept(request, scratch, alone)
    except OSError as error:
        processes.end_all_below()
        remove(folder(scratch, request))
        return answer(request, "crashed", f"the sandbox could not run the job: {error}")


def _kept(request: dict[str, Any], scratch: str, alone: bool) -> dict[str, Any]:
    if not alone:
        processes.adopt_orphans()
    processes.hide()
    place = folder(scratch, request)
    os.mkdir(place, 0o700)
    with open(os.path.join(place, "arguments.json"), "w", encoding="utf-8") as arguments:
        json.dump(request["arguments"], arguments)
    began = time.monotonic()
    output, status = _watched(request, place)
    seconds = time.monotonic() - began
    processes.end_all_below()
    state, detail, result = _judged(request, place, status)
    remove(place)
    line = answer(request, state, detail)
    line.update(output=output.decode("utf-8", "replace"), seconds=seconds, result=result)
    return line


def answer(request: dict[str, Any], state: str, detail: str) -> dict[str, Any]:
    """Return an answer without a result."""
    return {"id": request["id"], "state": state, "detail": detail, "output": "", "seconds": 0.0, "result": None}


def folder(scratch: str, request: dict[str, Any]) -> str:
    """Return the scratch folder of a job."""
    return os.path.join(scratch, "whetstone-{}".format(request["id"]))


def _watched(request: dict[str, Any], place: str) -> tuple[bytes, int | None]:
    """Run the job; return the head of what it printed and how it ended, `None` when its time was up."""
    told, tell = os.pipe()
    os.set_blocking(told, False)
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    deadline = time.monotonic() + request["timeout"]
    job = processes.patiently(
        lambda: subprocess.Popen(
            [sys.executable, "-u", JOB, request["job"], place],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    )
    assert job.stdout is not None
    printed = Head(job.stdout.fileno(), request["output_bytes"])
    with selectors.DefaultSelector() as selector:
        selector.register(told, selectors.EVENT_READ)
        selector.register(printed.fd, selectors.EVENT_READ, printed)
        while job.poll() is None and time.monotonic() < deadline:
            for key, _ in selector.select(max(0.0, deadline - time.monotonic())):
                if key.data is None:
                    os.read(told, 4096)
                elif not printed.read():
                    selector.unregister(printed.fd)
    status = job.poll()
    printed.read()
    return bytes(printed.kept), status


class Head:
    """The first bytes that come out of a pipe; the rest is read and dropped."""

    def __init__(self, fd: int, limit: int) -> None:
        os.set_blocking(fd, False)
        self.fd = fd
        self.limit = limit
        self.kept = bytearray()

    def read(self) -> bool:
        """Take what is there, at most a pipe full; False at the end."""
        try:
            chunk = os.read(self.fd, 1 << 16)
        except BlockingIOError:
            return True
        self.kept += chunk[: self.limit - len(self.kept)]
        return bool(chunk)


def _judged(request: dict[str, Any], place: str, status: int | None) -> tuple[str, str, str | None]:
    if status is None:
        return "timed-out", "was stopped after {:g} seconds".format(request["timeout"]), None
    if status < 0:
        return "killed", _signal_name(-status), None
    limit = request["result_bytes"]
    failure = _text(os.path.join(place, "failure.txt"), 4096)
    if failure:
        return "crashed", failure, None
    result = _text(os.path.join(place, "result.json"), limit)
    if result is None:
        return "crashed", f"ended with exit status {status} and without an answer", None
    if len(result) > limit:
        return "too-much-output", f"its answer is larger than {limit} bytes", None
    return "done", "", result


def _signal_name(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    hint = ", most likely because it used more memory than it may" if number == signal.SIGKILL else ""
    return f"was ended by {name}{hint}"


def _text(path: str, limit: int) -> str | None:
    """Return a file's text, one character past `limit` at most; `None` when there is no such plain file."""
    try:
        # A job may have put a pipe or a link there: neither is waited for nor followed.
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return None
        return file.read(limit + 1).decode("utf-8", "replace")


def sweep(kept: dict[str, set[str]]) -> None:
    """Remove whatever jobs left in the writable folders, so that none finds another's leavings."""
    for place, names in kept.items():
        for name in set(os.listdir(place)) - names:
            remove(os.path.join(place, name))


def remove(path: str) -> None:
    """Remove a file or a tree, however deep and however its permissions stand; leave quietly what will not go."""
    top = os.path.dirname(path)
    number = 0
    pending = [path]
    while pending:
        current = pending.pop()
        try:
            if os.path.islink(current) or not os.path.isdir(current):
                os.unlink(current)
                continue
            os.chmod(current, 0o700)
            for entry in list(os.scandir(current)):
                if not entry.is_dir(follow_symlinks=False):
                    os.unlink(entry.path)
                    continue
                # Folders are moved up before they are emptied: no path grows too long to be named.
                number += 1
                moved = os.path.join(top, f".removed-{os.getpid()}-{number}")
                os.chmod(entry.path, 0o700)
                os.rename(entry.path, moved)
                pending.append(moved)
            os.rmdir(current)
        except OSError:
            continue
