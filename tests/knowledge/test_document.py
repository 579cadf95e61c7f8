"""A document that is typed in finds what a fresh look at its text finds."""

import random
import sysconfig
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.knowledge.test_find import BROKEN, FOUND, CallSorted, ListSearched
from whetstone_knowledge.rules import PYTHON_RULES
from whetstone_knowledge.syntax import Document, find

STDLIB = Path(sysconfig.get_path("stdlib"))
CORPUS = {name: (STDLIB / f"{name}.py").read_bytes() for name in ("bisect", "heapq", "textwrap", "fractions")}
OWN = (ListSearched(), CallSorted())
ASKED = (*PYTHON_RULES, *OWN)
TYPED = [
    *(
        mark.encode()
        for mark in ("(", ")", "[", "'", '"""', ":", "\n", "    ", "x", "#", "\\", "é", "\t", "\r\n", ",", "")
    ),
    *(b"def f(y):\n", b"sorted(x)\n", b"class A:\n", b"    for a in b:\n        "),
    *(
        b"  # whetstone: ignore[WP902]",
        b"\n# whetstone: ignore\n",
        b"# whetstone: ignore-file\n",
        b'"# whetstone: ignore"',
    ),
    *(b"return sorted(", b"list = 3\n", b"if x:"),
]

edits = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(TYPED)), max_size=8)


def whole_characters(text, offset):
    """Return the nearest offset at or before `offset` that does not split a character."""
    while offset < len(text) and text[offset] & 0xC0 == 0x80:
        offset -= 1
    return offset


def place(text, where, length):
    start = whole_characters(text, int(where * len(text)))
    return start, max(start, whole_characters(text, min(start + length, len(text))))


@settings(max_examples=40, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(name=st.sampled_from(sorted(CORPUS)), changes=edits, rests=st.integers(1, 8))
def test_after_a_pause_a_document_finds_what_a_fresh_look_finds(name, changes, rests):
    text = CORPUS[name]
    document = Document(text, ASKED)
    for number, (where, length, new) in enumerate(changes, 1):
        start, end = place(text, where, length)
        document.edit(start, end, new)
        text = text[:start] + new + text[end:]
        assert document.text == text
        if number % rests == 0:
            document.refresh()
            assert document.findings() == find(text, ASKED)
    document.refresh()
    assert document.findings() == find(text, ASKED)
    assert document.is_fresh


@settings(max_examples=40, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(name=st.sampled_from(sorted(CORPUS)), where=st.floats(0, 1), new=st.sampled_from(TYPED))
def test_what_is_typed_and_taken_back_leaves_nothing_behind(name, where, new):
    text = CORPUS[name] + FOUND
    document = Document(text, ASKED)
    before = document.findings()
    start, _ = place(text, where, 0)
    document.edit(start, start, new)
    document.edit(start, start + len(new), b"")
    assert document.text == text
    assert document.findings() == before


def typed(document, offset, text):
    for byte in text:
        document.edit(offset, offset, bytes([byte]))
        offset += 1
    return offset


def test_a_finding_appears_as_it_is_typed():
    document = Document(b"def f(y):\n    pass\n\n\ndef g(y):\n    return sorted(y)\n", OWN)
    typed(document, 14, b"sorted(y); ")
    assert [finding.function for finding in document.findings()] == ["f", "g"]
    assert document.findings() == find(document.text, OWN)


def test_a_finding_appears_on_a_new_line_at_the_end_of_a_method():
    source = b"class A(B):\n    @dec\n    def f(self):\n        pass\n\n    def g(self): pass\n"
    document = Document(source, OWN)
    typed(document, source.index(b"\n\n    def g") + 1, b"        return sorted(self)\n")
    assert [finding.function for finding in document.findings()] == ["A.f"]
    assert document.findings() == find(document.text, OWN)


def test_a_finding_goes_as_its_code_goes():
    document = Document(FOUND, OWN)
    at = FOUND.index(b"sorted")
    document.edit(at, at + 1, b"")
    assert [finding.code for finding in document.findings()] == ["WP901"]


def test_a_new_function_is_read_while_it_is_typed_below_another():
    document = Document(FOUND, OWN)
    typed(document, len(FOUND), b"\n\ndef g(y):\n    return sorted(y)\n")
    assert [finding.function for finding in document.findings()] == ["f", "f", "g"]
    assert document.findings() == find(document.text, OWN)


def test_typing_above_a_function_moves_its_findings():
    document = Document(b"\n\n" + FOUND, OWN)
    typed(document, 0, b"import os\n")
    assert document.findings() == find(document.text, OWN)


def test_a_new_base_class_moves_the_methods_under_it():
    source = b"class A:\n    def f(self):\n        return sorted(self)\n"
    document = Document(source, OWN)
    typed(document, 7, b"(B)")
    typed(document, source.index(b"return") + 3, b"sorted(1); ")
    assert document.findings() == find(document.text, OWN)


@pytest.mark.parametrize("broken", BROKEN)
def test_half_typed_code_leaves_the_other_functions_alone(broken):
    document = Document(FOUND + b"\n\ndef g(y):\n    pass\n\n\n" + FOUND, OWN)
    at = document.text.index(b"def g")
    for length in range(1, len(broken)):
        document.edit(at, at + max(length - 1, len(b"def g(y):\n    pass\n") if length == 1 else 0), broken[:length])
        assert [finding.function for finding in document.findings()].count("f") == 4


def test_an_unclosed_string_leaves_the_other_functions_alone():
    document = Document(FOUND + b"\n\ndef g(y):\n    pass\n\n\n" + FOUND, OWN)
    typed(document, document.text.index(b"pass"), b'x = """')
    assert len(document.findings()) == 4


def test_an_edit_in_a_function_whose_bounds_are_unknown_takes_its_findings_until_the_next_pause():
    """Quotes that do not pair up leave no functions to follow; then no finding may point into another text."""
    document = Document(b"\n\n" + FOUND + b'\n\nx = """\n', OWN)
    found = len(document.findings())
    document.edit(0, 0, b"  # a\n")
    assert len(document.findings()) == found
    document.edit(document.text.index(b"f("), document.text.index(b"f(") + 1, b"")
    assert document.findings() == []
    document.refresh()
    assert document.findings() == find(document.text, OWN)


def test_replacing_everything_is_followed_at_once():
    document = Document(FOUND * 3, OWN)
    document.edit(0, len(document.text), FOUND)
    assert document.findings() == find(FOUND, OWN)


def test_a_function_in_an_except_clause_is_read_at_the_next_pause():
    source = b"try:\n    import x\nexcept E:\n    def f(y):\n        return 1\n"
    document = Document(source, OWN)
    typed(document, source.index(b"1"), b"sorted(y), ")
    document.refresh()
    assert [finding.function for finding in document.findings()] == ["f"]


def test_long_runs_of_edits_keep_to_the_text():
    dice = random.Random(7)
    text = CORPUS["textwrap"]
    document = Document(text, OWN)
    for _ in range(300):
        start, end = place(text, dice.random(), dice.choice([0, 0, 0, 1, 5]))
        new = dice.choice(TYPED)
        document.edit(start, end, new)
        text = text[:start] + new + text[end:]
        for finding in document.findings():
            assert 0 <= finding.span.start < finding.span.end <= len(text)
    document.refresh()
    assert document.findings() == find(text, OWN)
