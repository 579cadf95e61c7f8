"""What exploring a function yields, step by step; each passes through a pipe on its own, lest a crash take the rest."""

from __future__ import annotations

from typing import NamedTuple


class Tick(NamedTuple):
    """A sign of life."""


class Trying(NamedTuple):
    """An input on which the old version came to an end, and on which the new one runs now."""

    frozen: bytes
    ring: str


class Kept(NamedTuple):
    """An input worth trying."""

    frozen: bytes
    ring: str
    differs: bool
    """Whether the versions seemed to differ on it."""


class Reached(NamedTuple):
    """All lines of one version that inputs have reached so far."""

    side: str
    lines: set[int]


class Missing(NamedTuple):
    """Parameters that no value can be made for; comes after all inputs."""

    names: list[str]


class Scaled(NamedTuple):
    """A call whose collections hold `size` items."""

    size: int
    frozen: bytes
    seconds: float
    """CPU time that the old version took for it."""
    error: str | None
    """Name of the type of what it raised."""
