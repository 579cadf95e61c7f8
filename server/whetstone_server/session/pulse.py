"""The pulse of a session: how late its event loop is, and at the end of each window how the server fares."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_server.session.session import Session
    from whetstone_server.vitals import Window
    from whetstone_server.vitals.judging import Reading
    from whetstone_server.vitals.machine import Memory
    from whetstone_server.vitals.samples import Sample
    from whetstone_server.vitals.snapshot import Snapshot

WINDOW_SECONDS = 60.0
"""How long is counted before it is summed up."""
BEAT_SECONDS = 1.0
"""How often it is looked at how late the loop is."""
SHORTEST_SECONDS = 15.0
"""A last window that was shorter than this says too little to be kept."""
MOST_QUIET = 10
"""Windows in a row without a request, of which only the last one is kept."""
_log = logging.getLogger(__name__)


class Pulse:
    """Sums up each window, keeps the sums as samples, and says once when a target is missed or is met again."""

    def __init__(self, session: Session) -> None:
        self.bottlenecks: Sequence[Reading] = ()
        """What missed its target in the last window, the worst first."""
        self.latest: dict[tuple[str, str], Reading] = {}
        """Everything that has a target, as it was measured last, by its key."""
        self._session = session
        self._meter = session.meter
        self._told: set[tuple[str, str]] = set()
        self._shown: list[str] = []
        self._stopped = False
        self._quiet = 0
        self._memory: Memory | None = None
        self._beat: asyncio.TimerHandle | None = None
        self._due = 0.0

    def start(self) -> None:
        """Begin to beat."""
        loop = asyncio.get_running_loop()
        self._due = loop.time() + BEAT_SECONDS
        self._beat = loop.call_at(self._due, self._count_beat, loop)

    def stop(self) -> None:
        """Beat no more, and keep the window that was not over yet; safe to call twice."""
        self._stopped = True
        if self._beat is None:
            return
        self._beat.cancel()
        self._beat = None
        window = self._meter.take()
        if window.is_quiet or window.seconds < SHORTEST_SECONDS:
            return
        try:
            self._keep(self._snapshot(window).samples)
        except Exception:  # noqa: BLE001 -- logged; the session ends all the same
            _log.exception("measuring the server failed")

    async def end_window(self) -> None:
        """Sum up what was counted so far. Effect: samples are recorded, and what changed about targets is logged."""
        window = self._meter.take()
        found = await asyncio.get_running_loop().run_in_executor(None, self._snapshot, window)
        if self._stopped:  # meanwhile, and with it went the stores
            return
        self._judge(found.readings)
        self._show()
        if not self._session.self_tuning:
            self._session.tuner.restore("`self_tuning` is off")
        elif not window.is_quiet:
            self._session.tuner.look(found.readings, proving=window.proving_seconds > 0)
        self._quiet = self._quiet + 1 if window.is_quiet and not self.bottlenecks else 0
        if self._quiet % MOST_QUIET == 0:
            self._keep(found.samples)

    def _count_beat(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        self._meter.lateness.observe(max(0, round((now - self._due) * 1e9)))
        self._due = now + BEAT_SECONDS
        self._beat = loop.call_at(self._due, self._count_beat, loop)
        if self._meter.seconds >= WINDOW_SECONDS:
            self._session.soon(self._end_window_or_log())

    async def _end_window_or_log(self) -> None:
        try:
            await self.end_window()
        except Exception:  # noqa: BLE001 -- logged; nobody waits for this, and the next window is another chance
            _log.exception("measuring the server failed")

    def _snapshot(self, window: Window) -> Snapshot:
        """Return what was measured; runs on a thread, where loading what it takes holds up nobody."""
        from whetstone_server.vitals.snapshot import snapshot  # noqa: PLC0415 -- no start waits for it

        found = snapshot(window, self._session.journal.stores(), self._memory)
        self._memory = found.memory
        return found

    def _keep(self, found: Sequence[Sample]) -> None:
        self._session.note_own(
            [
                (
                    "metric.sample",
                    {"name": sample.name, "value": sample.value, "unit": sample.unit, "meta": dict(sample.meta)},
                )
                for sample in found
            ]
        )

    def _judge(self, measured: Sequence[Reading]) -> None:
        """Log what has changed about targets since the last window."""
        from whetstone_server.vitals.judging import bottlenecks  # noqa: PLC0415 -- loaded by now

        self.latest.update((reading.key, reading) for reading in measured)
        self.bottlenecks = bottlenecks(measured)
        for reading in self.bottlenecks:
            if reading.key not in self._told:
                self._log(types.MessageType.Warning, f"Whetstone misses a target of its own: {reading.sentence}.")
            self._told.add(reading.key)
        for reading in measured:
            if reading.is_met and reading.key in self._told:
                self._told.remove(reading.key)
                self._log(types.MessageType.Info, f"Whetstone meets a target of its own again: {reading.sentence}.")

    def _show(self) -> None:
        """Tell an editor with a place for it what its status is, when it has changed."""
        missed = [reading.sentence for key, reading in self.latest.items() if key in self._told]
        titles = [reading.title for key, reading in self.latest.items() if key in self._told]
        if titles != self._shown and self._session.abilities.shows_status:
            status = {"health": "warning" if missed else "ok", "quiescent": True, "message": "\n".join(missed) or None}
            self._session.client.protocol.notify("experimental/serverStatus", status)
        self._shown = titles

    def _log(self, kind: types.MessageType, sentence: str) -> None:
        self._session.client.window_log_message(types.LogMessageParams(type=kind, message=sentence))
