"""The event store: what happened, kept, and found again."""

from whetstone_server.events.errors import StoreError, StoreTooNewError
from whetstone_server.events.event import Event
from whetstone_server.events.store import EventStore, open_for_now, open_for_reading, open_store

__all__ = ["Event", "EventStore", "StoreError", "StoreTooNewError", "open_for_now", "open_for_reading", "open_store"]
