"""Rollups: how much of each kind there was in each minute, and what each metric came to in each hour."""

from __future__ import annotations

import math
import struct
from array import array
from bisect import bisect_left
from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from whetstone_server.events.database import Reading, Writing
    from whetstone_server.events.event import Event
    from whetstone_server.events.table import Table

MINUTE, HOUR = 60_000_000, 3_600_000_000
GROWTH = 1.02
"""Ratio of a histogram's neighbouring bounds: percentiles are right within 1 %.

The histogram is the one of DDSketch (Masson, Rim, Lee, VLDB 2019): a bucket for each power of this ratio.
"""
_HOUR = struct.Struct(">I")
_TIME = struct.Struct(">Q")
_SINCE = b"rollups-since"
_NONE = bytes(120)
"""The counts of an hour without any event."""
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder().decode


class Summary(NamedTuple):
    """What a metric came to over some time."""

    samples: int
    total: float
    least: float
    most: float
    histogram: Mapping[int, int]
    """Values counted by bucket: 0 for zero, positive and negative numbers for values of that sign."""

    @property
    def mean(self) -> float:
        """The average."""
        return self.total / self.samples

    def percentile(self, share: float) -> float:
        """Return the value below which `share` of all lie, within 1 %."""
        rank, seen = share * (self.samples - 1), 0
        for bucket in sorted(self.histogram, key=_middle):
            seen += self.histogram[bucket]
            if seen > rank:
                return min(max(_middle(bucket), self.least), self.most)
        return self.most


def add(writing: Writing, by_kind: Mapping[str, Table], numbers: Mapping[str, int]) -> None:
    """Count events, in order of time, into their minutes, and samples of metrics into their hours."""
    hours: dict[int, dict[int, array[int]]] = {}
    for kind, rows in by_kind.items():
        for since_1970, count in _minutes(rows).items():
            hour, minute = divmod(since_1970, 60)
            if hour not in hours:
                hours[hour] = _counts(writing.get(b"rollups", _HOUR.pack(hour)))
            hours[hour].setdefault(numbers[kind], array("I", bytes(240)))[minute] += count
    for hour, counts in hours.items():
        writing.put(b"rollups", _HOUR.pack(hour), _pack({kind: _narrow(each) for kind, each in counts.items()}))
    for (name, hour), values in _samples(by_kind.get("metric.sample")).items():
        key = _metric_key(name, hour)
        before = writing.get(b"metrics", key)
        found = together([_summary(_unpack(before))] if before else [], values)
        writing.put(b"metrics", key, _pack([*found[:4], dict(found.histogram)]))


def _minutes(rows: Table) -> Counter[int]:
    """Return how many there were in each minute since 1970."""
    counted, times, start = Counter[int](), rows.times, 0
    while start < rows.length:  # in order of time, so that each minute's events lie together
        minute = times[start] // MINUTE
        end = bisect_left(times, (minute + 1) * MINUTE, start)
        counted[minute] += sum(rows.counts[start:end])
        start = end
    return counted


