"""What rewrites for Elixir do with code that is written otherwise than in the examples, and when they refuse."""

from __future__ import annotations

from textwrap import dedent

import pytest

from whetstone_codegen import rewritten
from whetstone_knowledge.elixir.find import find
from whetstone_knowledge.elixir.reading import read
from whetstone_knowledge.rule import Refused
from whetstone_knowledge.rules import elixir_rules

RULES = {rule.name: rule for rule in elixir_rules()}


def mended(name: str, source: str) -> str:
    """Return what a rule makes of the one thing that it finds."""
    rule = RULES[name]
    text = dedent(source).lstrip("\n").encode()
    (finding,) = find(text, [rule])
    return rewritten(text, finding, rule).text.decode()


def server(*functions: str) -> str:
    body = "\n".join(functions)
    return f"defmodule Sweeper do\n  use GenServer\n\n  def init(state), do: {{:ok, state}}\n{dedent(body)}\nend\n"


@pytest.mark.parametrize(
    ("name", "line", "new"),
    [
        ("demonitor-without-flush", "Process.demonitor ref", "Process.demonitor ref, [:flush]"),
        ("demonitor-without-flush", "ref |> Process.demonitor", "ref |> Process.demonitor([:flush])"),
        ("demonitor-without-flush", "Process.demonitor(elem(ref, 0))", "Process.demonitor(elem(ref, 0), [:flush])"),
        ("unsafe-binary-to-term", ":erlang.binary_to_term ref", ":erlang.binary_to_term ref, [:safe]"),
        ("deprecated-otp-call", "Logger.warn ref", "Logger.warning ref"),
        ("whole-agent-state-copied", "length(Agent.get(ref, & &1))", "Agent.get(ref, &length(&1))"),
        ("whole-agent-state-copied", "Agent.get(ref, & &1).a.b", "Agent.get(ref, & &1.a).b"),
        (
            "unbounded-dynamic-supervisor",
            "DynamicSupervisor.init strategy: ref",
            "DynamicSupervisor.init strategy: ref, max_children: 1_000",
        ),
        (
            "unbounded-dynamic-supervisor",
            "DynamicSupervisor.init([strategy: ref])",
            "DynamicSupervisor.init([strategy: ref, max_children: 1_000])",
        ),
    ],
)
def test_calls_without_brackets_are_mended_like_others(name, line, new):
    source = "defmodule A do\n  def f(ref) do\n    {}\n  end\nend\n"
    assert mended(name, source.format(line)) == source.format(new)


@pytest.mark.parametrize(
    ("name", "line", "reason"),
    [
        ("rpc-instead-of-erpc", ":rpc.multicall(nodes, A, :f, [])", "another shape"),
        (
            "rpc-instead-of-erpc",
            "case :rpc.call(nodes, A, :f, []) do\n      {:badrpc, reason} -> reason\n      f -> f\n    end",
            "raises",
        ),
        ("whole-agent-state-copied", "Map.get(Agent.get(nodes, & &1), self())", "another process"),
        ("deprecated-otp-call", "Supervisor.Spec.worker(A, nodes)", "tuple|maps"),
        (
            "unsafe-binary-to-term",
            "Enum.each(nodes, &Enum.map(&1, fn n -> Enum.map(n, &:erlang.binary_to_term/1) end))",
            "inside of another",
        ),
        ("process-named-by-dynamic-atom", 'A.start_link(name: :"n_#{user}")\n    send(:"n_#{user}", 1)', "elsewhere"),
        (
            "unbounded-dynamic-supervisor",
            "{DynamicSupervisor, strategy: :one_for_one, name: A.VeryLongNameOfSomething.ThatFillsTheLine}",
            "too long",
        ),
        (
            "inspect-in-log-text",
            "text = inspect(nodes)\n    send(self(), 1)\n    Logger.debug(text)",
            "between the two lines",
        ),
    ],
)
def test_refuses_what_would_change_its_meaning(name, line, reason):
    with pytest.raises(Refused, match=reason):
        mended(name, f"defmodule A do\n  def f(nodes) do\n    {line}\n  end\nend\n")


@pytest.mark.parametrize(
    ("starts", "handles", "reason"),
    [
        (":timer.apply_interval(5_000, A, :f, [])", "def handle_info(:sweep, state), do: state", "message first"),
        ("{:ok, timer} = :timer.send_interval(5_000, :sweep)", "def handle_info(:sweep, state), do: state", "kept"),
        (":timer.send_interval(state.pause, :sweep)", "def handle_info(:sweep, state), do: state", "known only"),
        (":timer.send_interval(5_000, :sweep)", "def handle_info(_message, state), do: state", "not one clause"),
        (
            ":timer.send_interval(5_000, :sweep)",
            "def handle_info(:sweep, state), do: {\n  :noreply,\n  state\n}",
            "behind `do:`",
        ),
        (
            ":timer.send_interval(5_000, :sweep)",
            "def handle_info(:sweep, state) do\n  state\nrescue\n  e -> e\nend",
            "`rescue`",
        ),
    ],
)
def test_an_interval_that_cannot_become_a_timer_is_left(starts, handles, reason):
    source = server(f"def handle_continue(:go, state) do\n  {starts}\n  {{:noreply, state}}\nend", handles)
    with pytest.raises(Refused, match=reason):
        mended("interval-timer", source)


def test_a_child_that_needs_what_is_started_between_is_not_moved():
    children = "[{A.Reader, store: A.Store}, A.Disk, {A.Store, disk: A.Disk}]"
    with pytest.raises(Refused, match="itself names"):
        mended("child-started-too-late", _supervisor(children))


def test_an_endpoint_is_not_started_before_what_it_needs():
    with pytest.raises(Refused, match="belongs last"):
        mended("child-started-too-late", _supervisor("[{A.Reader, to: AWeb.Endpoint}, A.Store, AWeb.Endpoint]"))


def test_a_child_is_not_taken_away_from_its_comment():
    children = "[\n      # Reads.\n      {A.Reader, store: A.Store},\n      A.Store\n    ]"
    with pytest.raises(Refused, match="comments"):
        mended("child-started-too-late", _supervisor(children))


def test_options_are_broken_into_lines_where_the_line_gets_too_long():
    source = _supervisor("[A, B, C, D, E]").replace(
        ", strategy: :one_for_one", ", strategy: :one_for_one, name: A.Supervisor.ForEverythingThatIsThere"
    )
    assert mended("restart-intensity-unsaid", source).splitlines()[2:9] == [
        "    Supervisor.start_link([A, B, C, D, E],",
        "      strategy: :one_for_one,",
        "      name: A.Supervisor.ForEverythingThatIsThere,",
        "      max_restarts: 3,",
        "      max_seconds: 5",
        "    )",
        "  end",
    ]


@pytest.mark.parametrize("name", sorted(RULES))
def test_whatever_is_found_in_half_of_an_example_is_mended_or_refused(name):
    """What cannot be rewritten raises `Refused`, never anything else; what can is code that parses."""
    rule = RULES[name]
    for before, _ in rule.pairs:
        lines = before.splitlines(keepends=True)
        for number in range(1, len(lines) - 1):
            text = "".join(lines[:number] + lines[number + 1 :]).encode()
            for finding in find(text, [rule]):
                try:
                    new = rewritten(text, finding, rule).text
                except Refused:
                    continue
                assert not read(new).root.has_error


def _supervisor(children: str) -> str:
    return f"""\
defmodule A do
  def start(_type, _args) do
    Supervisor.start_link({children}, strategy: :one_for_one)
  end
end
"""
