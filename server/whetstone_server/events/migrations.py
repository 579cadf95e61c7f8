"""How a store's layout moves forward: small named steps, each made once, after a backup."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from whetstone_server.events import drafts, layouts, tail
from whetstone_server.events.errors import StoreError, StoreTooNewError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from whetstone_server.events.database import Database, Writing

MAJOR = 2


def first_layout(writing: Writing) -> None:
    """m001: the databases as `database.NAMES` lists them, and who this store is."""
    writing.put(b"meta", b"schema", b"1")
    writing.put(b"meta", b"store", secrets.token_hex(16).encode())


def checked_tail(writing: Writing) -> None:
    """m002: batches of the tail bear a checksum and hold one list each, and the layouts of events are known."""
    layouts.put(writing, *layouts.ours())
    for key, content in list(tail.contents(writing)):
        writing.put(b"tail", key, content)


STEPS: tuple[Callable[[Writing], None], ...] = (first_layout, checked_tail)
"""The step at place `n` leads to major version `n + 1`."""


def create(writing: Writing) -> None:
    """Make the layout of this version in an empty database."""
    for step in STEPS:
        step(writing)
    writing.put(b"meta", b"schema", str(MAJOR).encode())


def version(database: Database) -> int:
    """Return the major version of a store. Raises `StoreError` when there is none: then it is not one of ours."""
    with database.reading() as state:
        schema = state.get(b"meta", b"schema")
    if schema is None or not bytes(schema).isdigit():
        raise StoreError(f"{database.folder} is not an event store of Whetstone, but some database; move it away")
    return int(schema)


def migrate(database: Database, folder: Path) -> None:
    """Bring a store to this version, in one change, after a backup beside it. Does nothing when it is there already.

    Raises `StoreTooNewError` for a store of a newer major version, which this one may read but not write.
    """
    found = version(database)
    if found > MAJOR:
        raise StoreTooNewError(
            f"{folder} was written by a newer Whetstone (layout {found}, this one knows {MAJOR}); "
            "it can be read, but not written: update Whetstone"
        )
    if found == MAJOR:
        return
    backup = folder.with_name(f"{folder.name}-layout-{found}")
    if not backup.exists():
        try:
            with drafts.beside(backup) as copy:
                database.copy(copy)
                copy.rename(backup)
        except OSError as error:
            raise StoreError(f"{backup} cannot be written ({error.strerror}); free some space") from error

    def forward(writing: Writing) -> None:
        for step in STEPS[found:]:
            step(writing)
        writing.put(b"meta", b"schema", str(MAJOR).encode())

    database.write(forward)
