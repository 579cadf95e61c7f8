"""What is wrong with a module is found out, whatever it is; otherwise nothing that the templates' tests say counts."""

from __future__ import annotations

import pytest

from tests.codegen.elixir.beam import Job, outcomes

MODULE = "defmodule {name} do\n  def one, do: 1\nend\n"
TEST = """\
defmodule {name}Test do
  use ExUnit.Case, async: true

  test "one is one" do
    assert {name}.one() == 1
  end
end
"""
HANGING = TEST.replace("  test", "  @tag timeout: 50\n  test").replace("{name}.one()", "receive(do: (x -> x))")


def job(name: str, module: str = MODULE, test: str = TEST, also: tuple[str, ...] = ()) -> Job:
    return Job(name, module.replace("{name}", name), test.replace("{name}", name), also)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return outcomes(
        [
            job("Right", also=(MODULE.replace("{name}", "X"),)),
            job("Unformatted", also=("defmodule  X do\nend\n",)),
            job("Broken", module="defmodule {name} do\n  def one, do: (\nend\n"),
            job("Warned", module="defmodule {name} do\n  def one, do: 1\n  defp two, do: 2\nend\n"),
            job("Undefined", module="defmodule {name} do\n  def one, do: 1\n  def two, do: Nowhere.two()\nend\n"),
            job("Failing", test=TEST.replace("== 1", "== 2")),
            job("Skipped", test=TEST.replace("  test", "  @tag :skip\n  test")),
            job("Untested", test="defmodule {name}Test do\n  use ExUnit.Case, async: true\nend\n"),
            job("Hanging", test=HANGING),
            job("SetUpWrong", test=TEST.replace("  test", '  setup_all do\n    raise "early"\n  end\n\n  test')),
        ],
        tmp_path_factory.mktemp("beam"),
        times=2,
    )


def test_what_is_right_is_found_right(found):
    assert found["Right"].troubles() == []
    assert found["Right"].passed == ["test one is one"] * 2


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Unformatted", "would be formatted"),
        ("Broken", "error: "),
        ("Warned", "warning: "),
        ("Undefined", "Nowhere.two/0"),
        ("Failing", "test one is one: "),
        ("Skipped", "test one is one was skipped"),
        ("Untested", "no test was run"),
        ("Hanging", "timed out after 50ms"),
        ("SetUpWrong", "early"),
    ],
)
def test_what_is_wrong_is_said(name, said, found):
    assert said in "\n".join(found[name].troubles())


def test_a_beam_that_dies_is_no_success(tmp_path):
    with pytest.raises(AssertionError, match="the BEAM died with 3"):
        outcomes([job("Dying", test=TEST.replace("{name}.one()", "System.halt(3)"))], tmp_path)
