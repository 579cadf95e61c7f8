"""A template's own test notices when a safety feature is taken out of what the template writes."""

from __future__ import annotations

import dataclasses

import pytest

from tests.codegen.elixir.mutants import survives, table, tried
from tests.codegen.elixir.variants import ELIXIR
from whetstone_codegen.template import Mutant, Template


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


@dataclasses.dataclass(frozen=True)
class Tried(Template):
    """A template whose mutants are these."""

    mutants: tuple[Mutant, ...] = ()  # type: ignore[assignment] -- in place of those that are read


def test_a_mutant_that_lacks_nothing_survives(tmp_path):
    """Or else the way in which mutants are tried would kill them all."""
    (counted,) = tried([_with("init(state), do: {:ok, state}", "init(kept), do: {:ok, kept}")], tmp_path)
    assert survives(counted[2]).startswith("survives ")
    assert "SURVIVES" in table([counted])


def test_a_mutant_that_does_not_compile_is_not_killed(tmp_path):
    (counted,) = tried([_with("init(state), do: {:ok, state}", "init(state), do: {:ok, other}")], tmp_path)
    assert "does not compile" in survives(counted[2])


def test_what_a_mutant_lacks_has_to_be_there_once(tmp_path):
    with pytest.raises(AssertionError, match="is there 0 times, not once"):
        tried([_with("nothing of the sort", "")], tmp_path)


def _with(find: str, replace: str) -> Template:
    return Tried("elixir", "gen-server", mutants=(Mutant("nothing", {}, find, replace),))
