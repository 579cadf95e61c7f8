"""What is asked of a packed column is what its values would say."""

from __future__ import annotations

from bisect import bisect_left

from hypothesis import given
from hypothesis import strategies as st

from tests.server.events.conftest import PLAIN
from whetstone_server.events import columns, slices

LETTERS = st.text(alphabet="abä", max_size=3)
COLUMNS = st.one_of(
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1),
    st.lists(st.integers(-200, 200), min_size=1),
    st.lists(st.floats(), min_size=1),
    st.lists(LETTERS, min_size=1),
    st.lists(st.sampled_from(["ab", "a", ""]), min_size=1, max_size=40),
    st.lists(PLAIN | LETTERS | st.dictionaries(LETTERS, LETTERS, max_size=2), min_size=1),
)


def packed(values):
    """A column as it is read from a block."""
    return columns._unpack(columns._pack(columns.pack(values)))


@given(COLUMNS, st.data())
def test_a_slice_is_that_of_the_values(values, data):
    start = data.draw(st.integers(0, len(values) - 1))
    end = data.draw(st.integers(start + 1, len(values)))
    found = slices.between(packed(values), len(values), start, end)
    assert list(map(repr, found)) == list(map(repr, values[start:end]))


@given(st.lists(st.integers(0, 10**15), min_size=1), st.lists(st.integers(0, 5), max_size=400), st.data())
def test_a_span_of_rising_numbers_is_what_bisection_finds(numbers, steps, data):
    for step in steps:
        numbers.append(numbers[-1] + step)
    numbers.sort()
    near = st.integers(numbers[0] - 1, numbers[-1] + 1) | st.sampled_from(numbers)
    low, high = sorted([data.draw(near), data.draw(near)])
    found = slices.span(packed(numbers), len(numbers), low, high)
    assert found == (bisect_left(numbers, low), bisect_left(numbers, high))


@given(COLUMNS, LETTERS)
def test_a_text_is_found_wherever_it_is_and_nowhere_else(values, text):
    found = list(slices.holding(packed(values), len(values), text))
    assert found == [place for place, value in enumerate(values) if slices.holds(value, text)]


@given(COLUMNS, LETTERS)
def test_a_value_is_found_wherever_it_stands(values, value):
    found = list(slices.equal(packed(values), len(values), value))
    assert found == [place for place, each in enumerate(values) if each == value]


def test_a_text_that_lies_across_two_values_is_in_neither():
    values = ["ca", "blanc", "", "cable", "able"]
    assert list(slices.holding(packed(values), len(values), "cable")) == [3]
    assert list(slices.holding(packed(values), len(values), "able")) == [3, 4]
