"""Edits to a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone_codegen import Edit, applied
from whetstone_knowledge.spans import Span


def test_refuses_edits_that_cross() -> None:
    with pytest.raises(ValueError, match="same text"):
        applied(b"one two", (Edit(Span(0, 5), "x"), Edit(Span(4, 7), "y")))


def test_makes_edits_in_any_order() -> None:
    edits = (Edit(Span(4, 7), "zwei"), Edit(Span(0, 3), "eins"))
    assert applied(b"one two", edits) == b"eins zwei"


def test_inserts_at_either_end() -> None:
    assert applied(b"b", (Edit(Span(1, 1), "c"), Edit(Span(0, 0), "ä"))) == "äbc".encode()


@given(st.binary(max_size=40), st.data())
def test_leaves_every_byte_outside_the_edits(source: bytes, data: st.DataObject) -> None:
    places = sorted(data.draw(st.lists(st.integers(0, len(source)), min_size=2, max_size=2)))
    text = data.draw(st.text(max_size=5))
    start, end = places
    new = applied(source, (Edit(Span(start, end), text),))
    assert new == source[:start] + text.encode() + source[end:]
