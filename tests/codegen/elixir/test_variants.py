"""Every template writes Elixir as its formatter leaves it, that compiles without a warning, and that passes its test.

With its defaults, and for every two answers that can meet; all in one BEAM.
"""

from __future__ import annotations

import time

import pytest

from tests.codegen.elixir.variants import ELIXIR, tried

LONGEST = 120
"""Seconds that all variants may take on two cores."""


@pytest.fixture(scope="module")
def matrix(tmp_path_factory):
    began = time.monotonic()
    found = tried(ELIXIR, tmp_path_factory.mktemp("variants"))
    print(f"\n{len(found)} variants in {time.monotonic() - began:.1f} s")
    return found


@pytest.mark.parametrize("template", ELIXIR, ids=str)
def test_every_variant_is_formatted_compiles_and_passes(template, matrix):
    variants = [(variant, outcome) for variant, outcome in matrix if variant.template == template]
    assert variants
    wrong = [f"{variant}\n" + "\n".join(outcome.troubles()) for variant, outcome in variants if outcome.troubles()]
    assert not wrong, "\n\n".join(wrong)
