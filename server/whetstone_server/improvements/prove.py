"""From a finding to a verdict: rewrite it, run old and new in the sandbox, keep what was seen."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from hashlib import blake2b
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Self

from whetstone_codegen import Rewrite, rewritten
from whetstone_knowledge.finding import Finding
from whetstone_knowledge.rule import Refused
from whetstone_knowledge.rules import BY_CODE
from whetstone_server.errors import InputError, SandboxDied
from whetstone_server.improvements.changes import unified
from whetstone_server.improvements.confidence import confidence, past_of
from whetstone_server.improvements.decisions import open_id, settle
from whetstone_server.improvements.functions import function_span
from whetstone_server.improvements.history import History
from whetstone_server.improvements.journal import note
from whetstone_server.improvements.proof import Candidate, Proof
from whetstone_server.improvements.record import Subject
from whetstone_server.improvements.store import ProofStore, id_of
from whetstone_server.improvements.texts import name_of
from whetstone_server.sandbox.engine import Limits
from whetstone_server.sandbox.engines import choose
from whetstone_server.sandbox.interpreter import find_interpreter
from whetstone_server.sandbox.libraries import libraries
from whetstone_server.sandbox.recording import Recording, record
from whetstone_server.sandbox.trial import Trial, encoding_of
from whetstone_server.sandbox.verdict import Verdict
from whetstone_server.state import workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from whetstone_server.improvements.confidence import Confidence
    from whetstone_server.sandbox.engine import EngineChoice, EngineName, Interpreter, Session

log = logging.getLogger(__name__)
__all__ = ["Candidate", "Proof", "Prover"]
RECORDING_SECONDS = 120.0
"""How long a project's tests may run while their calls are recorded."""


@dataclass(slots=True)
class _Recordings:
    """What was recorded so far, by the text of the file it was recorded for."""

    known: dict[tuple[Path, str], tuple[bytes, Recording]] = field(default_factory=dict)

    def missing(self, wanted: dict[Path, set[str]], texts: dict[Path, bytes]) -> dict[Path, set[str]]:
        """Return the functions that have to be recorded: never recorded, or in a text that has changed since."""
        found: dict[Path, set[str]] = {}
        for path, names in wanted.items():
            new = {name for name in names if self.known.get((path, name), (b"", None))[0] != _digest(texts[path])}
            if new:
                found[path] = new
        return found

    def add(self, recording: Recording, targets: dict[Path, set[str]], texts: dict[Path, bytes]) -> None:
        """Keep what was recorded of `targets`."""
        for path, names in targets.items():
            for name in names:
                self.known[path, name] = (_digest(texts[path]), recording)

    def of(self, path: Path, name: str) -> Recording:
        """Return the recording that a function is in."""
        return self.known.get((path, name), (b"", Recording()))[1]