def _samples(rows: Table | None) -> dict[tuple[str, int], list[float]]:
    """Return what was measured, by name and hour."""
    samples: dict[tuple[str, int], list[float]] = {}
    if rows is not None:
        for name, value, time, count in zip(
            rows.field("name"), rows.field("value"), rows.times, rows.counts, strict=True
        ):
            if name is not None and value is not None:
                samples.setdefault((name, time // HOUR), []).extend([value] * count)
    return samples


class Minutes(NamedTuple):
    """How many events of each kind there were in each of some minutes, one behind the other."""

    first: int
    """The first of these minutes, counted from 1970."""
    counts: dict[str, array[int]]
    """For each kind a count for each minute."""

    def of(self, kind: str, minute: int) -> int:
        """Return how many events of a kind there were in a minute since 1970."""
        of_kind = self.counts.get(kind)
        return of_kind[minute - self.first] if of_kind and 0 <= minute - self.first < len(of_kind) else 0


def per_minute(reading: Reading, names: Mapping[int, str], loose: Iterable[Event], start: int, end: int) -> Minutes:
    """Return the counts of the hours that touch these times, from the first hour to the last with any event at all.

    `names` are those of the kinds' numbers, `loose` the events that are not counted into any rollup yet.
    """
    hours = []
    for key, packed in reading.forwards(b"rollups", _HOUR.pack(max(start // HOUR, 0))):
        hour = _HOUR.unpack(key)[0]
        if hour * HOUR > end:
            break
        hours.append((hour, _unpack(packed)))
    late = [event for event in loose if start // HOUR <= event.time // HOUR <= end // HOUR]
    touched = [hour for hour, _ in hours] + [event.time // HOUR for event in late]
    if not touched:
        return Minutes(0, {})
    first, number = min(touched), max(touched) - min(touched) + 1
    by_kind: dict[str, list[bytes]] = {}
    for hour, counted in hours:
        for kind, counts in counted.items():
            if names[kind] not in by_kind:
                by_kind[names[kind]] = [_NONE] * number
            by_kind[names[kind]][hour - first] = counts
    found = {kind: _together(counts) for kind, counts in by_kind.items()}
    for event in late:
        counts = found.setdefault(event.kind, array("I", bytes(240 * number)))
        if counts.itemsize == 2:
            counts = found[event.kind] = array("I", counts)
        counts[event.time // MINUTE - 60 * first] += event.count
    return Minutes(60 * first, found)


def kept_since(reading: Reading) -> int:
    """Return the time from which on no hour was let go."""
    since = reading.get(b"meta", _SINCE)
    return int(_TIME.unpack(since)[0]) if since else 0


def kinds_between(reading: Reading, start: int, end: int) -> set[int] | None:
    """Return the numbers of the kinds that may have events in blocks from `start` to before `end`.

    `None` when that takes longer than to look, or cannot be said: of hours that are no longer summed up.
    """
    hour = start // HOUR
    if not start < end <= start + HOUR or start < kept_since(reading):
        return None
    found = set()
    for each in {hour, (end - 1) // HOUR}:
        packed = reading.get(b"rollups", _HOUR.pack(each))
        first, last = max(start // MINUTE - 60 * each, 0), min((end - 1) // MINUTE - 60 * each, 59)
        for number, counts in (_unpack(packed) if packed else {}).items():
            width = len(counts) // 60
            if any(counts[width * first : width * (last + 1)]):
                found.add(number)
    return found


def metric(reading: Reading, name: str, start: int, end: int) -> list[Summary]:
    """Return what a metric came to in each hour that touches these times."""
    found = []
    for hour_key, packed in reading.forwards(b"metrics", _metric_key(name, max(start // HOUR, 0))):
        if hour_key[:-4] != _metric_key(name, 0)[:-4] or _HOUR.unpack(hour_key[-4:])[0] * HOUR > end:
            break
        found.append(_summary(_unpack(packed)))
    return found


def together(summaries: Iterable[Summary], values: Iterable[float] = ()) -> Summary:
    """Return several summaries and single values as one; there must be at least one."""
    count, total, least, most = 0, 0.0, math.inf, -math.inf
    histogram = Counter[int]()
    for each in summaries:
        count, total = count + each.samples, total + each.total
        least, most = min(least, each.least), max(most, each.most)
        histogram.update(each.histogram)
    for value in values:
        count, total, least, most = count + 1, total + value, min(least, value), max(most, value)
        histogram[_bucket(value)] += 1
    return Summary(count, total, least, most, histogram)


def let_go(writing: Writing, before: int) -> int:
    """Remove the hours that ended before a time; return how many."""
    if before > kept_since(writing):
        writing.put(b"meta", _SINCE, _TIME.pack(before))
    hours = [key for key, _ in writing.forwards(b"rollups") if (_HOUR.unpack(key)[0] + 1) * HOUR <= before]
    old = [key for key, _ in writing.forwards(b"metrics") if (_HOUR.unpack(key[-4:])[0] + 1) * HOUR <= before]
    for key in hours:
        writing.delete(b"rollups", key)
    for key in old:
        writing.delete(b"metrics", key)
    return len(hours) + len(old)


def _counts(packed: bytes | None) -> dict[int, array[int]]:
    return {kind: array("I", _together([counts])) for kind, counts in (_unpack(packed) if packed else {}).items()}


def _together(hours: Sequence[bytes]) -> array[int]:
    """Return the counts of some hours in one piece, as narrow as they are kept."""
    joined = b"".join(hours)
    if len(joined) == 120 * len(hours):
        return array("H", joined)
    wide = array("I")
    for counts in hours:
        wide.extend(array("H" if len(counts) == 120 else "I", counts).tolist())
    return wide


def _narrow(counts: array[int]) -> bytes:
    """Return sixty counts in 120 bytes, or in 240 where one is large."""
    return (array("H", counts) if max(counts) < 1 << 16 else counts).tobytes()


def _metric_key(name: str, hour: int) -> bytes:
    """Return a key within LMDB's 511 bytes; a long name is told by its digest."""
    text = name.encode()
    if len(text) > 200:
        text = b"#" + blake2b(text, digest_size=16).digest()
    return text + b"\0" + _HOUR.pack(hour)


def _summary(packed: Any) -> Summary:
    return Summary(*packed)


def _bucket(value: float) -> int:
    """Return the bucket of a value: the power of `GROWTH` above it, away from zero, signed like the value."""
    if value == 0 or not math.isfinite(value):
        return 0
    power = min(math.ceil(math.log(abs(value), GROWTH)), _MOST) + _OFFSET
    return power if value > 0 else -power


def _middle(bucket: int) -> float:
    if bucket == 0:
        return 0.0
    size = 2 * GROWTH ** (abs(bucket) - _OFFSET) / (GROWTH + 1)
    return size if bucket > 0 else -size


_MOST = 35_800
"""The last power of the ratio that is a float."""
_OFFSET = 40_000
"""Keeps powers of the smallest floats above zero, so that the sign is free for the value's."""
