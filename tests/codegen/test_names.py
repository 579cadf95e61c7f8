"""What a new module may be called."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from whetstone_codegen.names import NameRefused, name_in

LISTED = """
for app <- [:elixir, :eex, :ex_unit, :iex, :logger, :mix] do
  Application.load(app)
  {:ok, modules} = :application.get_key(app, :modules)
  for module <- modules, match?("Elixir." <> _, Atom.to_string(module)), do: IO.puts(inspect(module))
end
"""
"""Prints every module that comes with Elixir."""
PRIVATE = (
    "Code.",
    "IO.ANSI.",
    "List.Chars.",
    "Module.",
    "Path.",
    "Record.",
    "String.",
    "System.Signal",
    "Version.Parser",
)
"""What modules begin with that nobody hears of."""


@pytest.mark.parametrize(
    "name", ["Task.Supervisor", "List.Chars", "ArgumentError", "ExUnit.Case", "Mix.Ledger", "JSON"]
)
def test_no_module_of_elixir_is_written_anew(name):
    with pytest.raises(NameRefused, match="is a module of Elixir itself"):
        name_in("elixir", name)


@pytest.mark.parametrize("name", ["Task.Store", "Ledger.Task", "Calendar.Events", "Ledger.Kernel"])
def test_names_beside_those_of_elixir_are_free(name):
    assert name_in("elixir", name).module == name


@pytest.mark.skipif(shutil.which("elixir") is None, reason="needs Elixir")
def test_every_module_of_the_elixir_that_is_here_is_known():
    done = subprocess.run(["elixir", "-e", LISTED], capture_output=True, text=True, check=True)
    modules = [line for line in done.stdout.split() if not line.startswith(PRIVATE)]
    assert len(modules) > 100
    assert [module for module in modules if not _is_refused(module)] == []


def test_a_file_whose_name_is_too_long_is_never_asked_for():
    """Each hump becomes a character more."""
    with pytest.raises(NameRefused, match="has at most 200 characters, not 269"):
        name_in("elixir", "Ledger." + "Ab" * 90)


@pytest.mark.parametrize("name", ["ledger.test_store", "TestStore", "testimony"])
def test_no_module_is_written_that_pytest_takes_for_a_test(name):
    with pytest.raises(NameRefused, match=r"pytest takes a class Test[A-Z]?[a-z]+ for a test: choose another name"):
        name_in("python", name)


def _is_refused(name: str) -> bool:
    try:
        name_in("elixir", name)
    except NameRefused:
        return True
    return False
