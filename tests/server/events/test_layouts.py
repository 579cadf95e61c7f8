"""Events are recorded without the names of their fields, and read by whoever finds in the store what these are."""

from __future__ import annotations

import msgspec
import pytest

from tests.server.events.conftest import NOON, change
from whetstone_server.events import Event, StoreError, layouts, open_store
from whetstone_server.events.kinds import KINDS, MetricSample
from whetstone_server.events.layouts import Layout
from whetstone_server.events.maintenance import verify

LATER = Layout("document.change", 1, ("document_version", "note"))
"""Of a version in which that kind has other fields."""


def test_names_are_left_out_where_all_fields_are_there_in_order():
    data = change(1).data
    assert b"start_column" not in layouts.encoded(Event("document.change", data))
    assert b"start_column" in layouts.encoded(Event("document.change", dict(reversed(data.items()))))
    assert b"value" in layouts.encoded(Event("metric.sample", {"name": "latency", "value": 1.0}))
    assert b"later" in layouts.encoded(Event("later.kind", {"later": 1}))


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(Event.of(MetricSample("latency", "quick")), id="no number"),
        pytest.param(Event("metric.sample", {"value": "quick", "name": "latency"}), id="no number, in another order"),
        pytest.param(change(1, path=7), id="no path"),
        pytest.param(change(1, path=b"a.py"), id="bytes for a path"),
        pytest.param(change(1, source=None), id="no source"),
        pytest.param(change(1, time=-1), id="before 1970"),
        pytest.param(change(1, time=1 << 62), id="after all times"),
        pytest.param(change(1, time=True), id="true for a time"),
        pytest.param(change(1, count=0), id="for none"),
        pytest.param(change(True), id="true for a number"),
        pytest.param(change(1.5), id="half a version"),
        pytest.param(change(1 << 64), id="a version of 65 bits"),
    ],
)
def test_what_no_event_can_be_is_refused_written_long_or_short(folder, odd):
    with open_store(folder) as store:
        assert not store.record(odd)
        if len(odd.data) > 2:
            assert not store.record(msgspec.structs.replace(odd, data=dict(reversed(odd.data.items()))))


def test_no_two_layouts_have_one_number():
    assert len({layouts.known(None, layout.number).kind for layout in layouts.ours()}) == len(KINDS)


def test_a_layout_of_another_version_is_read_as_the_store_knows_it(folder):
    payload = msgspec.msgpack.encode([LATER.number, NOON, "editor", "a.py", 1, 7, "why"])
    with open_store(folder) as store:
        store._database.write(lambda writing: layouts.put(writing, LATER))
        assert store.record(change(1))
        assert store._ring.append(NOON, payload)
        for deed in (lambda: None, store.flush, store.checkpoint):
            deed()
            odd = next(event for event in store.between() if "note" in event.data)
            assert odd.data == {"document_version": 7, "note": "why"}
            assert (odd.kind, odd.version, odd.source, odd.path) == ("document.change", 1, "editor", "a.py")
            assert len(store.between(kind="document.change")) == 2
    assert verify(folder) == (2, [])


def test_a_layout_that_nobody_knows_is_said_to_be_missing(folder):
    with open_store(folder) as store, store._database.reading() as state, pytest.raises(StoreError, match="layout 12"):
        layouts.known(state, 12)


def test_a_store_of_an_earlier_version_learns_the_layouts_of_this_one(folder):
    with open_store(folder) as store:
        store._database.write(lambda writing: [writing.delete(b"meta", key) for key, _ in known(writing)[3:]])
    with open_store(folder) as store, store._database.reading() as state:
        assert len(known(state)) == len(KINDS)


def known(reading):
    return [pair for pair in reading.forwards(b"meta", b"layout:") if pair[0].startswith(b"layout:")]
