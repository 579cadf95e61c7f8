"""Rewrites for Elixir where code is laid out unusually: what is written means what it did, or nothing is written."""

from __future__ import annotations

import logging
from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from whetstone_codegen import rewritten
from whetstone_knowledge.elixir.find import find
from whetstone_knowledge.rule import Refused
from whetstone_knowledge.rules import BY_CODE

if TYPE_CHECKING:
    from whetstone_knowledge.finding import Finding

SERVER = "use GenServer\ndef init(s), do: {:ok, s}\n"


def module(body: str) -> str:
    return f"defmodule A do\n{indent(body, '  ')}\nend\n"


def found(code: str, body: str) -> Finding:
    """Return the one thing that a rule finds in the body of a module."""
    (finding,) = find(module(body).encode(), [BY_CODE[code]])
    return finding


def mended(code: str, body: str) -> str:
    """Return what a rule makes of the body of a module."""
    return rewritten(module(body).encode(), found(code, body), BY_CODE[code]).text.decode()


def in_function(line: str) -> str:
    return "def f(x, y) do\n" + indent(line, "  ") + "\nend"


@pytest.fixture(autouse=True)
def no_rule_breaks(caplog):
    yield
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        ("WE204", "not(length(x) > 0)", "not match?([_ | _], x)"),
        ("WE205", "not(Enum.count(x) == 0)", "not Enum.empty?(x)"),
        ("WE214", "not(y in Map.keys(x))", "not Map.has_key?(x, y)"),
        ("WE204", "Enum.map(x, &length(&1) == 0)", "Enum.map(x, &(&1 == []))"),
        ("WE228", "Enum.map(x, &String.length(&1) == 0)", 'Enum.map(x, &(&1 == ""))'),
        ("WE306", "x>0&&!is_nil(y)", "x>0 and not is_nil(y)"),
        ("WE306", "(x == 1)||(y == 1)", "(x == 1) or (y == 1)"),
        ("WE306", "! Enum.empty?(x) || y == 1", "not Enum.empty?(x) or y == 1"),
    ],
)
def test_no_two_words_run_into_one(code, before, after):
    assert mended(code, in_function(before)) == module(in_function(after))


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        ("WE208", "(x |> Enum.map(& &1)) |> Enum.join(y)", "Enum.map_join(x, y, & &1)"),
        ("WE210", "(x |> Enum.filter(& &1)) |> Enum.count()", "Enum.count(x, & &1)"),
        ("WE211", "(x |> Enum.sort()) |> Enum.at(0)", "Enum.min(x, fn -> nil end)"),
        ("WE214", "(x |> Map.keys()) |> Enum.member?(y)", "Map.has_key?(x, y)"),
        ("WE208", "x |> Enum.map(& &1) |> Enum.join(to_string y)", "x |> Enum.map_join((to_string y), & &1)"),
        (
            "WE208",
            'x |> Enum.map(& &1) |> Enum.join(if y, do: ",", else: ";")',
            'x |> Enum.map_join((if y, do: ",", else: ";"), & &1)',
        ),
        (
            "WE217",
            "x |> Map.put(:a, to_string y) |> Map.put(:b, c: 1) |> Map.put(:d, 2)",
            "%{x | a: (to_string y), b: [c: 1], d: 2}",
        ),
        (
            "WE201",
            "Enum.reduce(x, [], fn a, acc -> acc ++ [to_string a] end)",
            "Enum.reverse(Enum.reduce(x, [], fn a, acc -> [(to_string a) | acc] end))",
        ),
        ("WE136", "Process.demonitor(elem x, y)", "Process.demonitor((elem x, y), [:flush])"),
        ("WE136", "Process.demonitor (x)", "Process.demonitor (x), [:flush]"),
        ("WE136", "Process.demonitor(\n  x\n)", "Process.demonitor(\n  x, [:flush]\n)"),
        ("WE136", "Process.demonitor(\n  x # c\n)", "Process.demonitor(\n  x, [:flush] # c\n)"),
        (
            "WE115",
            "Task.async_stream(x, &to_string &1)",
            "Task.async_stream(x, (&to_string &1), timeout: 5_000, on_timeout: :exit)",
        ),
        ("WE228", "x\n|> String.trim()\n|> String.length() > 0", "x\n|> String.trim()\n|> byte_size() > 0"),
        ("WE229", "Enum.reverse(x || []) ++ (y || [])", "Enum.reverse(x || [], y || [])"),
    ],
)
def test_what_is_moved_keeps_to_itself(code, before, after):
    assert mended(code, in_function(before)) == module(in_function(after))


