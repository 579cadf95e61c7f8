"""Which store is meant, opened for what a deed needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server import state
from whetstone_server.cli.workspace import root
from whetstone_server.events import open_for_reading, open_store
from whetstone_server.settings import read_settings

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from whetstone_server.events import EventStore


def folder(arguments: Namespace) -> Path:
    """Return the folder of the store, which may not exist yet. Raises `InputError` when the workspace does not."""
    return state.events(root(arguments))


def retention_days(arguments: Namespace) -> int:
    """Return after how many days the project's events are let go."""
    return read_settings(root(arguments)).retention_days


def to_read(arguments: Namespace) -> EventStore:
    """Return the store for reading; nothing is written for the sake of looking."""
    return open_for_reading(folder(arguments))


def to_write(arguments: Namespace) -> EventStore:
    """Return the store for writing, made when there is none."""
    return open_store(folder(arguments), retention_days=retention_days(arguments))
