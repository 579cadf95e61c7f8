"""A template's own test notices when a safety feature is taken out of what the template writes."""

from __future__ import annotations

import pytest

from tests.codegen.elixir.mutants import survives, table, tried
from tests.codegen.elixir.variants import ELIXIR

pytestmark = pytest.mark.xdist_group("elixir mutants")


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    found = tried(ELIXIR, tmp_path_factory.mktemp("mutants"))
    print(f"\n{table(found)}")
    return found


@pytest.mark.parametrize("template", ELIXIR, ids=str)
def test_no_mutant_survives(template, judged):
    mine = [one for one in judged if one[0] == template]
    assert mine
    assert not [(mutant.feature, why) for _, mutant, outcome in mine if (why := survives(outcome))], table(mine)
