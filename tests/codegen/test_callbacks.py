"""Callbacks that are added: those that are owed and no others, where they belong, and code that compiles."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from whetstone_codegen.callbacks import missing_callbacks, with_callbacks
from whetstone_codegen.edits import applied
from whetstone_codegen.elixir_test import test_of as written_test

STORE = """\
defmodule Ledger.Store do
  @moduledoc false

  use GenServer

  def start_link(opts), do: GenServer.start_link(__MODULE__, opts, name: __MODULE__)

  def deposit(amount), do: GenServer.call(__MODULE__, {:deposit, amount}, 5_000)

  def balance, do: GenServer.call(__MODULE__, :balance)

  def again, do: GenServer.call(__MODULE__, :balance)

  def note(what), do: GenServer.cast(__MODULE__, what)

  # Every second.
  defp tick, do: Process.send_after(self(), :tick, 1_000)

  def restart, do: tick()
end
"""
OTHERS = {
    "supervisor": "defmodule Ledger.Tree do\n  use Supervisor\nend\n",
    "dynamic": "defmodule Ledger.Rooms do\n  use DynamicSupervisor\nend\n",
    "application": "defmodule Ledger.Main do\n  use Application\nend\n",
    "machine": "defmodule Ledger.Door do\n  @behaviour :gen_statem\nend\n",
    "inner": "defmodule Ledger.Outer do\n  defmodule Inner do\n    use GenServer\n  end\nend\n",
    "private": "defmodule Led.Last do\n  use GenServer\n\n  def a, do: go()\n  defp go, do: send(self(), :go)\nend\n",
}


SENT = """\
defmodule Ledger.Sent do
  use GenServer

  def add(n), do: GenServer.call(__MODULE__, {:add, n})
  def add_one, do: GenServer.call(__MODULE__, {:add, 1})
  def add_again(amount), do: GenServer.call(__MODULE__, {:add, amount})
  def any(message), do: GenServer.call(__MODULE__, message)
  def twice(n), do: GenServer.call(__MODULE__, {:twice, n, n})
end
"""
UNMARKED = """\
defmodule Ledger.Unmarked do
  use GenServer

  def init(x), do: {:ok, x}

  def get, do: GenServer.call(__MODULE__, :get)
end
"""


def name_in(source: str) -> str:
    return "Ledger.Outer.Inner" if "Inner" in source else source.split()[1]


def completed(source: str) -> str:
    made = applied(source.encode(), with_callbacks(source.encode(), name_in(source)))
    assert with_callbacks(made, name_in(source)) == ()
    return made.decode()


def missing(source: str) -> list[str]:
    return [str(callback) for callback in missing_callbacks(source.encode(), name_in(source))]


def test_a_server_owes_init_and_an_answer_to_each_message_it_sends_itself():
    assert missing(STORE) == ["init/1", "handle_call/3", "handle_cast/2", "handle_info/2"]
    made = completed(STORE)
    heads = [line.strip() for line in made.splitlines() if line.lstrip().startswith("def handle")]
    assert heads == [
        "def handle_call({:deposit, amount}, _from, _state) do",
        "def handle_call(:balance, _from, _state) do",
        "def handle_cast(message, _state) do",
        "def handle_info(:tick, _state) do",
    ]
    assert made.count("@impl true") == 4


def test_no_clause_takes_the_messages_of_one_behind_it():
    heads = [line.strip() for line in completed(SENT).splitlines() if line.lstrip().startswith("def handle")]
    assert heads == [
        "def handle_call({:add, 1}, _from, _state) do",
        "def handle_call({:add, n}, _from, _state) do",
        "def handle_call({:twice, n, n}, _from, _state) do",
        "def handle_call(message, _from, _state) do",
    ]


def test_where_callbacks_are_not_marked_none_is():
    """The compiler asks for every mark or for none."""
    made = completed(UNMARKED)
    assert "def handle_call(:get, _from, _state) do" in made
    assert "@impl" not in made


def test_a_module_on_one_line_is_left_alone():
    assert missing("defmodule Ledger.Store do use GenServer end\n") == []


def test_what_is_there_is_not_owed():
    source = STORE.replace("use GenServer\n", "use GenServer\n\n  def init(x), do: {:ok, x}\n")
    assert "init/1" not in missing(source)
    assert missing("defmodule Ledger.Plain do\n  def init(x), do: x\nend\n") == []
    assert missing("defmodule Ledger.Kept do\n  use Agent\nend\n") == []


def test_nothing_is_added_to_what_does_not_parse():
    assert missing("defmodule Ledger.Store do\n  use GenServer\n  def balance(\nend\n") == []
    assert missing(STORE.replace("def balance, do:", "def balance do")) == []


def test_it_stands_before_private_functions_that_come_last():
    made = completed(OTHERS["private"])
    assert made.index("def init(init_arg)") < made.index("defp go")


def test_line_ends_are_kept():
    source = STORE.replace("\n", "\r\n")
    assert completed(source) == completed(STORE).replace("\n", "\r\n")


@pytest.mark.skipif(shutil.which("mix") is None, reason="needs Elixir")
def test_it_compiles_without_a_warning_and_is_formatted(tmp_path):
    """And the tests that are written beside it fail until somebody writes them."""
    subprocess.run(["mix", "new", "ledger"], cwd=tmp_path, check=True, capture_output=True)
    app = tmp_path / "ledger"
    for number, source in enumerate([STORE, SENT, UNMARKED, *OTHERS.values()]):
        (app / "lib" / f"m{number}.ex").write_text(completed(source))
    test = written_test(STORE.encode(), "Ledger.Store")
    assert test is not None
    (app / "test" / "store_test.exs").write_text(test)
    for command in (["compile", "--warnings-as-errors"], ["format", "--check-formatted"]):
        done = subprocess.run(["mix", *command], cwd=app, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    done = subprocess.run(["mix", "test", "test/store_test.exs"], cwd=app, check=False, capture_output=True, text=True)
    assert "6 tests, 6 failures" in done.stdout
    assert "Not implemented" in done.stdout


def test_a_test_names_what_others_call_and_runs_examples():
    assert written_test(STORE.encode(), "Ledger.Store") == (
        "defmodule Ledger.StoreTest do\n  use ExUnit.Case, async: true\n\n"
        '  test "start_link/1"\n\n  test "deposit/1"\n\n  test "balance/0"\n\n  test "again/0"\n\n'
        '  test "note/1"\n\n  test "restart/0"\nend\n'
    )
    documented = b'defmodule A do\n  @doc """\n      iex> A.b()\n      1\n  """\n  def b, do: 1\nend\n'
    assert "\n  doctest A\n" in (written_test(documented, "A") or "")
    assert written_test(b"defmodule A do\n  use GenServer\n  def init(x), do: {:ok, x}\nend\n", "A") is None
