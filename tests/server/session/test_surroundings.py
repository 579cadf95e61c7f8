"""What a verdict rests on: everything that could change it in its file, and as little else as possible."""

from __future__ import annotations

import pytest

from whetstone_knowledge.spans import Span
from whetstone_server.session.surroundings import surroundings

UNIT = "def unit(x):\n    return helper(x)\n"


def digest(source):
    """Return the digest for `unit`, which ends with the text."""
    text = source.encode()
    return surroundings(text, Span(text.index(b"def unit("), len(text)))


def matters(before, after, unit=UNIT):
    return digest(before + unit) != digest(after + unit)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "def helper(x): return x\n"),
        ("def helper(x): return x\n", "def helper(x): return -x\n"),
        (
            "def deep(): return 1\ndef helper(x): return deep()\n",
            "def deep(): return 2\ndef helper(x): return deep()\n",
        ),
        ("@cached\ndef helper(x): return x\n", "@logged\ndef helper(x): return x\n"),
        ("def helper(\n    x,\n):\n    return x\n", "def helper(\n    x,\n):\n    return -x\n"),
        ("import sys\nsys.flag = 1\n", "import sys\nsys.flag = 2\n"),
        ("from a import helper\n", "from b import helper\n"),
        ("from a import *\n", "from b import *\n"),
        ("from a import (\n    helper,\n)\n", "from b import (\n    helper,\n)\n"),
        ("import a; a.on()\n", "import a; a.off()\n"),
        ("from __future__ import annotations\n", ""),
        ("if x:\n    pass\nelse:\n    y = 1\n", "if x:\n    pass\nelse:\n    y = 2\n"),
        ("def a(): pass\rdef helper(): return 1\r\n", "def a(): pass\rdef helper(): return 2\r\n"),
    ],
)
def test_what_could_change_the_verdict_counts(before, after):
    assert matters(before, after)


@pytest.mark.parametrize(
    "misleading",
    [
        "def a():\n    '''\ntext\n    '''\n",
        'x = \'"""\'\n',
        'def a(): pass  # it\'s """\n',
        "def a(): return '\\'\"\"\"'\n",
        'def a(): return """\\"""\ndef b\n"""\n',
    ],
)
def test_strings_and_comments_do_not_hide_what_counts(misleading):
    assert matters(f"{misleading}def helper(): return 1\n", f"{misleading}def helper(): return 2\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def other(): return 1\n", "def other(): return 2\n"),
        ("def other(): return 1\n", ""),
        ("class Other:\n    x = 1\n", "class Other:\n    x = 2\n"),
        ("@first\ndef other(): pass\n", "@second\ndef other(): pass\n"),
        ("import os\n", "import os\nimport sys\n"),
        ("def other():\n    '''\nx = 1\n    '''\n", "def other():\n    '''\nx = 2\n    '''\n"),
        ("def other():\n    '''\\'''\nx = 1\n'''\n", "def other():\n    '''\\'''\nx = 2\n'''\n"),
        ("x = 1\n", "x = 1\n\n\n"),
        ("def other(\n    a,\n):\n    return 1\n", "def other(\n    a,\n):\n    return 2\n"),
    ],
)
def test_what_could_not_does_not(before, after):
    assert not matters(before, after)


def test_the_class_around_a_method_counts():
    method = "    def unit(self):\n        return self.other()\n"
    before, after = (f"class A:\n    def other(self): return {number}\n\n" for number in (1, 2))
    assert matters(before, after, unit=method)
