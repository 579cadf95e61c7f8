"""The corpus is what it says: enough pairs of each kind, each telling one story about one function."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from tests.proofs.corpus import FOLDER, KINDS, all_pairs

PAIRS = all_pairs()


def test_there_are_enough_of_each_kind():
    kinds = Counter(pair.kind for pair in PAIRS)
    assert kinds["faster"] >= 34
    assert kinds["wrong"] >= 40
    assert kinds["equal"] >= 26


def test_no_file_is_left_out():
    known = {f"{pair.name}.{part}.py" for pair in PAIRS for part in ("old", "new", *(["tests"] if pair.tests else []))}
    assert {path.name for kind in KINDS for path in (FOLDER / kind).iterdir() if path.is_file()} == known


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.module)
def test_a_pair_opens_with_what_it_shows_and_differs_in_one_function(pair):
    shows = ast.get_docstring(ast.parse(pair.old))
    assert shows
    assert shows == ast.get_docstring(ast.parse(pair.new))
    assert pair.function


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair.tests], ids=lambda pair: pair.module)
def test_tests_of_a_pair_test_the_function_that_changes(pair):
    assert f"from {pair.module} import" in pair.tests
    assert pair.function.split(".")[-1] in pair.tests
