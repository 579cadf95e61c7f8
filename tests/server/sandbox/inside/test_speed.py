"""Two versions in one process: which one is quicker, without disturbing what they do."""

from __future__ import annotations

import gc
import os
import time
from statistics import median

import pytest

from whetstone_server.sandbox.inside import whetstone_speed
from whetstone_server.sandbox.inside.whetstone_speed import Call, measure


def short():
    return sum(range(400))


def long():
    return sum(range(4_000))


def longest():
    """Takes milliseconds, beside which what a child process costs by itself, on a busy machine too, is little."""
    return sum(range(200_000))


class Bench:
    """Puts versions in place the way a job does: by what one name stands for."""

    def __init__(self, old, new):
        self.versions = {"old": old, "new": new}
        self.function = old
        self.order = []

    def install(self, version):
        self.order.append(version)
        self.function = self.versions[version]

    def call(self, *arguments, weight=1, mutates=False):
        """A call whose copies are copied one level deep."""

        def prepare():
            copied = [list(one) if isinstance(one, list) else one for one in arguments]
            return lambda: self.function(*copied)

        return Call(lambda: self.function(*arguments), prepare, weight, mutates)


def quick(bench, *calls, seconds=0.05, fresh=False):
    return measure(bench.install, calls or [bench.call()], seconds, fresh)


@pytest.mark.parametrize(("more", "fresh"), [(long, False), (longest, True)])
def test_many_times_the_work_takes_longer(more, fresh):
    assert median(quick(Bench(more, short), fresh=fresh).ratios) > 2
    assert median(quick(Bench(short, more), fresh=fresh).ratios) < 0.5


def test_times_of_a_call_go_with_the_ratios():
    seen = quick(Bench(long, short))
    assert seen.old_ns > 2 * seen.new_ns > 0
    assert len(seen.ratios) == len(seen.wall_ratios) >= 1
    assert not seen.waits


def test_sides_are_interleaved_and_take_turns_in_going_first():
    bench = Bench(short, short)
    seen = quick(bench)
    quads = bench.order[-4 * len(seen.ratios) :]
    assert quads[:8] == ["old", "new", "new", "old", "new", "old", "old", "new"][: len(quads)]


def test_weights_decide_what_counts():
    """Swapped work on two inputs: the one that occurs a hundred times more often wins."""
    bench = Bench(lambda often: long() if often else short(), lambda often: short() if often else long())
    often_first = quick(bench, bench.call(True, weight=100), bench.call(False))
    seldom_first = quick(bench, bench.call(True), bench.call(False, weight=100))
    assert median(often_first.ratios) > 2
    assert median(seldom_first.ratios) < 0.5


def test_a_call_that_empties_its_argument_gets_a_new_one_each_time():
    seen = []

    def emptied(items):
        seen.append(len(items))
        items.clear()

    bench = Bench(emptied, emptied)
    quick(bench, bench.call([1, 2, 3], mutates=True))
    assert set(seen) == {3}


def test_copies_that_are_large_are_made_few_at_a_time(monkeypatch):
    monkeypatch.setattr(whetstone_speed, "MOST_COPIED_BYTES", 1 << 20)
    alive, most_alive = 0, 0

    class Large:
        def __init__(self):
            nonlocal alive, most_alive
            self.held = bytearray(100_000)
            alive += 1
            most_alive = max(alive, most_alive)

        def __del__(self):
            nonlocal alive
            alive -= 1

    def prepare():
        held = Large()
        return lambda: held and None

    measure(lambda _: None, [Call(lambda: None, prepare, 1, True)], 0.02)
    assert 1 < most_alive <= 12


def test_copies_that_are_slow_to_make_leave_time_for_timing():
    bench = Bench(list.pop, list.pop)
    call = bench.call([0] * 50_000, mutates=True)
    assert len(quick(bench, call, seconds=0.4).ratios) >= 4


def test_a_sleep_is_noticed_and_timed_on_the_wall_clock():
    bench = Bench(lambda: time.sleep(0.004), lambda: time.sleep(0.0004))
    seen = quick(bench, seconds=0.1)
    assert seen.waits
    assert median(seen.wall_ratios) > 2
    assert seen.wall_old_ns > 3_900_000 > 100 * seen.old_ns / 10


def test_a_sleep_is_noticed_in_a_child_too():
    bench = Bench(lambda: time.sleep(0.004), lambda: time.sleep(0.0004))
    assert quick(bench, seconds=0.02, fresh=True).waits


def test_one_call_far_above_the_budget_is_still_timed():
    bench = Bench(lambda: sum(range(2_000_000)), lambda: sum(range(200_000)))
    seen = quick(bench, seconds=0.001)
    assert len(seen.ratios) == 1
    assert seen.ratios[0] > 2


def test_a_cache_does_not_pass_for_speed_when_every_call_starts_afresh():
    """Repeated on the same argument, the second version would answer from its cache."""

    class Remembering(Bench):
        def install(self, version):
            super().install(version)
            self.known = {}

    def recalled():
        if "answer" not in bench.known:
            bench.known["answer"] = longest()
        return bench.known["answer"]

    bench = Remembering(long, recalled)
    assert median(quick(bench).ratios) > 2
    assert median(quick(bench, seconds=0.1, fresh=True).ratios) < 2


def test_a_child_leaves_no_trace():
    touched = []
    bench = Bench(touched.clear, lambda: touched.append(os.getpid()))
    quick(bench, fresh=True)
    assert set(touched) <= {os.getpid()}


def test_a_call_that_ends_its_process_is_named():
    ours = os.getpid()
    bench = Bench(short, lambda: os.getpid() == ours or os._exit(3))
    with pytest.raises(ChildProcessError, match="the new version ended its process"):
        quick(bench, fresh=True)


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_left_as_it_was_found(enabled):
    bench = Bench(short, short)
    before = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        quick(bench)
        assert gc.isenabled() is enabled
        assert gc.get_freeze_count() == 0
    finally:
        (gc.enable if before else gc.disable)()


def test_the_collector_is_off_while_the_clock_runs():
    collecting = set()
    bench = Bench(short, lambda: collecting.add(gc.isenabled()))
    quick(bench)
    assert collecting == {False}


def test_what_a_call_raises_is_not_swallowed_here():
    bench = Bench(short, lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        quick(bench)
    assert gc.isenabled()


def test_no_call_is_refused():
    with pytest.raises(ValueError, match="no call"):
        measure(lambda _: None, [], 0.1)


def test_a_busy_machine_does_not_shorten_the_blocks(monkeypatch):
    """Blocks of a few calls cost more per call than long ones, which once passed for a slower version."""
    leaping = iter(range(0, 10**18, 20_000_000))
    monkeypatch.setattr(whetstone_speed.time, "perf_counter_ns", lambda: next(leaping))
    monkeypatch.setattr(whetstone_speed, "_times_given_up", lambda: 0)
    bench = Bench(short, short)
    counts = whetstone_speed._Blocks(bench.install, [bench.call()])._counts
    assert counts["old"] == counts["new"]
    assert counts["old"][0] > 50
