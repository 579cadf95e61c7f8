"""Names that mean something else after a piece of code are known, whichever way they were bound."""

import pytest

from whetstone_knowledge.syntax.module_names import LEANED_ON, rebound_in


@pytest.mark.parametrize(
    "source",
    [
        "sorted = natsorted",
        "sorted: object = 1",
        "sorted += 1",
        "a, (sorted, *b) = c",
        "[a, *sorted] = c",
        "a = sorted = 1",
        "def sorted(x): return x",
        "@decorated\nasync def sorted(x): return x",
        "class sorted: pass",
        "from x import sorted",
        "from x import a, b as sorted",
        "import x as sorted",
        "for sorted in x: pass",
        "with x as sorted: pass",
        "try: pass\nexcept E as sorted: pass",
        "if x:\n    sorted = 1",
        "(sorted := 1)",
        "%matplotlib inline\nsorted = 1",
    ],
)
def test_a_name_that_is_bound_at_the_top_is_known(source):
    assert rebound_in(source.encode()) == {"sorted"}


@pytest.mark.parametrize(
    "source",
    [
        "",
        "sorted(x)",
        "import re, os.path",
        "x.sorted = 1",
        "x['sorted'] = 1",
        "def f(sorted):\n    min = 1\n    import x as max",
        "class A:\n    def sorted(self): pass\n    min = 1",
        "f(key=1, max=2)",
        "mine = 1",
        "lambda sorted: (min := 1)",
    ],
)
def test_anything_else_means_what_it_always_does(source):
    assert rebound_in(source.encode()) == frozenset()


def test_a_module_under_anothers_name_is_known():
    assert rebound_in(b"import regex as re") == {"re"}


def test_whatever_another_module_has_may_be_anything():
    assert rebound_in(b"from pylab import *") == LEANED_ON