def test_options_written_as_tuples_get_more_behind_them():
    before = "def init(_), do: Supervisor.init([A, B, C, D, E], [{:strategy, :one_for_one}])"
    assert "[{:strategy, :one_for_one}, max_restarts: 3, max_seconds: 5]" in mended(
        "WE128", f"use Supervisor\n{before}"
    )


@pytest.mark.parametrize(
    ("code", "line", "reason"),
    [
        ("WE204", "length(\n  # why\n  x\n) == 0", "comment"),
        ("WE204", "x\n# why\n|> length() > 0", "comment"),
        ("WE230", "Enum.reduce(x, %{}, # why\n  fn a, acc -> Map.put(acc, a, 1) end)", "comment"),
        ("WE205", "x\n|> Enum.map(& &1)\n|> Enum.count(& &1) == 0", "several lines"),
        ("WE229", "Enum.reverse(x) ++\n  case y do\n    _ -> []\n  end", "several lines"),
        ("WE217", "Map.new() |> Map.put(:a, 1) |> Map.put(:b, 2) |> Map.put(:c, 3)", "no key to update"),
        (
            "WE217",
            "if x do\n  x\nelse\n  y\nend\n|> Map.put(:a, 1)\n|> Map.put(:b, 2)\n|> Map.put(:c, 3)",
            "name first",
        ),
        ("WE201", "[0] ++ Enum.reduce(x, [], fn a, acc ->\n  acc ++ [a]\nend)", "something else"),
        ("WE201", "y in Enum.reduce(x, [], fn a, acc ->\n  acc ++ [a]\nend)", "something else"),
        ("WE201", "Enum.reduce x, [], fn a, acc ->\n  acc ++ [a]\nend", "something else"),
        ("WE201", "for a <- x, reduce: [] do\n  acc -> acc ++ [a]\nend ++ y", "something else"),
        ("WE201", "Enum.reduce(x, [], fn a, acc -> acc ++ [send(y, a), send(y, 0)] end)", "other way round"),
        ("WE201", "Enum.reduce(x, [], fn a, acc -> if a, do: acc ++ [a] end)", "`else`"),
        ("WE203", 'Enum.reduce(x, "", fn a, acc -> if a do a <> acc end end)', "`else`"),
        ("WE227", 'Enum.map(x, &Regex.run(Regex.compile!("\\\\v"), &1))', "reads otherwise"),
        ("WE227", 'Enum.map(x, &Regex.run(Regex.compile!("a\\\\nb", "x"), &1))', "reads otherwise"),
        ("WE227", 'Enum.map(x, &Regex.run(Regex.compile!("\\\\Q\\\\n\\\\E"), &1))', "reads otherwise"),
        ("WE223", ":'a#{x}'", "charlist"),
        ("WE138", 'text = "#{inspect(z = x)}"\nLogger.debug(text)\nz', "further down"),
        ("WE134", "Map.get(Agent.get(x, & &1), Process.get(y))", "something else inside the agent"),
        ("WE120", "Task.async(fn -> x.end + 1 end)", "cannot be the name"),
    ],
)
def test_nothing_is_rewritten_into_something_else(code, line, reason):
    with pytest.raises(Refused, match=reason):
        mended(code, in_function(line))


