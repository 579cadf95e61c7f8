"""The resident server of a sandbox: takes jobs as lines of JSON, answers each when it is over.

Runs as the first process of the sandbox, in the user's interpreter but with nothing of the user's loaded, so it must
do with Python 3.8 and the standard library. It ends, and the sandbox with it, when its standard input does.
"""

from __future__ import annotations

import json
import os
import platform
import selectors
import signal
import sys
import time
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import contextlib

import whetstone_keeper as keeper
import whetstone_processes as processes

_PATIENCE_SECONDS = 5.0
_GRACE_SECONDS = 8.0


class Server:
    """One keeper process per job under way, their answers passed on as each ends."""

    def __init__(self, scratch: str) -> None:
        self.scratch = scratch
        writable = (scratch, "/dev/shm")  # noqa: S108 -- the sandbox's own, a file system of limited size
        self.kept = {folder: set(os.listdir(folder)) for folder in writable if os.path.isdir(folder)}
        self.side_by_side = processes.adopt_orphans()
        processes.hide()
        self.selector = selectors.DefaultSelector()
        self.unread = bytearray()
        self.waiting: list[dict[str, Any]] = []
        self.answers: dict[int, bytearray] = {}
        self.keepers: dict[int, int] = {}
        self.requests: dict[int, dict[str, Any]] = {}
        self.overdue: dict[int, float] = {}

    def serve(self) -> None:
        """Say hello and work until standard input ends."""
        hello = {"python": platform.python_version(), "inode": os.stat(__file__).st_ino}
        self.say(json.dumps(hello).encode())
        os.set_blocking(0, False)
        self.selector.register(0, selectors.EVENT_READ, self.listen)
        self.selector.register(self.told_of_children(), selectors.EVENT_READ, self.reap)
        while True:
            for key, _ in self.selector.select(self.patience()):
                key.data(key.fd)
            self.end_the_overdue()

    def patience(self) -> float | None:
        """Return the seconds until a keeper is overdue, `None` while there is none."""
        return max(0.0, min(self.overdue.values()) - time.monotonic()) if self.overdue else None

    def end_the_overdue(self) -> None:
        """End keepers that did not keep time: something in the sandbox must have stopped them."""
        now = time.monotonic()
        for pid, fd in self.keepers.items():
            if self.overdue.get(fd, now) < now:
                processes.end_with_descendants(pid, spare=set())
                self.overdue.pop(fd)

    def told_of_children(self) -> int:
        """Return the end of a pipe that can be read after a child has ended."""
        told, tell = os.pipe()
        os.set_blocking(told, False)
        os.set_blocking(tell, False)
        signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
        # What has a handler is let through to the first process of a sandbox; what has none is dropped.
        for number in (signal.SIGCHLD, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        return told

    def listen(self, fd: int) -> None:
        """Take what the client sent; its end is the end of everything."""
        chunk = os.read(fd, 1 << 20)
        if not chunk:
            os._exit(0)
        self.unread += chunk
        if b"\n" in chunk:
            *lines, self.unread = self.unread.split(b"\n")
            self.waiting += [json.loads(line) for line in lines]
        self.begin()

    def begin(self) -> None:
        """Start what waits: all of it, or one at a time where jobs could not be told apart."""
        while self.waiting and (self.side_by_side or not self.answers):
            self.hand_over(self.waiting.pop(0))

    def hand_over(self, request: dict[str, Any]) -> None:
        """Give a job to a keeper of its own."""
        theirs, ours = os.pipe()
        pid = processes.patiently(os.fork)
        if not pid:
            self.become_keeper(request, ours)
        os.close(ours)
        self.answers[theirs] = bytearray()
        self.keepers[pid] = theirs
        self.requests[theirs] = request
        self.overdue[theirs] = time.monotonic() + request["timeout"] + _GRACE_SECONDS
        self.selector.register(theirs, selectors.EVENT_READ, self.collect)

    def become_keeper(self, request: dict[str, Any], answer: int) -> None:
        """Be the keeper of a job from here to the end of this process."""
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            self.selector.close()
            nothing = os.open(os.devnull, os.O_RDWR)
            os.dup2(nothing, 0)
            os.dup2(nothing, 1)
            line = keeper.kept(request, self.scratch, alone=not self.side_by_side)
            with os.fdopen(answer, "wb") as pipe:
                pipe.write(json.dumps(line).encode())
        except BaseException as error:
            os.write(2, (f"keeper: {error!r}\n").encode())
            os._exit(1)
        os._exit(0)

    def collect(self, fd: int) -> None:
        """Take what a keeper answers, and pass it on when it is complete."""
        chunk = os.read(fd, 1 << 20)
        if chunk:
            self.answers[fd] += chunk
            return
        self.selector.unregister(fd)
        os.close(fd)
        self.overdue.pop(fd, None)
        self.keepers = {pid: pipe for pid, pipe in self.keepers.items() if pipe != fd}
        self.reap_strays()
        self.say(bytes(self.answers.pop(fd)) or self.lost(self.requests[fd]))
        del self.requests[fd]
        if not self.answers:
            keeper.sweep(self.kept)
        self.begin()

    def lost(self, request: dict[str, Any]) -> bytes:
        """Return the answer for a job whose keeper was ended, which only something inside the sandbox can do."""
        keeper.remove(keeper.folder(self.scratch, request))
        detail = "something in the sandbox ended the process that watches over the job"
        return json.dumps(keeper.answer(request, "killed", detail)).encode()

    def reap(self, fd: int) -> None:
        """See to children that ended."""
        with contextlib.suppress(BlockingIOError):
            os.read(fd, 4096)
        if self.side_by_side:
            self.reap_strays()

    def reap_strays(self) -> None:
        """Bury the dead, and end those who came to us because their keeper is gone; return when they are gone too."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            while processes.bury():
                pass
            strays = [pid for pid in processes.children(os.getpid()) if pid not in self.keepers]
            if not strays:
                return
            for pid in strays:
                processes.end_with_descendants(pid, spare=set(self.keepers))

    def say(self, line: bytes) -> None:
        """Send one line to the client."""
        view = memoryview(line + b"\n")
        while view:
            view = view[os.write(1, view) :]


if __name__ == "__main__":
    Server(sys.argv[1]).serve()
