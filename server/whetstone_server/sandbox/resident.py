"""The session that every engine gives: a resident server inside, jobs and answers as lines of JSON.

What comes out of a sandbox is only ever read as JSON, within limits, and checked before it is believed.
"""

from __future__ import annotations

import itertools
import json
import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol, Self

from whetstone_server.errors import SandboxDied, SandboxError
from whetstone_server.sandbox.engine import MIB, Limits, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from whetstone_server.sandbox.engine import EngineName, Interpreter
    from whetstone_server.sandbox.view import View

_STATES = frozenset({"done", "crashed", "timed-out", "killed", "too-much-output"})
_HELLO_SECONDS = 30.0
_LAST_SECONDS = 5.0
_MARGIN_SECONDS = 30.0
"""How long past its time a job's answer is waited for, before the sandbox itself is taken for stuck."""


class Wire(Protocol):
    """The way to the server inside."""

    def write(self, data: bytes) -> None:
        """Send all of it; raises `OSError` when the other end is gone."""
        ...

    def read(self) -> bytes:
        """Return what came next, nothing at the end."""
        ...

    def cut(self) -> None:
        """End the sandbox and everything in it, now; safe to call twice and from another thread."""
        ...

    def cause(self) -> str:
        """Say what happened, after the end."""
        ...

    def release(self) -> None:
        """Let go of what is left, when nothing reads or writes any more."""
        ...


def command(python: Path, view: View, inside: Path) -> list[str]:
    """Return what runs inside: the server, in the user's interpreter with nothing of the user's loaded."""
    return [str(python), "-I", "-S", "-B", "-u", str(inside / "serve.py"), view.scratch]


def environment(interpreter: Interpreter, view: View) -> dict[str, str]:
    """Return the whole environment inside; nothing of this process's own goes in."""
    variables = {
        "PATH": f"{interpreter.executable.parent}:/usr/bin:/bin",
        "HOME": view.scratch,
        "TMPDIR": view.scratch,
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    if interpreter.user_base is not None:
        variables["PYTHONUSERBASE"] = str(interpreter.user_base)
    return variables


class ResidentSession:
    """A running sandbox; jobs from several threads run side by side in it."""

    def __init__(self, engine: EngineName, wire: Wire, limits: Limits) -> None:
        """Wait for the server to say hello; raises `SandboxError`, with the sandbox ended, when it does not."""
        self.engine = engine
        self._wire = wire
        self._limits = limits
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._numbers = itertools.count(1)
        self._open: dict[str, SimpleQueue[dict[str, Any] | None]] = {}
        self._ended: str | None = None
        self._lines = self._read_lines()
        self.hello = self._greeting()
        self.python_version = str(self.hello.get("python", ""))
        self._listener = threading.Thread(target=self._listen, name=f"whetstone-{engine}", daemon=True)
        self._listener.start()

    def run(self, job: str, arguments: Mapping[str, Any], *, timeout: float) -> Outcome:
        """Run one job; see `engine.Session`."""
        answers: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        name = str(next(self._numbers))
        request = self._request(name, job, arguments, timeout)
        with self._lock:
            if self._ended is not None:
                raise SandboxDied(self._ended)
            self._open[name] = answers
        self._send(request)
        answer = self._awaited(answers, timeout)
        return _outcome(answer, self._limits)

    def close(self) -> None:
        """End the sandbox at once."""
        self._end("the sandbox was closed")
        if threading.current_thread() is not self._listener:
            self._listener.join(_LAST_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _greeting(self) -> dict[str, Any]:
        late = threading.Timer(_HELLO_SECONDS, self._wire.cut)
        late.start()
        try:
            hello = json.loads(next(self._lines))
        except (StopIteration, ValueError):
            self._wire.cut()
            why = self._wire.cause()
            self._wire.release()
            raise SandboxError(f"the {self.engine} sandbox did not start: {why}") from None
        finally:
            late.cancel()
        return hello if isinstance(hello, dict) else {}

    def _request(self, name: str, job: str, arguments: Mapping[str, Any], timeout: float) -> bytes:
        request = {
            "id": name,
            "job": job,
            "arguments": dict(arguments),
            "timeout": timeout,
            "output_bytes": self._limits.output_bytes,
            "result_bytes": self._limits.result_bytes,
        }
        return json.dumps(request).encode() + b"\n"

    def _send(self, request: bytes) -> None:
        try:
            with self._sending:
                self._wire.write(request)
        except (OSError, ValueError):
            self._end(None)

    def _awaited(self, answers: SimpleQueue[dict[str, Any] | None], timeout: float) -> dict[str, Any]:
        try:
            answer = answers.get(timeout=timeout + _MARGIN_SECONDS)
        except Empty:
            self._end("the sandbox stopped answering")
            answer = None
        if answer is None:
            raise SandboxDied(self._ended or self._wire.cause())
        return answer

    def _listen(self) -> None:
        try:
            self._pass_on_answers()
        finally:
            with self._sending:
                self._wire.release()

    def _pass_on_answers(self) -> None:
        for line in self._lines:
            try:
                answer = json.loads(line)
                waiting = self._open.pop(answer["id"])
            except (ValueError, KeyError, TypeError, RecursionError):
                self._end("the sandbox answered with something that is not an answer")
                return
            waiting.put(answer)
        self._end(None)

    def _end(self, why: str | None) -> None:
        with self._lock:
            self._ended = self._ended or why
        self._wire.cut()
        with self._lock:
            self._ended = self._ended or self._wire.cause()
            while self._open:
                self._open.popitem()[1].put(None)

    def _read_lines(self) -> Iterator[bytes]:
        # A result is sent as a string within a line: in the worst case every byte of it takes six there.
        longest = 6 * (self._limits.result_bytes + self._limits.output_bytes) + MIB
        unread = bytearray()
        while chunk := self._wire.read():
            unread += chunk
            if b"\n" in chunk:
                *lines, unread = unread.split(b"\n")
                yield from map(bytes, lines)
            if len(unread) > longest:
                return


def _outcome(answer: dict[str, Any], limits: Limits) -> Outcome:
    state, output, detail = answer.get("state"), str(answer.get("output", "")), str(answer.get("detail", ""))
    seconds = answer.get("seconds")
    seconds = float(seconds) if isinstance(seconds, int | float) else 0.0
    if state not in _STATES:
        return Outcome("crashed", None, output, "the sandbox answered with something that is not an answer", seconds)
    if state != "done":
        return Outcome(state, None, output[: limits.output_bytes], detail, seconds)
    try:
        result = json.loads(answer["result"])
    except (KeyError, TypeError, ValueError, RecursionError):
        result = None
    if not isinstance(result, dict):
        return Outcome("crashed", None, output, "the job's answer is not a JSON object", seconds)
    return Outcome("done", result, output[: limits.output_bytes], detail, seconds)
