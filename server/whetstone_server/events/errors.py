"""What can be wrong with a store; each message says what to do."""

from __future__ import annotations

from whetstone_server.errors import InputError


class StoreError(InputError):
    """The store cannot be opened, read or written."""


class StoreTooNewError(StoreError):
    """A newer Whetstone wrote the store; this one can read it, and writes nothing into it."""
