"""What happens in the editor, told to the event store of the project it happens in."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from contextlib import suppress
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from whetstone_server.events import EventStore

MOST_WAITING = 10_000
"""Events kept while their store is being opened, which takes milliseconds."""
_log = logging.getLogger(__name__)
_Row = tuple[str, dict[str, Any], str, str | None, int]


class Journal:
    """The stores of one session, each opened when its project has its first event, and never on the event loop."""

    def __init__(self, complain: Callable[[str], None]) -> None:
        """`complain` is called on the event loop with a sentence when a project's events cannot be kept."""
        self._complain = complain
        self._stores: dict[Path, EventStore] = {}
        self._waiting: dict[Path, deque[_Row]] = {}
        self._opening: list[Thread] = []
        self._lock = Lock()

    def record(self, root: Path | None, kind: str, data: dict[str, Any], uri: str, retention_days: int) -> None:
        """Record an event of a document; one that lies in no project has no store. Never waits for a disk."""
        if root is not None:
            self._keep(root, (kind, data, "editor", uri, time.time_ns() // 1_000), retention_days)

    def tell(self, root: Path, happened: Iterable[tuple[str, dict[str, Any]]], retention_days: int) -> None:
        """Record what the server says of itself, kinds with their data, all at one time. Never waits for a disk."""
        now = time.time_ns() // 1_000
        for kind, data in happened:
            self._keep(root, (kind, data, "server", None, now), retention_days)

    def stores(self) -> Sequence[EventStore]:
        """Return the stores that are open."""
        with self._lock:
            return tuple(self._stores.values())

    def _keep(self, root: Path, row: _Row, retention_days: int) -> None:
        store = self._stores.get(root)
        if store is None:
            with self._lock:
                store = self._stores.get(root)
                if store is None:
                    self._wait(root, row, retention_days)
                    return
        _record(store, row)

    def _wait(self, root: Path, row: _Row, retention_days: int) -> None:
        if root not in self._waiting:
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:  # the session is over, and for a store that was never needed it is too late
                return
            self._waiting[root] = deque(maxlen=MOST_WAITING)
            thread = Thread(target=self._open, args=(root, retention_days, loop), daemon=True, name="whetstone-journal")
            self._opening.append(thread)
            thread.start()
        self._waiting[root].append(row)

    def _open(self, root: Path, retention_days: int, loop: asyncio.AbstractEventLoop) -> None:
        """Open a project's store, or one that is forgotten with this session, and record what waited for it."""
        from whetstone_server import state  # noqa: PLC0415 -- an editor's start does not wait for the store
        from whetstone_server.errors import InputError  # noqa: PLC0415
        from whetstone_server.events import open_for_now, open_store  # noqa: PLC0415

        trouble = None
        try:
            try:
                state.opened_workspace(root)
                store = open_store(state.events(root), retention_days=retention_days)
            except InputError as error:
                trouble = f"Whetstone will forget what happens in this session: {error}"
                store = open_for_now()
        except Exception:  # noqa: BLE001 -- logged; without a store the editor goes on as before
            _log.exception("the event store of %s could not be opened", root)
            return
        with self._lock:
            for row in self._waiting[root]:
                _record(store, row)
            self._stores[root] = store
        if trouble:
            with suppress(RuntimeError):  # the loop has ended, and with it whoever could be told
                loop.call_soon_threadsafe(self._complain, trouble)

    def wait(self) -> None:
        """Wait until every store that was needed so far is open, or cannot be."""
        for thread in self._opening:
            thread.join()

    def close(self) -> None:
        """Put everything on the disk and close the stores; safe to call twice."""
        self.wait()
        self._opening.clear()
        for store in self._stores.values():
            store.close()
        self._stores.clear()
        self._waiting.clear()


def _record(store: EventStore, row: _Row) -> None:
    from whetstone_server.events import Event  # noqa: PLC0415 -- loaded by now

    store.record(Event(*row))
