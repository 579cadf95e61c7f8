"""Columns give back exactly what went in, and take little for what is alike."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from whetstone_server.events import columns

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.one_of(
        st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1),
        st.lists(st.integers(-200, 200), min_size=1),
        st.lists(st.floats(), min_size=1),
        st.lists(st.text(max_size=4), min_size=1),
        st.lists(st.sampled_from(["a", "b", ""]), min_size=1),
        st.lists(st.booleans(), min_size=1),
        st.lists(PLAIN, min_size=1),
    )
)
def test_what_went_in_comes_out(values):
    packed = columns._unpack(columns._pack(columns.pack(values)))
    found = columns.unpack(packed, len(values))
    assert list(map(repr, found)) == list(map(repr, values))  # True is not 1, 0.0 is not -0.0, NaN is NaN


def test_what_is_all_the_same_takes_one_place():
    assert len(columns._pack(columns.pack(["file:///shop/orders.py"] * 1_000))) < 40
    assert len(columns._pack(columns.pack([7] * 1_000))) < 40


def test_steps_take_a_byte_each_however_large_the_numbers():
    assert len(columns._pack(columns.pack(list(range(10**15, 10**15 + 1_000))))) < 1_100