@pytest.mark.parametrize("call", ["Process.demonitor x", "Task.start fn -> x end", ":erlang.binary_to_term x"])
def test_a_call_without_brackets_gets_no_second_argument_inside_of_something(call):
    code = {"P": "WE136", "T": "WE113", ":": "WE224"}[call[0]]
    for around in ("[y, {}]", "inspect({})", "inspect {}", "[a: {}]"):
        with pytest.raises(Refused, match="without brackets"):
            mended(code, in_function(around.format(call)))
    mended(code, in_function(f"y = {call}\ny"))


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("WE206", "with {:ok, list} <- x, do: Enum.map(y, fn at -> Enum.at(list, at) end)"),
        ("WE206", "if list = x, do: Enum.map(y, fn at -> Enum.at(list, at) end)"),
        ("WE206", "(list = Enum.sort(x)) |> Enum.map(fn at -> Enum.at(list, at) end)"),
        ("WE206", "for list <- x, do: Enum.map(y, fn at -> Enum.at(list, at) end)"),
        ("WE207", "with list = Enum.map(x, & &1), true <- Enum.all?(y, &(&1 in list)), do: :ok"),
        ("WE120", "with {:ok, s} <- x, do: Task.async(fn -> s.a + y end)"),
    ],
)
def test_no_line_reads_a_variable_before_it_is_there(code, line):
    with pytest.raises(Refused, match="the statement itself says"):
        mended(code, in_function(line))


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("WE206", "x && Enum.map(y, fn at -> Enum.at(x, at) end)"),
        ("WE206", "if x, do: Enum.map(y, fn at -> Enum.at(x, at) end), else: []"),
        ("WE206", "with true <- is_list(x), z <- Enum.map(y, fn at -> Enum.at(x, at) end), do: z"),
        ("WE120", "if x != nil, do: Task.async(fn -> x.a + y end)"),
        ("WE120", "x && Task.async(fn -> x.a + y end)"),
    ],
)
def test_no_line_does_always_what_was_done_in_some_case(code, line):
    with pytest.raises(Refused, match="only in some case"):
        mended(code, in_function(line))


@pytest.mark.parametrize(
    ("code", "line", "own"),
    [
        ("WE204", "length(x) > 0", "def match?(a, b), do: a == b"),
        ("WE228", "String.length(x) > 0", "def byte_size(a), do: a"),
        ("WE206", "Enum.map(y, fn at -> Enum.at(x, at) end)", "def elem(a, b), do: {a, b}"),
    ],
)
def test_a_function_of_kernel_is_not_called_where_the_module_has_its_own(code, line, own):
    with pytest.raises(Refused, match="another function here"):
        mended(code, f"{own}\n{in_function(line)}")


@pytest.mark.parametrize(
    ("code", "body"),
    [
        # Elixir reads both as `not (y in Map.keys(x))`.
        ("WE214", in_function("not y in Map.keys(x)")),
        ("WE214", in_function("!y in Map.keys(x)")),
        # Elixir 1.14 has no `Stream.with_index` that takes a function.
        ("WE215", in_function("x |> Enum.with_index(fn a, at -> {a, at} end) |> Enum.take(2)")),
        ("WE215", in_function("x |> Enum.with_index(y) |> Enum.take(2)")),
        ("WE230", in_function("Enum.reduce(x, %{}, fn acc, acc -> Map.put(acc, 1, y) end)")),
        ("WE232", "@read &Application.get_env/2"),
    ],
)
def test_is_quiet_where_it_is_something_else(code, body):
    assert find(module(body).encode(), [BY_CODE[code]]) == []


