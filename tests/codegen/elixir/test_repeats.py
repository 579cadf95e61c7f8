"""The templates' tests do not fail by chance, whatever else the machine does; `make template-repeats` looks longer."""

from __future__ import annotations

from tests.codegen.elixir.repeats import failures, repeated
from tests.codegen.elixir.variants import ELIXIR

TIMES = 3


def test_nothing_fails_when_every_core_is_busy(tmp_path):
    found = repeated(ELIXIR, tmp_path, TIMES)
    assert {variant.template.name for variant, _ in found} == {template.name for template in ELIXIR}
    for variant, outcome in found:
        assert not outcome.troubles(), f"{variant} failed {failures(outcome)} times"
        assert {outcome.passed.count(name) for name in outcome.passed} == {TIMES}, variant
