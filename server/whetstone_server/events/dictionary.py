"""Dictionaries: what blocks of events have in common, so that none has to say it again.

They are made by `benchmarks/dictionary.py` and lie in the folder `dictionaries`, each for good: a block names its own.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import zstandard

from whetstone_server.events.errors import StoreError

NEWEST = 1
"""The one that new blocks are packed with."""


def place(number: int) -> Path:
    """Return where a dictionary lies."""
    return Path(__file__).parent / "dictionaries" / f"{number}.zdict"


@cache
def content(number: int) -> bytes:
    """Return what a dictionary holds. Raises `StoreError` when only a newer version has it."""
    try:
        return place(number).read_bytes()
    except FileNotFoundError:
        raise StoreError("a newer Whetstone packed some of these events; update this one to read them") from None


def compressor(shared: bytes, level: int) -> zstandard.ZstdCompressor:
    """Return what compresses with a dictionary, for one thread; whoever decompresses must know the dictionary."""
    made = zstandard.ZstdCompressionDict(shared)
    made.precompute_compress(level=level)  # on one that others use this would free what they have in hand
    return zstandard.ZstdCompressor(level=level, dict_data=made, write_checksum=True, write_dict_id=False)


def decompressor(shared: bytes | None) -> zstandard.ZstdDecompressor:
    """Return what decompresses with a dictionary, or without one, for one thread."""
    return zstandard.ZstdDecompressor(dict_data=None if shared is None else zstandard.ZstdCompressionDict(shared))
