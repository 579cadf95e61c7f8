"""The sandboxes that stay warm from proof to proof, and the turns that proofs take."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from whetstone_server.improvements.prove import Candidate, Proof, Prover
    from whetstone_server.settings import Settings
    from whetstone_server.vitals import Meter

StartProver: TypeAlias = "Callable[[Path, Settings], Prover]"
"""Makes a prover for a project root; handed in, so that an editor's start does not load what only a proof needs."""
_log = logging.getLogger(__name__)


class Provers:
    """Provers that are started when first needed, used by one proof at a time, and kept for the next.

    One prover is never shared by two proofs, because cancelling a proof takes its sandbox down.
    """

    def __init__(self, start: StartProver, meter: Meter) -> None:
        self.most: int | None = None
        """How many proofs may run at once, where that is less than the settings say."""
        self._start = start
        self._meter = meter
        self._idle: dict[tuple[Path, Settings], list[Prover]] = defaultdict(list)
        self._busy: dict[Prover, int] = {}
        self._age = 0
        """How often the project's code changed: a prover does not outlive the recordings it made of an older one."""
        self._taking = threading.Lock()
        self._threads = ThreadPoolExecutor(thread_name_prefix="prove")
        self._turns: asyncio.Semaphore | None = None
        self._jobs = 0
        self._closed = False

    async def prove(
        self,
        root: Path,
        settings: Settings,
        candidates: Sequence[Candidate],
        *,
        on_step: Callable[[str, int, int], None],
        on_proof: Callable[[Proof], None],
    ) -> None:
        """Prove `candidates`, calling back on this loop; when cancelled, nothing is called back any more.

        As many proofs run at once as the setting `jobs` allows; the others wait for their turn.
        """
        loop = asyncio.get_running_loop()
        stopped = threading.Event()

        def tell(callback: Callable[..., None], *arguments: object) -> None:
            if not stopped.is_set():
                loop.call_soon_threadsafe(lambda: None if stopped.is_set() else callback(*arguments))

        def take(proof: Proof) -> None:
            self._meter.proved()
            on_proof(proof)

        def run(prover: Prover) -> None:
            for proof in prover.prove(candidates, on_step=partial(tell, on_step), cancelled=stopped.is_set):
                tell(take, proof)

        async with self._turn(settings):
            with self._meter.proving():
                prover = await self._prover(root, settings)
                work = loop.run_in_executor(self._threads, run, prover)
                try:
                    await work
                except BaseException:  # whatever ended it, the sandbox may be half way through something
                    stopped.set()
                    self._busy.pop(prover, None)  # which is empty once the session is over
                    work.add_done_callback(_look_away)
                    _close_later(prover)
                    raise
                self._give_back(prover, root, settings)

    def close(self) -> None:
        """End every sandbox, and with it every proof that runs in one."""
        self._closed = True
        provers = [*self._busy, *(prover for idle in self._idle.values() for prover in idle)]
        self._busy.clear()
        self._idle.clear()
        for prover in provers:
            _close(prover)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def release(self, root: Path | None = None) -> None:
        """End the sandboxes of one project or of all; one that is in use ends after its proof."""
        self._age += 1
        for key in [key for key in self._idle if root is None or key[0] == root]:
            for prover in self._idle.pop(key):
                _close_later(prover)

    def _turn(self, settings: Settings) -> asyncio.Semaphore:
        jobs = settings.jobs or os.cpu_count() or 1
        jobs = jobs if self.most is None else min(jobs, self.most)
        if self._turns is None or jobs != self._jobs:
            self._turns, self._jobs = asyncio.Semaphore(jobs), jobs
        return self._turns

    async def _prover(self, root: Path, settings: Settings) -> Prover:
        """Return a prover of one's own; whoever stops waiting for it leaves it to the next."""
        taking = asyncio.get_running_loop().run_in_executor(self._threads, self._taken, root, settings)
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            taking.add_done_callback(lambda taken: self._give_back_unused(taken, root, settings))
            raise

    def _give_back_unused(self, taken: asyncio.Future[Prover], root: Path, settings: Settings) -> None:
        if not taken.cancelled() and taken.exception() is None:
            self._give_back(taken.result(), root, settings)

    def _taken(self, root: Path, settings: Settings) -> Prover:
        """Return a prover of one's own; runs on a thread, because the first one loads a good deal of code."""
        with self._taking:
            idle = self._idle[root, settings]
            prover = idle.pop() if idle else self._start(root, settings)
            self._busy[prover] = self._age
            return prover

    def _give_back(self, prover: Prover, root: Path, settings: Settings) -> None:
        age = self._busy.pop(prover, None)
        if self._closed or age != self._age:
            _close_later(prover)
        else:
            self._idle[root, settings].append(prover)


def _look_away(work: asyncio.Future[None]) -> None:
    """Take the error of a proof that was cancelled, so that nobody reports it as lost."""
    if not work.cancelled():
        work.exception()


def _close_later(prover: Prover) -> None:
    """Close a prover on a thread of its own: it may take a moment, and keystrokes do not wait for it."""
    threading.Thread(target=_close, args=(prover,), name="close prover").start()


def _close(prover: Prover) -> None:
    try:
        prover.close()
    except Exception:  # noqa: BLE001 -- logged; a sandbox that will not end must not keep the others from ending
        _log.exception("a sandbox could not be closed")
