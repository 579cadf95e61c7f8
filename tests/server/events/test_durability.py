"""A sample of what `benchmarks.durability` does: however a writer ends, nothing that was kept is lost or doubled."""

from __future__ import annotations

import random

import pytest

from benchmarks import durability
from whetstone_server.events import open_store
from whetstone_server.events.event import encode
from whetstone_server.events.ring import Ring, rings


@pytest.fixture
def strace():
    if not durability.can_trace():
        pytest.skip("strace is not installed, or may not trace here")


def test_a_kill_at_any_instant_loses_nothing():
    result = durability.random_kills(8, seed=1)
    assert result.tries == 8
    assert result.problems == []


def test_a_kill_at_any_call_that_makes_a_store_leaves_a_whole_one_or_none(strace):
    result = durability.kills_in_creation(("pwrite64", "rename"), (1, 2))
    assert result.tries == 8
    assert result.problems == []


def test_a_kill_at_any_call_of_a_commit_loses_nothing(strace):
    result = durability.kills_in_commits(("pwrite64", "fdatasync"), (3, 6))
    assert result.tries == 8
    assert result.problems == []


def test_a_power_cut_leaves_all_that_was_flushed_and_no_gap(strace):
    result = durability.power_cuts(40, seed=1, events=1_500)
    assert result.tries == 40
    assert result.events > 0
    assert result.problems == []


def test_a_ring_torn_by_a_power_cut_leaves_no_gap():
    result = durability.torn_rings(20, seed=1)
    assert result.tries == 20
    assert result.problems == []


def test_what_lies_behind_a_torn_page_of_a_ring_is_not_taken_in(tmp_path):
    """Its record is whole, but one before it is missing."""
    folder = tmp_path / "events"
    open_store(folder).close()
    ring = Ring(folder / "rings")
    for number in range(1, 4):
        event = durability.numbered(number)
        assert ring.append(event.time, encode(event))
    ring.close()
    [left] = rings(folder / "rings")
    content = bytearray(left.read_bytes())
    second = content.index(encode(durability.numbered(2))[:16])
    content[second] ^= 0xFF
    left.write_bytes(content)
    with open_store(folder) as store:
        assert [event.data["document_version"] for event in store.between()] == [1]


@pytest.mark.parametrize(
    ("numbers", "least", "most", "said"),
    [
        ([1, 2, 3], 3, 3, []),
        ([1, 2], 3, 4, ["1 lost, the first is 3 of 3"]),
        ([1, 3], 0, 3, ["1 lost, the first is 2 of 3"]),
        ([1, 2, 2], 2, 2, ["1 there more than once, the first is 2"]),
        ([1, 2], 0, 1, ["2 is there, which was never recorded"]),
    ],
)
def test_what_is_lost_doubled_or_made_up_is_noticed(tmp_path, numbers, least, most, said):
    with open_store(tmp_path / "events") as store:
        assert all(store.record(durability.numbered(number)) for number in numbers)
        assert durability.faults_of(store, least, most) == (max(numbers), said)


def test_a_modelled_power_cut_keeps_what_was_synchronised_and_only_that():
    old, new, page = b"a" * durability.PAGE, b"b" * durability.PAGE, durability.PAGE
    steps = [
        durability.Told(durability.KEPT, 1),
        durability.Write(0, old + old, durable=False),
        durability.Sync(),
        durability.Told(durability.FLUSHED, 1),
        durability.Write(0, new, durable=True),
        durability.Write(page, new + new, durable=False),
        durability.Sync(),
    ]
    left = set(durability.left_by_cuts(b"", steps, 400, random.Random(1)))
    assert {most for _, _, most in left} == {2}
    assert {content for content, least, _ in left if least == 1} == {
        old + old,
        new + old,
        new + old + new,
        new + new,
        new + new + new,
    }
