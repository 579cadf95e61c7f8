"""The templates' tests do not fail by chance, whatever else the machine does; `make template-repeats` looks longer."""

from __future__ import annotations

from tests.codegen.elixir.repeats import HEAD, failures, repeated, written
from tests.codegen.elixir.variants import ELIXIR

TIMES = 3


def test_nothing_fails_when_every_core_is_busy(tmp_path):
    found = repeated(ELIXIR, tmp_path, TIMES)
    assert {variant.template.name for variant, _ in found} == {template.name for template in ELIXIR}
    for variant, outcome in found:
        assert not outcome.troubles(), f"{variant} failed {failures(outcome)} times"
        assert {outcome.passed.count(name) for name in outcome.passed} == {TIMES}, variant


def test_fresh_rows_take_the_place_of_old_ones_and_the_others_stay():
    before = "# A\n<!-- repeats: begin -->\n\n" + HEAD + "| agent | 9 | 100 | 1 |\n| pool | 8 | 100 | 0 |\n\n"
    readme = before + "<!-- repeats: end -->\nThe end.\n"
    after = written(readme, HEAD + "| agent | 10 | 100 | 0 |\n")
    assert after == readme.replace("| agent | 9 | 100 | 1 |", "| agent | 10 | 100 | 0 |")
    assert written(after, HEAD) == after
