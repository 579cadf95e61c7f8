"""`whetstone events`: the event store; one file per thing to do with it."""

from __future__ import annotations

from whetstone_server.cli.deeds import Deeds

DEEDS = (
    ("stats", "say how many events there are, of which kinds, and what they take"),
    ("list", "list events, the newest first"),
    ("search", "list the events that hold a text"),
    ("tail", "show events as they come"),
    ("export", "write events as JSON Lines"),
    ("import", "add exported events that are not there yet"),
    ("backup", "write a consistent copy of the store, while it is used"),
    ("restore", "put a backup in the store's place"),
    ("compact", "give the room of deleted events back to the disk"),
    ("verify", "read everything, and say what is damaged"),
)
"""Each is a module of this package."""
_ALL = Deeds(
    "events",
    "What happened in this workspace: edits, findings, proofs and measurements.",
    "  whetstone events list --since 2h --type document.change\n  whetstone events stats",
    DEEDS,
)
parser, run = _ALL.parser, _ALL.run