@pytest.mark.parametrize(
    "handled",
    [
        "<<head::bytes-size(100), _::bytes>> = data\n  head = String.to_integer(head)\n  {:noreply, %{s | head: head}}",
        "<<head::bytes-size(100), _::bytes>> = data\n  {:ok, head} = read(head)\n  {:noreply, Map.put(s, :head, head)}",
        "<<size, head::binary-size(size)-unit(1), _::bits>> = data\n  {:noreply, %{s | head: head}}",
    ],
)
def test_what_may_be_no_slice_by_then_is_not_copied(handled):
    body = f"{SERVER}def handle_info({{:data, data}}, s) do\n  {handled}\nend"
    assert find(module(body).encode(), [BY_CODE["WE222"]]) == []


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("WE204", "try do\n  length(x) == 0\nrescue\n  _ -> y\nend"),
        ("WE228", "try do\n  String.length(x) == 0\ncatch\n  _ -> y\nend"),
        ("WE205", "Enum.count(x, &send(y, &1)) > 0"),
        ("WE205", "Enum.count(x, y) > 0"),
        ("WE205", "x |> Task.async_stream(&fetch/1) |> Enum.count() > 0"),
        ("WE210", "x |> Enum.filter(&fetch/1) |> List.first()"),
        ("WE210", "x |> Enum.filter(fn a -> IO.inspect(a) end) |> Enum.at(0)"),
        ("WE214", "read(x) in Map.keys(read(y))"),
        ("WE208", "x |> Enum.map(&fetch/1) |> Enum.join(read(y))"),
        ("WE138", 'text = "#{inspect(x)} #{send(y, x)}"\nLogger.debug(text)'),
    ],
)
def test_side_effects_ask_for_a_look(code, line):
    assert found(code, in_function(line)).fix == "review"


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("WE205", "Enum.count(x, &(&1.age > y.age and is_nil(&1.left))) > 0"),
        ("WE205", "x |> Stream.reject(& &1.hidden) |> Enum.count() > 0"),
        ("WE210", "x |> Enum.filter(&String.contains?(&1, y)) |> List.first()"),
        ("WE210", "x |> Enum.filter(&is_binary/1) |> List.first()"),
        ("WE210", "x |> Enum.filter(&fetch/1) |> Enum.count()"),
        ("WE214", "read(x) in Map.keys(y)"),
        ("WE138", 'text = "#{inspect(x)} #{String.upcase(y)}"\nLogger.debug(text)'),
    ],
)
def test_what_only_works_out_values_needs_no_look(code, line):
    assert found(code, in_function(line)).fix == "mechanical"


@pytest.mark.parametrize(
    ("line", "new"),
    [
        ("Enum.map(x, &Agent.get(&1, fn s -> s end).a)", "Enum.map(x, &Agent.get(&1, fn state -> state.a end))"),
        (
            "Enum.map(x, &Map.get(Agent.get(&1, fn s -> s end), :a))",
            "Enum.map(x, &Agent.get(&1, fn state -> Map.get(state, :a) end))",
        ),
    ],
)
def test_no_capture_stands_in_another(line, new):
    assert mended("WE134", in_function(line)) == module(in_function(new))


def test_the_state_of_an_agent_hides_no_variable():
    body = "def f(agent, state), do: Map.get(Agent.get(agent, & &1), state, & &1)"
    assert "fn state2 -> Map.get(state2, state, & &1) end" in mended("WE134", body)


@pytest.mark.parametrize(
    ("line", "new"),
    [
        ("GenServer.call(x, elem y, 0)", "GenServer.call(x, (elem y, 0), @call_timeout)"),
        ("GenServer.call(x, add: y)", "GenServer.call(x, [add: y], @call_timeout)"),
    ],
)
def test_a_time_out_is_an_argument_of_the_call(line, new):
    assert new in mended("WE109", in_function(line))


def test_another_time_out_of_the_module_asks_for_a_look():
    assert found("WE109", f"@call_timeout 30_000\n{in_function('GenServer.call(x, y)')}").fix == "review"
    assert found("WE109", f"@call_timeout 5_000\n{in_function('GenServer.call(x, y)')}").fix == "mechanical"


def test_an_attribute_is_not_read_above_the_place_where_it_is_set():
    with pytest.raises(Refused, match="further down"):
        mended("WE109", f"{in_function('GenServer.call(x, y)')}\n@call_timeout 5_000")


