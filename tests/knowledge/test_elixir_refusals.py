"""Where a rule for Elixir finds something and will not rewrite it, and what it says then."""

from __future__ import annotations

import pytest

from whetstone_codegen import rewritten
from whetstone_knowledge.elixir.find import find
from whetstone_knowledge.rule import Refused
from whetstone_knowledge.rules import BY_CODE


def server(*lines: str) -> str:
    return "".join(f"{line}\n" for line in ("defmodule A do", "  use GenServer", *lines, "end"))


@pytest.mark.parametrize(
    ("code", "source", "reason"),
    [
        (
            "WE102",
            server("  def init(:a), do: {:ok, 1}", "  def init(b), do: {:ok, b}", "  def terminate(_, s), do: save(s)"),
            "does not begin in one place",
        ),
        (
            "WE105",
            server(
                "  def init(path) do", "    case File.read(path) do", "      {:ok, a} -> {:ok, a}", "    end", "  end"
            ),
            "more than one outcome",
        ),
        ("WE105", server("  def init(%{path: path}), do: {:ok, File.read!(path)}"), "takes its argument apart"),
        (
            "WE107",
            server("  def handle_info(:poll, s) do", "    Process.sleep(9)", "    {:noreply, poll(s)}", "  end"),
            "a message of its own",
        ),
        ("WE108", server("  def total, do: GenServer.call(self(), :total)"), "whoever calls this function"),
        (
            "WE108",
            server(
                "  def handle_call({:add, n}, _from, s), do: {:reply, s + n, s}",
                "  def handle_cast(:go, s), do: {:noreply, GenServer.call(self(), {:add, s})}",
            ),
            "not said by one clause",
        ),
        (
            "WE108",
            server(
                "  def handle_call(:next, _from, s), do: {:reply, s, s + 1}",
                "  def handle_cast(:go, s), do: {:noreply, GenServer.call(__MODULE__, :next) + s}",
            ),
            "does more than to answer",
        ),
        (
            "WE111",
            server("  def all(to, list), do: Enum.each(list, fn x -> GenServer.cast(to, {:add, x}) end)"),
            "no single clause",
        ),
        ("WE112", server("  def go(x), do: spawn(fn -> run(x) end)"), "the pid is used right here"),
        ("WE112", server("  def go(x) do", "    pid = spawn(fn -> run(x) end)", "  end"), "the pid is used right here"),
        ("WE112", server("  def go(x) do", "    spawn_link(fn -> run(x) end)", "    :ok", "  end"), "which of the two"),
        ("WE120", server("  def go(x), do: Task.async(fn -> run(x.id) end)"), "written on one line"),
        (
            "WE120",
            server("  def go(x, id) do", "    Task.async(fn -> run(x.id, id) end)", "  end"),
            "cannot be the name of the variable",
        ),
        (
            "WE304",
            "defmodule A do\n  def year(%Date{} = day), do: pop_in(day[:year])\nend\n",
            "cannot be taken out of a struct",
        ),
    ],
)
def test_says_why_it_does_not_rewrite(code, source, reason):
    (finding,) = find(source.encode(), [BY_CODE[code]])
    with pytest.raises(Refused, match=reason):
        rewritten(source.encode(), finding, BY_CODE[code])


def test_what_would_not_parse_is_refused(monkeypatch) -> None:
    """Also where what is broken ends with its function, so that the rest of the file could be read without it."""
    rule = BY_CODE["WE204"]
    source = b"defmodule A do\n  def f(x), do: length(x) == 0\n\n  def g(x), do: x\nend\n"
    (finding,) = find(source, [rule])
    monkeypatch.setattr(type(rule), "mend", lambda _, match: [match.replaced(match.here, "(x")])
    with pytest.raises(Refused, match="would not parse"):
        rewritten(source, finding, rule)
