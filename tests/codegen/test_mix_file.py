"""What a `mix.exs` says, and the module that its application is made to start with."""

from __future__ import annotations

import pytest

from whetstone_codegen.edits import applied
from whetstone_codegen.mix_file import read_mix_file, starting
from whetstone_knowledge.rule import Refused

MIX = """\
defmodule Ledger.MixProject do
  use Mix.Project

  def project do
    [app: :ledger, deps: deps()]
  end

  def application do
    {}
  end

  defp deps, do: [mod: 1]
end
"""
MANY = "[:logger, :crypto, :ssl, :inets, :mnesia, :public_key]"


def made(said: str, module: str = "Ledger.Application") -> str:
    source = MIX.replace("{}", said).encode()
    result = applied(source, starting(source, module))
    assert read_mix_file(result).starts == module
    assert starting(result, module) == ()
    return result.decode()


def test_what_it_says_is_read():
    mix = read_mix_file(MIX.replace("{}", "[mod: {Ledger.Application, []}]").encode())
    assert mix == ("ledger", "Ledger.Application", False)
    assert read_mix_file(b'defmodule A do\n  def project, do: [apps_path: "apps"]\nend\n').is_umbrella
    assert read_mix_file(b"nothing of the kind") == (None, None, False)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[]", "[mod: {Ledger.Application, []}]"),
        ("[extra_applications: [:logger]]", "[extra_applications: [:logger], mod: {Ledger.Application, []}]"),
        (
            "[\n      extra_applications: [:logger] # logs\n      # more\n    ]",
            "[\n      extra_applications: [:logger],\n      mod: {Ledger.Application, []} # logs\n      # more\n    ]",
        ),
        (
            f"[extra_applications: {MANY}]",
            f"[\n      extra_applications: {MANY},\n      mod: {{Ledger.Application, []}}\n    ]",
        ),
    ],
)
def test_the_module_is_added_to_the_list(before, after):
    assert made(before) == MIX.replace("{}", after)


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ("[mod: {Ledger.Other, []}]", "the application starts with Ledger.Other already"),
        ("Keyword.put([], :a, 1)", "is not one list that"),
    ],
)
def test_what_cannot_be_done_is_refused(said, refused):
    with pytest.raises(Refused, match=refused):
        starting(MIX.replace("{}", said).encode(), "Ledger.Application")
