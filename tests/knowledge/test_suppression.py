"""Comments that ask for silence get it, for what they name, where they stand, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone_knowledge.spans import Span
from whetstone_knowledge.suppression import known
from whetstone_knowledge.syntax import Document, find, find_lazily

LINE = "    return sorted(prices)[0]"
SOURCE = f"def cheapest(prices):\n{LINE}\n"


def codes(source):
    """Return what is found, by each way of looking."""
    text = source.encode()
    found = [finding.code for finding in find(text)]
    assert [finding.code for finding in find_lazily(text)] == found
    assert [finding.code for finding in Document(text).findings()] == found
    return found


def behind(comment):
    return SOURCE.replace(LINE, f"{LINE}  {comment}")


def above(comment):
    return SOURCE.replace(LINE, f"    {comment}\n{LINE}")


@pytest.mark.parametrize(
    "comment",
    [
        "# whetstone: ignore",
        "# whetstone: ignore[WP105]",
        "#whetstone:ignore[wp105]",
        "# whetstone: ignore[ WP101 , WP105 ]",
        "# whetstone: ignore [sorted-for-one-end]",
        "# whetstone: ignore[WP105] because there are three of them",
        "# whetstone: ignore, there are three of them",
        "# noqa: C414  # whetstone: ignore[WP105]",
        "# whetstone: ignore[WP105]  # noqa",
        "# whetstone: ignore[WP101]  # whetstone: ignore[WP105]",
    ],
)
def test_a_comment_silences_its_line_and_the_next_one_where_it_stands_alone(comment):
    assert codes(SOURCE) == ["WP105"]
    assert codes(behind(comment)) == []
    assert codes(above(comment)) == []


@pytest.mark.parametrize(
    "comment",
    [
        "# whetstone: ignore[WP101]",
        "# whetstone: ignore[WP1]",
        "# whetstone: ignore[]",
        "# whetstone: ignore[WP105",  # still being typed
        "# whetstone: ignore [WP105",
        "# whetstone: ignored",
        "# whetstone: ignore-files",
        "# whetstone: look at this",
        "# whetstone ignore",
        "; '# whetstone: ignore'",
        '; """# whetstone: ignore"""',
    ],
)
def test_anything_else_silences_nothing(comment):
    assert codes(behind(comment)) == ["WP105"]


def test_what_stands_in_a_string_is_no_comment():
    assert codes('"""\n# whetstone: ignore-file\n"""\n' + SOURCE) == ["WP105"]
    assert codes(SOURCE.replace(LINE, f'    x = f"""\n    # whetstone: ignore"""\n{LINE}')) == ["WP105"]


def test_other_lines_are_not_meant():
    assert codes(SOURCE.replace("):", "):  # whetstone: ignore")) == ["WP105"]
    assert codes(SOURCE + "    # whetstone: ignore\n") == ["WP105"]
    assert codes(above("# whetstone: ignore\n    prices = list(prices)")) == ["WP105"]


def test_other_comments_may_stand_between():
    assert codes(above("# whetstone: ignore[WP105]\n    # There are three of them.")) == []


def test_a_comment_at_the_end_of_what_goes_over_several_lines_counts():
    several = "    return sorted(\n        prices\n    )[0]"
    assert codes(SOURCE.replace(LINE, several)) == ["WP105"]
    assert codes(SOURCE.replace(LINE, f"{several}  # whetstone: ignore[WP105]")) == []


@pytest.mark.parametrize("comment", ["# whetstone: ignore-file", "# whetstone: ignore-file[WP105]"])
def test_a_whole_file_is_silenced(comment):
    assert codes(f"#!/usr/bin/env python3\n{comment}\n\n{SOURCE}") == []
    assert codes(SOURCE + f"\n\n{comment}\n") == []


def test_a_whole_file_is_silenced_about_what_is_named_only():
    assert codes(f"# whetstone: ignore-file[WP101]\n{SOURCE}") == ["WP105"]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_may_end_as_they_like(newline):
    for source in (behind("# whetstone: ignore[WP105]"), above("# whetstone: ignore[WP105]")):
        assert codes(source.replace("\n", newline)) == []


def unused(source):
    document = Document(source.encode())
    return [suppression.unused for suppression in document.suppressions()]


def test_what_silences_nothing_is_known():
    assert unused(behind("# whetstone: ignore[WP105]")) == [()]
    assert unused(behind("# whetstone: ignore")) == [()]
    assert unused(behind("# whetstone: ignore[WP101, WP105, WP999]")) == [(0, 2)]
    assert unused(behind("# whetstone: ignore[WP101]")) == [None]
    assert unused(behind("# whetstone: ignore[]")) == [None]
    assert unused("x = 1  # whetstone: ignore\n") == [None]
    assert unused(f"# whetstone: ignore-file[WP101]\n{SOURCE}") == [None]


def test_nothing_is_called_unused_while_the_code_is_broken():
    assert unused("x = (1  # whetstone: ignore\n") == [()]


def test_an_edit_makes_and_breaks_silence_at_once():
    text = SOURCE.encode() + b"\n\n" + SOURCE.encode()
    document = Document(text)
    at = text.index(b"[0]") + 3
    for number, letter in enumerate(b"  # whetstone: ignore[WP105]"):
        document.edit(at + number, at + number, bytes([letter]))
    assert len(document.findings()) == 1
    assert document.suppressions()[0].span == Span(at + 2, at + 28)
    document.edit(at + 8, at + 9, b"H")
    assert len(document.findings()) == 2
    document.refresh()
    assert document.suppressions() == []


def test_what_is_unused_moves_with_the_text():
    document = Document(b"x = 1\n" + behind("# whetstone: ignore[WP101]").encode())
    document.edit(0, 0, b"y = 2\n")
    (suppression,) = document.suppressions()
    assert suppression.unused is None
    assert document.text[slice(*suppression.span)] == b"# whetstone: ignore[WP101]"
    assert document.text[slice(*suppression.words[0][1])] == b"WP101"


def test_a_place_is_known_to_be_in_a_comment_while_somebody_types():
    text = SOURCE.encode() + b"x = '# no'  # yes\n"
    document = Document(text)
    at = text.index(b"[0]") + 3
    document.edit(at, at, b"  # a")
    assert document.is_comment(at + 2)
    assert not document.is_comment(at)
    assert not document.is_comment(document.text.index(b"# no"))
    assert document.is_comment(document.text.index(b"# yes"))


def test_rules_are_known_by_code_and_name():
    assert known("WP105")
    assert known("wp105")
    assert known("Sorted-For-One-End")
    assert not known("WP10")
    assert not known("WP999")


@given(st.text(st.sampled_from("# whetsonigr:-[]WP105,\n\"'")))
def test_whatever_is_written_in_a_comment_every_way_of_looking_agrees(words):
    codes(behind(f"# whetstone: {words}"))
