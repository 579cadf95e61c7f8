"""Trains the dictionary that blocks of events are compressed with: `python -m benchmarks.dictionary --into FOLDER`.

    python -m benchmarks.dictionary --into FOLDER [--write NUMBER]

The events are those of somebody who types the differences between releases of other projects than those of
`benchmarks.events`; these are fetched into FOLDER. What the dictionary gains is shown on the events of that benchmark.
`--write` puts it among those that are shipped. One that was ever shipped is never changed: blocks name theirs.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import zstandard

from benchmarks import event_trace
from whetstone_server.events import blocks, dictionary, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_server.events.event import Event

RELEASES = {
    "werkzeug": ("2.2.0", "2.3.0", "3.0.0", "3.0.4", "3.1.3"),
    "httpx": ("0.23.0", "0.24.0", "0.25.0", "0.26.0", "0.28.1"),
    "pluggy": ("1.0.0", "1.2.0", "1.4.0", "1.5.0"),
    "packaging": ("21.3", "22.0", "23.0", "24.0", "25.0"),
}
EVENTS, SEED, NOW = 200_000, 2, 1_790_000_000
"""Drawn and dated the same each time, so that the same zstd makes the same dictionary."""
BYTES = 8 << 10
"""With half of it small blocks gain less, and with twice as much no block gains more."""
SIZES, OF_EACH_SIZE = (16, 64, 200, 600), 40
"""Events of the blocks that it is made for, and how many such blocks of each kind."""
SHOWN_SIZES = (8, 32, 128, 512)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--into", type=Path, required=True, metavar="FOLDER")
    options.add_argument("--write", type=int, metavar="NUMBER")
    chosen = options.parse_args()
    made = trained(chosen.into / "training")
    print(f"{len(made):,} bytes")
    show(made, chosen.into)
    if chosen.write is not None:
        dictionary.place(chosen.write).write_bytes(made)


def trained(folder: Path) -> bytes:
    """Return a dictionary made of blocks of all sizes."""
    files = event_trace.edits(event_trace.fetched(folder, RELEASES), RELEASES)
    by_kind = _by_kind(event_trace.typed(files, EVENTS, SEED, NOW)[0])
    samples: list[bytes | bytearray | memoryview] = [
        body
        for events in by_kind.values()
        for size in SIZES
        for body in _bodies(events, size, max(size, len(events) // OF_EACH_SIZE))
    ]
    made = zstandard.train_dictionary(BYTES, samples, level=blocks.LEVEL)
    return made.as_bytes()


def show(made: bytes, folder: Path) -> None:
    """Print how many bytes an event takes in blocks of several sizes, without and with a dictionary."""
    plain = zstandard.ZstdCompressor(level=blocks.LEVEL, write_checksum=True)
    helped = dictionary.compressor(made, blocks.LEVEL)
    events, _ = event_trace.typed(event_trace.edits(event_trace.fetched(folder)), EVENTS)
    print(f"{'bytes/event, without → with':28}" + "".join(f"{size:>16} events" for size in SHOWN_SIZES))
    for kind, of_kind in _by_kind(events).items():
        cells = []
        for size in SHOWN_SIZES:
            bodies = list(_bodies(of_kind, size, max(size, len(of_kind) // OF_EACH_SIZE)))
            each = size * len(bodies)
            sizes = [sum(map(len, map(way.compress, bodies))) / each if each else 0 for way in (plain, helped)]
            cells.append(f"{sizes[0]:13.2f} → {sizes[1]:5.2f}" if each else "")
        print(f"{kind:28}" + "".join(f"{cell:>23}" for cell in cells))


def _by_kind(events: list[Event]) -> dict[str, list[Event]]:
    """Return events by kind, with ids as a store gives them."""
    writer = random.Random(SEED).randbytes(16).hex()
    by_kind: dict[str, list[Event]] = defaultdict(list)
    for number, event in enumerate(events, 1):
        by_kind[event.kind].append(msgspec.structs.replace(event, id=f"{writer}-{number}"))
    return by_kind


def _bodies(events: list[Event], size: int, step: int) -> Iterator[bytes]:
    """Yield what blocks of so many events each hold before they are compressed."""
    for start in range(0, len(events) - size + 1, step):
        yield blocks.body(table.of_events(events[start : start + size]))


if __name__ == "__main__":
    main()
