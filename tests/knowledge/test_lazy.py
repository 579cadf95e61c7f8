"""A cold scan leaves most code unread, and misses nothing."""

import random
import re
import sysconfig
from pathlib import Path

import pytest

from tests.knowledge.test_find import BROKEN, FOUND, CallSorted, ListSearched
from whetstone_knowledge.rules import BY_CODE, PYTHON_RULES
from whetstone_knowledge.syntax import find, find_lazily, lazy

STDLIB = Path(sysconfig.get_path("stdlib"))
OWN = (ListSearched(), CallSorted())
FOLDERS = [
    "",
    "asyncio",
    "collections",
    "concurrent/futures",
    "email",
    "http",
    "importlib",
    "json",
    "logging",
    "unittest",
]
FILES = sorted(path for folder in FOLDERS for path in (STDLIB / folder).glob("*.py"))
SAMPLE = random.Random(3).sample(FILES, min(90, len(FILES)))


@pytest.mark.parametrize("start", range(0, 90, 10))
def test_the_standard_library_yields_what_a_full_look_yields(start):
    """A rule whose `literals` or `needs_loop` promise too much loses findings here."""
    for path in SAMPLE[start : start + 10]:
        source = path.read_bytes()
        assert find_lazily(source, (*PYTHON_RULES, *OWN)) == find(source, (*PYTHON_RULES, *OWN)), path


@pytest.mark.parametrize("rule", PYTHON_RULES, ids=lambda rule: rule.name)
def test_the_words_of_each_rule_stand_in_its_own_examples(rule):
    for text in (rule.before, *(before for before, _ in rule.more)):
        source = text.encode()
        assert find_lazily(source, (rule,)) == find(source, (rule,))
        padded = b"import x\n\n\ndef other():\n    pass\n\n\n" + b"z = 1\n" * 400 + source
        assert find_lazily(padded, (rule,)) == find(padded, (rule,))


FILLER = b"\n\ndef other(y):\n    return y + 1\n" * 30


@pytest.mark.parametrize("gap", ["(\t", "(\n        "], ids=["tab", "line"])
@pytest.mark.parametrize("rule", PYTHON_RULES, ids=lambda rule: rule.name)
def test_what_stands_between_the_words_of_a_rule_hides_nothing(rule, gap):
    source = re.sub(r"(?<=[a-z])\(", gap, rule.pairs[0][0]).encode() + FILLER
    assert find(source, (rule,))
    assert find_lazily(source, (rule,)) == find(source, (rule,))


SEARCHES = {
    "in brackets": b"if (word\n            in # so\n            known):",
    "on a line continued": b"if word in \\\n            known:",
    "beside quotes": b"if 'in'in known:",
    "behind a loop in one expression": b"if [w for w in words if w in known]:",
    "behind a comment": b'# for "each" in it\'s turn\n        if word in known:',
    "at the end": b"if word: word not in known",
    "before another line": b"word in known\n        (word)\n        if word:",
}


@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
def test_a_search_is_seen_wherever_it_stands(search):
    loop = b"    for word in words.all():\n        " + search + b"\n            pass\n"
    source = b"def f(words):\n    known = ['a'] * len(words)\n" + loop + FILLER
    rules = (BY_CODE["WP102"],)
    assert find(source, rules)
    assert find_lazily(source, rules) == find(source, rules)


# fmt: off
# ruff: noqa: E501 -- each shape on a line of its own
SHAPES = {
    "method": b"class A(B):\n    '''Doc.'''\n    z = 1\n\n    @property\n    @dec(\n        1)\n    def f(self):\n        return sorted(self)\n",
    "nested class": b"class A:\n    class B:\n        def f(self):\n            return sorted(self)\n    def g(self): pass\n",
    "nested function": b"def f(y):\n    def g():\n        pass\n    return sorted(y)\n",
    "under if": b"if x:\n    def f(y):\n        return sorted(y)\nelse:\n    def f(y):\n        return sorted(y)\n",
    "under try": b"try:\n    import x\nexcept E:\n    def f(y):\n        return sorted(y)\n",
    "after a function, under try": b"def g(): pass\ntry:\n    import x\nexcept E:\n    def f(y):\n        return sorted(y)\n",
    "under try after a class": b"class A:\n    z = 1\ntry:\n    def f(y):\n        return sorted(y)\nexcept E: pass\n",
    "under try after a method": (
        b"class A:\n    def g(y): pass\ntry:\n    def f(y):\n        return sorted(y)\n    def h(y): pass\nexcept E: pass\n"
    ),
    "class under if": b"if x:\n    class A:\n        def f(y):\n            return sorted(y)\n",
    "under if in class": b"class A:\n    if x:\n        def f(y):\n            return sorted(y)\n    def g(y):\n        return sorted(y)\n",
    "async": b"async def f(y):\n    return sorted(y)\n",
    "on one line": b"def f(y): return sorted(y)\n",
    "code at column 0 in brackets": b"def f(y):\n    return g(\nsorted(y))\n",
    "text at column 0": b"def f(y):\n    z = '''\ndef g(y):\n    sorted(y)\n'''\n    return sorted(y)\n",
    "quotes in a comment": b"# it's '''\ndef f(y):\n    return sorted(y)\n# and '''\n",
    "an odd quote in a comment": b"# it's '''\ndef f(y):\n    return sorted(y)\n",
    "escaped quotes": b"def f(y):\n    '''a \\''' b'''\n    return sorted(y)\n",
    "tabs": b"class A:\n\tdef f(y):\n\t\treturn sorted(y)\n\tdef g(y):\n\t\treturn sorted(y)\n",
    "form feed": b"x = 1\n\x0cdef f(y):\n    return sorted(y)\n",
    "windows": b"def f(y):\r\n    return sorted(y)\r\n",
    "comment at column 0": b"def f(y):\n    z = 1\n# so\n    return sorted(y)\n",
    "backslash": b"def f(y):\n    return \\\nsorted(y)\n",
    "loop": FOUND,
    "no newline at the end": b"def f(y):\n    return sorted(y)",
}
# fmt: on


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize(
    "before", [b"", b"import x\n" + FILLER, b"'''Module.'''\n"], ids=["alone", "below", "documented"]
)
def test_code_of_every_shape_is_read(shape, before):
    source = before + shape + FILLER
    assert find(source, OWN)
    assert find_lazily(source, OWN) == find(source, OWN)


def test_a_byte_order_mark_is_no_part_of_the_first_line():
    source = b"\xef\xbb\xbfdef f(y):\n    return sorted(y)\n" + FILLER
    assert [finding.function for finding in find_lazily(source, OWN)] == ["f"]


@pytest.mark.parametrize("broken", BROKEN)
def test_half_typed_code_yields_what_a_full_look_yields(broken):
    source = FOUND + b"\n\n" + broken + FILLER + FOUND
    assert find_lazily(source, OWN) == find(source, OWN)


def test_code_without_a_rules_words_is_not_parsed(monkeypatch):
    monkeypatch.setattr(lazy, "new_parser", None)
    monkeypatch.setattr(lazy, "find", None)
    assert find_lazily(FILLER, OWN) == []


def test_a_function_without_a_loop_is_not_parsed_for_rules_that_need_one(monkeypatch):
    monkeypatch.setattr(lazy, "new_parser", None)
    monkeypatch.setattr(lazy, "find", None)
    assert find_lazily(b"def f(y):\n    return y in y\n", (ListSearched(),)) == []
