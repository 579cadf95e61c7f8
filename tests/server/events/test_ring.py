"""What the ring takes is there for whoever comes next, and what it cannot take is refused and counted."""

from __future__ import annotations

import pytest

from whetstone_server.events import locks, ring
from whetstone_server.events.ring import Ring


@pytest.fixture
def small(tmp_path):
    made = Ring(tmp_path, capacity=4_096)
    yield made
    made.release(made.oldest(1_000))
    made.close()


def payloads(records):
    return [record.payload for record in records]


def test_others_read_what_was_appended(small, tmp_path):
    assert small.append(5, b"first")
    assert small.append(6, b"")
    (path,) = ring.rings(tmp_path)
    left = ring.read(path)
    assert left.writer == small.writer
    assert [(each.number, each.time, each.payload) for each in left.records] == [(1, 5, b"first"), (2, 6, b"")]


def test_room_is_used_again_round_and_round(small):
    for turn in range(300):
        payload = bytes([turn % 256]) * (turn % 90)
        assert small.append(turn, payload)
        waiting = small.oldest(10)
        assert (waiting.first, waiting.times, waiting.payloads) == (turn + 1, [turn], [payload])
        assert payloads(ring.read(small.path).records) == [payload]
        small.release(waiting)
    assert ring.read(small.path).records == []


def test_a_record_that_is_interrupted_is_as_if_it_had_never_begun(small):
    class Interrupted(list):
        def extend(self, _):
            raise KeyboardInterrupt

    assert small.append(1, b"before")
    kept, small._waiting = small._waiting, Interrupted(small._waiting)
    with pytest.raises(KeyboardInterrupt):
        small.append(2, b"interrupted")
    small._waiting = kept
    assert small.append(3, b"after")
    assert [(each.number, each.payload) for each in ring.read(small.path).records] == [(1, b"before"), (2, b"after")]
    assert small.oldest(9).payloads == [b"before", b"after"]


def test_a_full_ring_refuses_and_counts(small):
    taken = 0
    while small.append(1, b"x" * 100):
        taken += 1
    assert 20 < taken < 41
    small.refuse()
    assert ring.read(small.path).dropped == 2
    assert small.take_dropped() == 2
    assert small.take_dropped() == 0
    assert len(small.oldest(100).payloads) == taken


def test_room_is_given_back_in_parts(small):
    for number in range(1, 11):
        assert small.append(number, b"%d" % number)
    small.release(small.oldest(4))
    assert payloads(ring.read(small.path).records) == [b"%d" % number for number in range(5, 11)]
    waiting = small.oldest(100)
    assert (waiting.first, waiting.times) == (5, list(range(5, 11)))
    small.release(waiting)
    assert not small.waiting


def test_what_is_too_large_is_refused(tmp_path):
    made = Ring(tmp_path)
    assert not made.append(1, b"x" * (ring.LARGEST + 1))
    assert made.append(1, b"x" * ring.LARGEST)
    made.release(made.oldest(1))
    made.close()


def test_an_altered_record_is_left_out(small):
    small.append(1, b"kept")
    small.append(2, b"altered")
    small.append(3, b"kept too")
    content = bytearray(small.path.read_bytes())
    content[content.index(b"altered")] ^= 1
    small.path.with_name("copy.ring").write_bytes(content)
    assert payloads(ring.read(small.path.with_name("copy.ring")).records) == [b"kept", b"kept too"]


def test_what_is_no_ring_is_not_read(tmp_path):
    (tmp_path / "odd.ring").write_bytes(b"no ring at all" * 10)
    (tmp_path / "short.ring").write_bytes(b"WHET")
    assert [ring.read(path) for path in ring.rings(tmp_path)] == [None, None]
    assert ring.read(tmp_path / "gone.ring") is None


def test_a_ring_is_locked_while_its_process_lives(tmp_path):
    made = Ring(tmp_path)
    with made.path.open("r+b") as other:
        assert not locks.lock(other.fileno())
    made.append(1, b"not in the database yet")
    made.close()
    with made.path.open("r+b") as other:
        assert locks.lock(other.fileno())


def test_an_empty_ring_leaves_nothing(tmp_path):
    Ring(tmp_path).close()
    assert list(tmp_path.iterdir()) == []
