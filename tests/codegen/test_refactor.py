"""One finding put right: what is kept around the change, and when it is refused."""

from __future__ import annotations

import io
import tokenize
from textwrap import dedent, indent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whetstone_codegen import applied, rewritten
from whetstone_knowledge import BY_CODE, RULES, Finding
from whetstone_knowledge.rule import Refused
from whetstone_knowledge.syntax import find

QUEUE = dedent(
    """
    def drain(items):
        queue = list(items)
        while queue:
            print(queue.pop(0))  # first come
    """
).lstrip()
DRAINED = QUEUE.replace("list(items)", "deque(items)").replace("pop(0)", "popleft()")


def mended(source: str, code: str = "WP104") -> str:
    """Return what the rule makes of the only thing it finds in `source`."""
    (finding,) = find(source.encode(), [BY_CODE[code]])
    return rewritten(source.encode(), finding, BY_CODE[code]).text.decode()


def test_refuses_code_at_module_level() -> None:
    (finding,) = find(QUEUE.encode(), [BY_CODE["WP104"]])
    loose = Finding(finding.code, finding.span, "", "low", 0, "none", None, None)
    with pytest.raises(Refused, match="inside a function"):
        rewritten(QUEUE.encode(), loose, BY_CODE["WP104"])


def test_refuses_a_file_that_does_not_parse() -> None:
    source = QUEUE + "\ndef half(:\n"
    findings = find(source.encode(), [BY_CODE["WP104"]])
    assert findings, "a broken end does not hide what stands before it"
    with pytest.raises(Refused, match="does not parse"):
        rewritten(source.encode(), findings[0], BY_CODE["WP104"])


def test_refuses_to_lose_a_comment() -> None:
    source = "def flat(lists):\n    return sum(\n        lists,  # all of them\n        [],\n    )\n"
    with pytest.raises(Refused, match="comment would be lost"):
        mended(source, "WP106")


def test_refuses_a_builtin_that_means_something_else() -> None:
    source = "def set(x):\n    return x\n\n\ndef f(words, known: list):\n    return [w for w in words if w in known]\n"
    with pytest.raises(Refused, match="set"):
        mended(source, "WP102")


@pytest.mark.parametrize(
    "head", ["class Box:\n    def set(self):\n        pass\n", "def f(set):\n    return set\n", "import box.set\n"]
)
def test_is_not_put_off_by_a_name_that_means_something_else_elsewhere(head: str) -> None:
    source = head + "\n\ndef g(words, known: list):\n    return [word for word in words if word in known]\n"
    assert "known_set = set(known)" in mended(source, "WP102")


def test_keeps_the_byte_order_mark() -> None:
    assert mended("\ufeff" + QUEUE) == "\ufefffrom collections import deque\n\n\n" + DRAINED


def test_keeps_tabs() -> None:
    tabbed = QUEUE.replace("    ", "\t")
    assert mended(tabbed) == "from collections import deque\n\n\n" + DRAINED.replace("    ", "\t")


def test_keeps_text_outside_of_the_function() -> None:
    source = "x = [1,\n 2]  # odd\n\n\n" + QUEUE + "\n\ny   =  3"
    assert mended(source) == "from collections import deque\n\n\nx = [1,\n 2]  # odd\n\n\n" + DRAINED + "\n\ny   =  3"


def test_mends_a_nested_function() -> None:
    source = "def outer():\n" + indent(QUEUE, "    ") + "    return drain\n"
    expected = "def outer():\n" + indent(DRAINED, "    ") + "    return drain\n"
    assert mended(source) == "from collections import deque\n\n\n" + expected


def test_mends_a_decorated_method_behind_words_of_many_bytes() -> None:
    source = f"class Straße:\n    @property\n{indent(QUEUE, '    ').replace('print(', 'print(«', 1)}".replace(
        "«", '"ß", '
    )
    assert 'print("ß", queue.popleft())  # first come' in mended(source)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("from collections import deque\n", "deque"),
        ("from collections import deque as Queue\n", "Queue"),
        ("import collections\n", "collections.deque"),
        ("import collections as c\n", "c.deque"),
        ("import collections.abc\n", "collections.deque"),
        ("try:\n    from collections import deque\nexcept ImportError:\n    deque = None\n", "collections.deque"),
        ("if TYPE_CHECKING:\n    from collections import deque\n", "collections.deque"),
        ("from .collections import deque\n", "collections.deque"),
        ("def deque():\n    pass\n", "collections.deque"),
    ],
)
def test_uses_the_name_that_means_it_here(head: str, expected: str) -> None:
    assert f"queue = {expected}(items)" in mended(head + "\n\n" + QUEUE)


def test_does_not_use_an_import_that_a_local_name_hides() -> None:
    source = "from collections import deque\n\n\n" + QUEUE.replace("(items)", "(items, deque)", 1)
    assert "queue = collections.deque(items)" in mended(source)


def test_refuses_when_every_name_for_it_is_taken() -> None:
    source = "deque = collections = None\n\n\n" + QUEUE
    with pytest.raises(Refused, match="already means"):
        mended(source)


def test_edits_lead_to_the_text() -> None:
    (finding,) = find(QUEUE.encode(), [BY_CODE["WP104"]])
    rewrite = rewritten(QUEUE.encode(), finding, BY_CODE["WP104"])
    assert applied(QUEUE.encode(), rewrite.edits) == rewrite.text
    assert rewrite.function == "drain"


NOISE = st.sampled_from(["", "", "", "\n", "# a note", "    # off to the side\n", "\n\n# after a gap"])
BEFORE = [(rule, before) for rule in RULES if rule.language == "python" for before, _ in rule.pairs]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(BEFORE), st.sampled_from(["\t", " ", "  ", "        "]), st.data())
def test_any_layout_still_parses_and_keeps_its_comments(
    example: tuple[object, str], width: str, data: st.DataObject
) -> None:
    """Comments, blank lines and indentation of any kind: a rewrite that is made is valid code with all the comments."""
    rule, before = example
    lines = before.replace("    ", width).splitlines()
    noisy = [part for line in lines for part in (_noise(line, data.draw(NOISE)), line) if part is not None]
    source = "\n".join(noisy) + "\n"
    for finding in find(source.encode(), [rule]):
        try:
            new = rewritten(source.encode(), finding, rule).text.decode()
        except Refused:
            continue
        compile(new, "new", "exec")
        assert sorted(_comments(new)) == sorted(_comments(source))


def _noise(line: str, noise: str) -> str | None:
    """Return the noise to put above a line; none where a line goes on with the one before."""
    return noise if noise and line and not line.lstrip().startswith((")", "]", "}", '"')) else None


def _comments(source: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]
