"""Positions and bytes: every encoding, every line end, every place a client may name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol.types import Position, Range

from tests.client import units
from whetstone_knowledge.spans import Span
from whetstone_server.convert import Lines, Text, encoded

ENCODINGS = ("utf-8", "utf-16", "utf-32")
TEXTS = st.text(st.sampled_from("ab é中😀\ufeff\r\n\u2028\x0c\x85"), max_size=40)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_units_of_an_emoji_are_counted_as_the_client_counts_them(encoding):
    text = Text("x = '😀é' # end", encoding)
    quote = "x = '😀é"
    position = Position(0, units(quote, encoding))
    assert text.offset(position) == len(quote.encode())
    assert text.position(len(quote.encode())) == position


@pytest.mark.parametrize(("encoding", "inside"), [("utf-8", (1, 2, 3)), ("utf-16", (1,))])
def test_a_position_inside_a_character_means_its_beginning(encoding, inside):
    text = Text("😀", encoding)
    assert [text.offset(Position(0, character)) for character in inside] == [0] * len(inside)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_position_behind_the_end_of_a_line_means_its_end(encoding, line_end):
    text = Text(f"é{line_end}b", encoding)
    assert text.offset(Position(0, 99)) == 2
    assert text.offset(Position(1, 99)) == len(f"é{line_end}b".encode())
    assert text.offset(Position(99, 0)) == len(f"é{line_end}b".encode())


def test_the_end_of_a_line_has_a_position_and_its_line_break_has_the_same():
    text = Text("ab\r\ncd", "utf-16")
    assert text.position(2) == text.position(3) == Position(0, 2)


def test_characters_that_end_lines_for_python_alone_end_none():
    text = Text("a\u2028b\x0cc\x85d", "utf-16")
    assert text.position(len(text.source)) == Position(0, 7)


def test_a_byte_order_mark_is_a_character_like_any_other():
    text = Text("\ufeffab", "utf-16")
    assert text.offset(Position(0, 1)) == 3


def test_a_range_given_backwards_is_the_same_range():
    text = Text("abc", "utf-16")
    assert text.span(Range(Position(0, 2), Position(0, 1))) == Span(1, 2)


def test_half_a_surrogate_pair_becomes_a_character_that_can_be_encoded():
    assert encoded("a\ud83db") == "a\ufffdb".encode()


@given(TEXTS, st.data(), st.sampled_from(ENCODINGS))
def test_every_place_comes_back_from_its_position(written, data, encoding):
    index = data.draw(st.integers(0, len(written)))
    offset = len(written[:index].encode())
    text = Text(written, encoding)
    inside_line_end = written[index - 1 : index + 1] == "\r\n" and index > 0
    assert text.offset(text.position(offset)) == (offset - 1 if inside_line_end else offset)


@given(TEXTS, st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200), TEXTS), max_size=8))
def test_the_lines_after_any_edits_are_those_of_the_text(written, edits):
    source = written.encode()
    lines = Lines(source)
    for first, second, new in edits:
        start, end = sorted((first % (len(source) + 1), second % (len(source) + 1)))
        source = source[:start] + new.encode() + source[end:]
        lines.follow(source, Span(start, end), len(new.encode()))
        fresh = Lines(source)
        assert [lines.start(line) for line in range(len(lines))] == [fresh.start(line) for line in range(len(fresh))]
        assert [lines.at(offset) for offset in range(len(source) + 1)] == [
            fresh.at(offset) for offset in range(len(source) + 1)
        ]


@given(st.binary(max_size=30).map(lambda data: data.translate(bytes(b"ab\r\n"[byte % 4] for byte in range(256)))))
def test_lines_start_where_line_ends_stop(source):
    expected = [0]
    expected += [
        place
        for place in range(1, len(source) + 1)
        if source[place - 1 : place] == b"\n"
        or (source[place - 1 : place] == b"\r" and source[place : place + 1] != b"\n")
    ]
    lines = Lines(source)
    assert [lines.start(line) for line in range(len(lines))] == expected
