"""What the rules find in every file of a workspace: from a cache, or read by one process or several."""

from __future__ import annotations

import gc
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge.languages import find_lazily, language_of, strangers
from whetstone_server.scan.cache import Cache
from whetstone_server.scan.file_findings import FileFindings, line_of, positions_of
from whetstone_server.scan.source import UnreadableError, read
from whetstone_server.scan.walk import File, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from whetstone_server.choice import Choice

_BATCH = 400_000
"""Bytes handed to a process at a time: large enough that handing over is nothing, small enough to share out evenly."""
_WORTH_PROCESSES = 4 * _BATCH
"""Bytes below which starting processes costs more than they save."""


def scan(
    paths: Iterable[Path],
    *,
    choice: Choice,
    jobs: int,
    cache: Path | None,
    on_walked: Callable[[int], None] | None = None,
) -> Iterator[FileFindings]:
    """Yield what the chosen rules find in each file in `paths` and below, in order, also for files without findings.

    A file that cannot be read is yielded with the reason. Findings are kept in the folder `cache`, if one is given,
    and read from there while file and rules stay the same. `on_walked` is told how many files there are.
    """
    kept = Cache(cache, choice) if cache is not None else None
    try:
        files = list(walk(paths))
        if on_walked:
            on_walked(len(files))
        yield from _scanned(files, choice, jobs, kept)
    finally:
        if kept is not None:
            kept.save()


def _scanned(files: Sequence[File], choice: Choice, jobs: int, kept: Cache | None) -> Iterator[FileFindings]:
    known = {file.path: found for file in files if (found := _known(file, kept)) is not None}
    fresh = _read_by(jobs, [file for file in files if file.path not in known], choice)
    for file in files:
        found = known.get(file.path)
        if found is None:
            found = next(fresh)
            if kept is not None and found.error is None:
                kept.put(file, found)
        yield found


def _known(file: File, kept: Cache | None) -> FileFindings | None:
    if file.error is not None:
        return FileFindings(Path(file.path), error=file.error)
    return kept.get(file) if kept is not None else None


def _read_by(jobs: int, files: Sequence[File], choice: Choice) -> Iterator[FileFindings]:
    """Yield what is found in `files`, in order, read by as many processes as are asked for and worth it."""
    batches = [[file.path for file in batch] for batch in _batches(files)]
    if jobs < 2 or sum(file.size for file in files) < _WORTH_PROCESSES:  # a second process is the first to share with
        for batch in batches:
            yield from _look(batch, choice)
        return
    # Imported here because most runs find nearly everything in the cache.
    import multiprocessing  # noqa: PLC0415

    for language in {language_of(file.path) for file in files}:
        choice.rules(language)  # loaded before it is forked, not in each process

    # A fork has everything imported, but copies no other thread, so it is only safe while there is none.
    alone = sys.platform == "linux" and threading.active_count() == 1
    context = multiprocessing.get_context("fork" if alone else "spawn")
    with context.Pool(min(jobs, len(batches)), _Reader.begin, (choice,)) as pool:
        for found in pool.imap(_Reader.look, batches):
            yield from found


def _batches(files: Sequence[File]) -> Iterator[list[File]]:
    batch: list[File] = []
    size = 0
    for file in files:
        batch.append(file)
        size += file.size
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class _Reader:
    """A process that only reads, with what it was started with."""

    choice: ClassVar[Choice]

    @classmethod
    def begin(cls, choice: Choice) -> None:
        """Take what to look for, and never look for garbage: reading makes none that goes in circles."""
        cls.choice = choice
        gc.freeze()
        gc.disable()

    @classmethod
    def look(cls, batch: Sequence[str]) -> list[FileFindings]:
        """Return what is found in a batch of files."""
        return _look(batch, cls.choice)


def _look(batch: Sequence[str], choice: Choice) -> list[FileFindings]:
    """Return what is found in a batch of files."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return [_look_into(path, choice) for path in batch]
    finally:
        if collecting:
            gc.enable()


def _look_into(path: str, choice: Choice) -> FileFindings:
    try:
        source = read(path)
    except UnreadableError as error:
        return FileFindings(Path(path), error=str(error))
    language = language_of(path)
    findings = tuple(find_lazily(source, language, choice.rules(language), path))
    unknown = tuple((word, line_of(place.start, source)) for word, place in strangers(source, language))
    return FileFindings(Path(path), findings, positions_of(findings, source), unknown)
