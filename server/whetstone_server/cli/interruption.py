"""Ends a long command cleanly when it is told to stop, whichever way it is told."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_STOPS = ("SIGINT", "SIGTERM", "SIGHUP")


@contextmanager
def tidy_stop() -> Iterator[None]:
    """Let Ctrl-C, `kill` and a closed terminal unwind the block, once: a second one cannot cut the tidying short.

    Outside the main thread, where signals never arrive, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in _STOPS if hasattr(signal, name)]
    earlier = {number: signal.getsignal(number) for number in numbers}

    def stop(number: int, _: FrameType | None) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + number)

    for number in numbers:
        if earlier[number] is not signal.SIG_IGN:  # nohup asked for this
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
