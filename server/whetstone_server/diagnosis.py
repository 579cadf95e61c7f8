"""What a doctor says: one thing looked at, how it is, and what to do about it."""

from __future__ import annotations

from typing import NamedTuple


class Check(NamedTuple):
    """One thing looked at."""

    name: str
    ok: bool
    detail: str
    remedy: str | None
    """What to do about it, when it is not as it should be."""
