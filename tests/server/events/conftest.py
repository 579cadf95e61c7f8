"""Events to keep, and a folder to keep them in."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from whetstone_server.events import Event
from whetstone_server.events.kinds import DiagnosticsShown, DocumentChange, MetricSample

NOON = 2_500_000_000_000_000
"""A day in 2049: nothing at that time is old enough to be let go while a test looks on."""
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
SMALL = st.integers(0, 300)
CHANGES = st.builds(DocumentChange, SMALL, SMALL, SMALL, SMALL, SMALL, SMALL, st.none() | st.text(max_size=3))
VALUES = st.floats(allow_nan=False, width=32).map(lambda value: value + 0.0)
"""Without -0.0, which is equal to 0.0 and so may be merged with it."""
SAMPLES = st.builds(MetricSample, st.sampled_from(["latency", "größe"]), VALUES)
SHOWN = st.builds(DiagnosticsShown, st.lists(st.sampled_from(["WP101", "WP102"]), max_size=2))
FIELDS = {
    "source": st.sampled_from(["editor", "cli"]),
    "path": st.none() | st.sampled_from(["a.py", "untitled:Untitled-1", "file:///c%3A/ä b.py"]),
    "time": st.integers(NOON, NOON + 10**9),
}


def known(payloads):
    return st.builds(lambda payload, fields: Event.of(payload, **fields), payloads, st.fixed_dictionaries(FIELDS))


UNKNOWN = st.builds(
    Event,
    st.sampled_from(["later.kind", "document.renamed"]),
    st.dictionaries(st.text(max_size=4), PLAIN, max_size=3),
    version=st.just(3),
    **FIELDS,
)
EVENTS = st.lists(known(CHANGES) | known(SAMPLES) | known(SHOWN) | UNKNOWN, max_size=40)


def essence(event):
    """An event without what the store says of it."""
    return (event.time, event.kind, event.source, repr(event.path), event.version, repr(sorted(event.data.items())))


def change(number=0, **fields):
    """An edit, told from others by its document's version."""
    return Event.of(DocumentChange(number, 1, 2, 1, 2, 1, "x"), **{"time": NOON + number, "source": "editor", **fields})


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "store"
