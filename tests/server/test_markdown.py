"""Text from elsewhere in Markdown, as a renderer that follows CommonMark reads it."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from whetstone_server import markdown

OBEYED = st.text(alphabet=string.ascii_letters + " \t\n" + string.punctuation)


def rendered(text):
    """Return the paragraphs' tokens and what a person reads of them."""
    tokens = [child for token in MarkdownIt("commonmark").parse(f"- x {text}") for child in token.children or ()]
    return {token.type for token in tokens}, "".join(token.content for token in tokens)


@pytest.mark.parametrize(
    "text",
    [
        "raises ValueError: ![seen](https://example.org/seen.png)",
        "[read this](command:workbench.action.quit)",
        "<img src='https://example.org/seen.png'>",
        "joined(['**a**', `b`])",
        "<https://example.org>",
    ],
)
def test_nothing_in_it_is_obeyed(text):
    assert rendered(markdown.words(text)) == ({"text"}, f"x {text}")


@given(OBEYED)
def test_words_bring_no_link_picture_or_html(text):
    types, _ = rendered(markdown.words(text))
    assert not types & {"link_open", "image", "html_inline", "code_inline", "strong_open"}


@given(OBEYED)
def test_no_text_leaves_its_block(text):
    tokens = MarkdownIt("commonmark").parse(markdown.block(text, "diff"))
    assert [(token.type, token.content.rstrip("\n")) for token in tokens] == [("fence", text.rstrip("\n"))]


@given(OBEYED.filter(str.strip))
def test_no_text_leaves_its_code(text):
    types, shown = rendered(markdown.code(text))
    assert types <= {"text", "code_inline"}
    assert shown == "x " + " ".join(text.split())
