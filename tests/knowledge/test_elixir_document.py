"""An Elixir text while it is edited: what is found follows, and after a pause is what a fresh look finds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from whetstone_knowledge.elixir.document import Document
from whetstone_knowledge.elixir.find import find
from whetstone_knowledge.rules import elixir_rules

ONE = b"defmodule One do\n  def empty?(list), do: length(list) == 0\nend\n"
CORPUS = [
    *(before.encode() for rule in elixir_rules() for before, _ in rule.pairs),
    ONE,
    b"\xef\xbb\xbf" + ONE,
    ONE.replace(b"\n", b"\r\n"),
]
TYPED = [
    b"",
    b" ",
    b"\n",
    b"(",
    b")",
    b"do",
    b"end",
    b'"',
    b"fn",
    b"->",
    b"length(x) == 0",
    b"\xc3\xa9",
    b"#",
    b"|>",
    ONE,
]
edits = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 20), st.sampled_from(TYPED)), min_size=1, max_size=12)


def place(text: bytes, where: float, length: int) -> tuple[int, int]:
    """Return a stretch of a text that does not begin or end within a character."""
    start = int(where * len(text))
    while start < len(text) and 0x80 <= text[start] < 0xC0:
        start += 1
    end = min(len(text), start + length)
    while end < len(text) and 0x80 <= text[end] < 0xC0:
        end += 1
    return start, end


@settings(deadline=None)
@given(text=st.sampled_from(CORPUS), changes=edits, rests=st.integers(1, 6))
def test_after_a_pause_a_document_finds_what_a_fresh_look_finds(text, changes, rests):
    rules = tuple(rule for rule in elixir_rules() if not rule.on_request)
    document = Document(text)
    for number, (where, length, new) in enumerate(changes, 1):
        start, end = place(text, where, length)
        document.edit(start, end, new)
        text = text[:start] + new + text[end:]
        assert document.text == text
        if number % rests == 0:
            document.refresh()
            assert document.findings() == find(text, rules)
    document.refresh()
    assert document.is_fresh
    assert document.findings() == find(text, rules)


@settings(deadline=None)
@given(text=st.sampled_from(CORPUS), changes=edits)
def test_while_somebody_types_every_finding_lies_in_the_text(text, changes):
    document = Document(text)
    for where, length, new in changes:
        start, end = place(document.text, where, length)
        document.edit(start, end, new)
        for finding in document.matches():
            assert 0 <= finding.span.start < finding.span.end <= len(document.text)


def test_what_a_module_lacks_is_seen_as_it_is_typed():
    text = (
        b"defmodule A do\n  use GenServer\n\n  def init(s), do: {:ok, s}\n\n"
        b"  def handle_info(:tick, s), do: {:noreply, s}\nend\n"
    )
    document = Document(text)
    assert [finding.code for finding in document.findings()] == ["WE103"]
    end = text.rindex(b"end")
    document.edit(end, end, b"  def handle_info(_, s), do: {:noreply, s}\n")
    assert document.findings() == []


def test_a_finding_stays_while_another_function_is_half_typed():
    document = Document(ONE.replace(b"end\n", b"\n  def half(a) do\n    a\n  end\nend\n"))
    (before,) = document.findings()
    at = document.text.index(b"    a\n")
    document.edit(at + 5, at + 5, b" |> case do [")
    assert document.findings() == [before]
    document.refresh()
    assert [(finding.code, finding.span) for finding in document.findings()] == [(before.code, before.span)]


def test_a_comment_silences_what_is_typed_behind_it():
    document = Document(ONE)
    at = document.text.index(b"== 0") + 4
    document.edit(at, at, b" # whetstone: ignore[WE204]")
    assert document.findings() == []
    assert document.is_comment(at + 3)
    assert [suppression.unused for suppression in document.suppressions()] == [()]
