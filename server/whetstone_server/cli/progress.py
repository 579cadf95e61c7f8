"""How far a long command is, on standard error, where somebody watches."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rich.progress import Progress

TOLD_EVERY = 1_000
_Item = TypeVar("_Item")


class Steps:
    """A bar on a terminal; silent where standard error goes to a file."""

    def __init__(self, beginning: str = "Starting the sandbox") -> None:
        """`beginning` is shown before the first step."""
        self._beginning = beginning
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._bar = _bar()
            self._bar.add_task(self._beginning, total=None)
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def step(self, sentence: str, done: int, total: int | None) -> None:
        """Show what is being done, and how many of how many are finished, where that is known."""
        if self._bar:
            task = self._bar.task_ids[0]
            self._bar.update(task, description=sentence, completed=done, total=total)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take the bar away while something is printed: both may stand on the same terminal."""
        if self._bar:
            self._bar.stop()
        yield
        if self._bar:
            self._bar.start()


def counted(items: Iterable[_Item], told: Callable[[int], None]) -> Iterator[_Item]:
    """Yield the items, and tell now and then how many those were."""
    for number, item in enumerate(items):
        if number % TOLD_EVERY == 0:
            told(number)
        yield item


def _bar() -> Progress:
    from rich.console import Console  # noqa: PLC0415 -- only where somebody watches
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn  # noqa: PLC0415

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