def test_comments_stay_with_what_they_are_about():
    source = "defmodule A do # a\n  # What f does.\n  def f(x), do: GenServer.call(x, :go)\nend\n"
    (finding,) = find(source.encode(), [BY_CODE["WE109"]])
    new = rewritten(source.encode(), finding, BY_CODE["WE109"]).text.decode()
    assert new.startswith("defmodule A do # a\n  @call_timeout 5_000\n\n  # What f does.\n  def f(x)")
    body = "use GenServer # a\ndef init(s), do: {:ok, s}\ndef handle_info(:tick, s), do: {:noreply, s} # b"
    new = mended("WE103", body)
    assert "use GenServer # a\n  require Logger\n" in new
    assert "{:noreply, s} # b\n\n  def handle_info(message, state) do" in new


@pytest.mark.parametrize(
    ("code", "body", "reason"),
    [
        ("WE103", f"alias B.Logger\n{SERVER}def handle_info(:tick, s), do: {{:noreply, s}}", "another module"),
        (
            "WE107",
            f"{SERVER}def handle_info(:a, s) do\n  Process.sleep(:infinity)\n  send(self(), :a)\n  s\nend",
            "no end",
        ),
    ],
)
def test_a_server_is_left_as_it_is_where_the_clause_would_be_wrong(code, body, reason):
    with pytest.raises(Refused, match=reason):
        mended(code, body)


def test_a_list_that_is_handed_to_a_nested_call_begins_empty():
    start = "def f(x), do: g(x, [])\ndefp g([], acc), do: acc\n"
    nested = "defp g([a | b], acc) do\n  a = g(a, {})\n  g(b, acc ++ [a])\nend"
    assert "[a | acc]" in mended("WE202", start + nested.replace("{}", "[]"))
    with pytest.raises(Refused, match="may not be empty"):
        mended("WE202", start + nested.replace("{}", "[0, 1]"))


def test_a_message_that_is_sent_otherwise_as_well_arms_no_second_timer():
    init = "def init(s) do\n  send(self(), :tick)\n  :timer.send_interval(1_000, :tick)\n  {:ok, s}\nend\n"
    with pytest.raises(Refused, match="stands elsewhere"):
        mended("WE124", f"use GenServer\n{init}def handle_info(:tick, s), do: {{:noreply, s}}")


def test_a_supervisor_is_named_in_full_where_its_name_is_taken():
    body = "alias B.Task\ndef f(x) do\n  spawn(fn -> x end)\n  :ok\nend"
    assert "Elixir.Task.Supervisor.start_child(A.TaskSupervisor, fn -> x end)" in mended("WE112", body)


@pytest.mark.parametrize(
    ("code", "inside"),
    [
        ("WE102", "def terminate(_, s), do: File.write!(s.path, s.text)"),
        ("WE103", "def handle_info(:tick, s), do: {:noreply, s}"),
        ("WE105", "def init(path), do: {:ok, File.read!(path)}"),
    ],
)
def test_clauses_that_are_defined_in_some_case_only_are_left_alone(code, inside):
    body = f"{SERVER if code != 'WE105' else 'use GenServer'}\nif Mix.env() == :dev do\n  {inside}\nend"
    assert find(module(body).encode(), [BY_CODE[code]]) == []


@pytest.mark.parametrize(
    ("code", "init"),
    [("WE101", "{:ok, s, 5_000}"), ("WE104", "Process.flag(:trap_exit, true) && {:ok, s}")],
)
def test_messages_may_be_handled_by_a_clause_that_is_defined_in_a_loop(code, init):
    body = f"use GenServer\ndef init(s), do: {init}\n\ndef handle_info(:tick, s), do: {{:noreply, s}}\n"
    assert len(find(module(body).encode(), [BY_CODE[code]])) == 1
    more = "\nfor tag <- [:timeout, :other] do\n  def handle_info(unquote(tag), s), do: {:noreply, s}\nend"
    assert find(module(body + more).encode(), [BY_CODE[code]]) == []