class Prover:
    """Proves rewrites in one project with one interpreter; keeps one sandbox warm and records the tests once."""

    def __init__(
        self,
        root: Path,
        *,
        python: Path | None = None,
        sandbox: EngineChoice = "auto",
        workload: Sequence[str] | None = None,
        budget: float = 10.0,
        jobs: int = 1,
        threshold: float = 1.05,
    ) -> None:
        """Nothing is started here. `workload` is a test command; without one the project's tests are looked for."""
        self._root = root.resolve()
        self._python = python
        self._sandbox = sandbox
        self._workload = workload
        self._budget = budget
        self._jobs = jobs
        self._threshold = threshold
        self._store = ProofStore(workspace(self._root))
        self.history = History(self._root)
        self._recordings = _Recordings()
        self._session: Session | None = None
        self._interpreter: Interpreter | None = None
        self._closed = False
        self._lock = threading.Lock()

    # -- the sandbox -------------------------------------------------------------------------------------------------

    @property
    def engine(self) -> EngineName:
        """The engine in use; starts it. Raises `NoSandbox` when none can hold code here."""
        return self._running().engine

    @property
    def python_version(self) -> str:
        """Version of the user's interpreter, as it said itself inside the sandbox."""
        return self._running().python_version

    def _running(self) -> Session:
        with self._lock:
            if self._closed:
                raise SandboxDied("the sandbox was closed")
            if self._session is None:
                self._interpreter = find_interpreter(self._root, self._python)
                self._session = choose(self._sandbox).start(self._root, self._interpreter, Limits())
            return self._session

    def _died(self, session: Session) -> None:
        """Forget a sandbox that went away, so that the next candidate gets a new one."""
        with self._lock:
            if self._session is session:
                self._session = None
        session.close()

    def close(self) -> None:
        """End the sandbox; a running proof ends with it. Safe from another thread."""
        with self._lock:
            self._closed = True
            session, self._session = self._session, None
        if session is not None:
            session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- proving -----------------------------------------------------------------------------------------------------

    def prove(
        self,
        candidates: Sequence[Candidate],
        *,
        on_step: Callable[[str, int, int], None] | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[Proof]:
        """Yield a proof per candidate, in the order they finish.

        `on_step(sentence, done, total)` is told of progress. When `cancelled` answers True the sandbox is taken down
        and the iterator ends. Raises `SandboxError` when no sandbox can be had; a fault in one candidate becomes its
        own `not-tried` verdict.
        """
        tell = on_step or (lambda _sentence, _done, _total: None)
        total, done = len(candidates), 0
        ready: list[tuple[Candidate, Rewrite]] = []
        for candidate in candidates:
            refused = self._rewritten(candidate)
            if isinstance(refused, Rewrite):
                ready.append((candidate, refused))
                continue
            done += 1
            yield refused
        if not ready:
            return
        with _watched(cancelled, self.close):
            tell("running the tests and recording calls", done, total)
            self.record([(candidate.path, candidate.source, rewrite.function) for candidate, rewrite in ready])
            yield from self._tried(ready, done, total, tell, cancelled)

    def _tried(
        self,
        ready: Sequence[tuple[Candidate, Rewrite]],
        done: int,
        total: int,
        tell: Callable[[str, int, int], None],
        cancelled: Callable[[], bool],
    ) -> Iterator[Proof]:
        """Try every rewrite, as many at a time as there are jobs."""
        with ThreadPoolExecutor(self._jobs, thread_name_prefix="trial") as threads:
            running = {threads.submit(self._proof, candidate, rewrite): candidate for candidate, rewrite in ready}
            tell(f"trying {ready[0][1].function}", done, total)
            for future in as_completed(running):
                if cancelled():
                    threads.shutdown(wait=True, cancel_futures=True)
                    return
                done += 1
                tell(f"tried {running[future].finding.function}", done, total)
                yield future.result()

    def _rewritten(self, candidate: Candidate) -> Rewrite | Proof:
        try:
            return rewritten(candidate.source, candidate.finding, BY_CODE[candidate.finding.code])
        except Refused as reason:
            return Proof(candidate, None, Verdict("not-tried", f"no rewrite: {reason}"), None, "")

    def record(self, functions: Sequence[tuple[Path, bytes, str]]) -> None:
        """Record the calls of functions in one run of the tests, unless that was done for the same texts.

        Each is given by its file, that file's text in UTF-8, and its dotted name. `prove` and `compare` do this by
        themselves; ahead of many comparisons it saves running the tests for each of them.
        """
        wanted: dict[Path, set[str]] = {}
        texts: dict[Path, bytes] = {}
        for path, source, function in functions:
            wanted.setdefault(path.resolve(), set()).add(function)
            texts[path.resolve()] = source
        missing = self._recordings.missing(wanted, texts)
        if not missing:
            return
        session = self._running()
        try:
            recording = record(session, self._root, missing, command=self._workload, seconds=RECORDING_SECONDS)
        except SandboxDied as reason:
            if self._closed:
                raise
            self._died(session)
            recording = Recording(ended="crashed", summary=f"The tests took the sandbox down: {reason}")
        self._recordings.add(recording, missing, texts)

    def _proof(self, candidate: Candidate, rewrite: Rewrite) -> Proof:
        verdict = self._verdict(candidate.path, candidate.source, rewrite.text, rewrite.function)
        diff = unified(self.history.path_of(candidate.path), candidate.source, rewrite.text)
        sure = self._confidence(candidate, verdict)
        improvement = self._kept(candidate, rewrite, verdict, sure)
        self._noted(candidate, rewrite, verdict, improvement)
        return Proof(candidate, rewrite, verdict, improvement, diff, sure)

    def _verdict(self, path: Path, old: bytes, new: bytes, function: str) -> Verdict:
        """Return the verdict of one trial; a sandbox that goes away is a verdict too."""
        trial = self._trial(path, old, new, function)
        try:
            return trial.verdict()
        except SandboxDied as reason:
            if not self._closed:
                self._died(trial.session)
            return Verdict("not-tried", f"the sandbox went away during the trial: {reason}")

    def _trial(self, path: Path, old: bytes, new: bytes, function: str) -> Trial:
        path = path.resolve()
        return Trial(
            self._running(),
            self._root,
            path,
            function,
            _in_its_encoding(old),
            _in_its_encoding(new),
            self._recordings.of(path, function),
            self._budget,
            self._threshold,
        )

    def _confidence(self, candidate: Candidate, verdict: Verdict) -> Confidence:
        """Return how sure the rewrite is; a history that cannot be read says nothing of how its rule fared."""
        try:
            known = self.history.improvements()
        except (InputError, OSError):
            known = {}
        past = past_of(candidate.finding.code or None, known.values())
        return confidence({"threshold": self._threshold, **verdict.as_json()}, past)

    def _kept(self, candidate: Candidate, rewrite: Rewrite, verdict: Verdict, sure: Confidence) -> str | None:
        """Keep the proof; a home that cannot be written takes away nothing but the way to apply it."""
        path = candidate.path.resolve()
        recorded: list[dict[str, Any]] = [
            dict(each) for each in self._recordings.of(path, rewrite.function).of(path, rewrite.function).inputs
        ]
        evidence = {**self._evidence(candidate, verdict), **sure.as_evidence()}
        proof = {
            "code": candidate.finding.code,
            "path": self._shown(path),
            "function": rewrite.function,
            "workload_command": self._workload and list(self._workload),
            "tests": list(self._recordings.of(path, rewrite.function).tests_of(path, rewrite.function)),
            "recorded": recorded,
            **evidence,
        }
        old, new = candidate.source, rewrite.text
        try:
            with self.history.writing() as writing:
                improvement = open_id(writing, verdict, lambda attempt: id_of(proof, old, new, attempt))
                self._store.keep(improvement, proof, old, rewrite)
                settle(writing, improvement, self._subject(candidate, rewrite), verdict, evidence)
        except InputError as error:
            log.warning("%s", error)
            return None
        return improvement

    def _evidence(self, candidate: Candidate, verdict: Verdict) -> dict[str, Any]:
        """Return what a decision about the rewrite stands on."""
        session, interpreter = self._session, self._interpreter
        return {
            "python": session.python_version if session else None,
            "sandbox": session.engine if session else None,
            "budget": self._budget,
            "threshold": self._threshold,
            "versions": {name: version(name) for name in ("whetstone-ls", "libcst")},
            "libraries": libraries(interpreter, candidate.source) if interpreter else {},
            **verdict.as_json(),
        }

    def _subject(self, candidate: Candidate, rewrite: Rewrite) -> Subject:
        """Return what the improvement is about, as the history says it."""
        code = candidate.finding.code
        return Subject(
            code or None,
            BY_CODE[code].name if code else None,
            self.history.path_of(candidate.path),
            rewrite.function,
            _line(candidate),
            name_of(candidate.source),
            name_of(rewrite.text),
        )

    def _noted(self, candidate: Candidate, rewrite: Rewrite, verdict: Verdict, improvement: str | None) -> None:
        """Tell the event store what was proven."""
        from whetstone_server.events.kinds import ProofVerdict  # noqa: PLC0415 -- the start of the server does without

        session, speedup = self._session, verdict.speedup
        payload = ProofVerdict(
            code=candidate.finding.code or None,
            function=rewrite.function,
            line=_line(candidate),
            verdict=verdict.answer,
            reason=verdict.reason,
            seconds=round(verdict.seconds, 3),
            speedup=speedup.estimate if speedup else None,
            low=speedup.low if speedup else None,
            high=speedup.high if speedup else None,
            improvement=improvement,
            python=session.python_version if session else None,
            sandbox=session.engine if session else None,
        )
        note(self._root, payload, self._shown(candidate.path.resolve()))

    def _shown(self, path: Path) -> str:
        """Return a path as seen from the project's folder."""
        return str(path.relative_to(self._root)) if path.is_relative_to(self._root) else str(path)

    # -- comparing ---------------------------------------------------------------------------------------------------

    def compare(
        self, path: Path, old: bytes, new: bytes, function: str, *, cancelled: Callable[[], bool] = lambda: False
    ) -> Proof:
        """Return the verdict on replacing `function` of `old`, the text of the file at `path`, by that of `new`.

        Both texts are UTF-8. Raises `InputError` when either does not parse or lacks the function, and `SandboxError`
        when no sandbox can be had.
        """
        unit = function_span(old, function, "the old file")
        function_span(new, function, "the new file")
        finding = Finding("", unit, f"{function} is rewritten", "low", 0, "proof-needed", function, unit)
        candidate = Candidate(path, old, finding)
        rewrite = Rewrite(function, (), new, ())
        with _watched(cancelled, self.close):
            self.record([(path, old, function)])
            return self._proof(candidate, rewrite)

    # -- looking again -----------------------------------------------------------------------------------------------

    def judge(self, path: Path, old: bytes, new: bytes, function: str) -> Verdict:
        """Return the verdict on `old` becoming `new`, the text of the file as it is, and keep nothing of it.

        Raises as `compare` does.
        """
        function_span(old, function, f"{path} without the rewrite")
        function_span(new, function, str(path))
        self.record([(path, new, function)])
        return self._verdict(path, old, new, function)

    def tests(self, path: Path, function: str) -> Sequence[str]:
        """Return the tests that reached a function when it was last recorded, whether they passed or not."""
        path = path.resolve()
        return self._recordings.of(path, function).of(path, function).tests

    def outcomes(self, path: Path, text: bytes, function: str, tests: Sequence[str]) -> Mapping[str, str]:
        """Return how tests end with `text` in the place of a file: `passed`, or what else became of them, by id.

        Without `tests` the test command is run as a whole. What could not be run is left out. The function must have
        been recorded.
        """
        trial = self._trial(path, text, text, function)
        try:
            return trial.outcomes(tests, trial.new)
        except SandboxDied:
            if self._closed:
                raise
            self._died(trial.session)
            return {}


class _watched:  # noqa: N801 -- used as a statement
    """While it lasts, asks `cancelled` now and then, and takes the sandbox down when it answers True."""

    def __init__(self, cancelled: Callable[[], bool], close: Callable[[], None]) -> None:
        self._cancelled = cancelled
        self._close = close
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="cancellation", daemon=True)

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            if self._cancelled():
                self._close()
                return

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def _in_its_encoding(text: bytes) -> bytes:
    """Return a UTF-8 source in the encoding that it declares for itself."""
    encoding = encoding_of(text)
    return text if encoding in {"utf-8", "utf-8-sig"} else text.decode().encode(encoding)


def _line(candidate: Candidate) -> int:
    return candidate.source.count(b"\n", 0, candidate.finding.span.start) + 1


def _digest(text: bytes) -> bytes:
    return blake2b(text, digest_size=16).digest()
