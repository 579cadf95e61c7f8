"""What a rule for Elixir may ask: whose function is called with what, what a name stands for, what repeats a place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone_knowledge.elixir.branches import branches, is_receive, section
from whetstone_knowledge.elixir.find import _leaves, _pattern, find
from whetstone_knowledge.elixir.match import Match
from whetstone_knowledge.elixir.reading import read


def matched(source: str, word: str, number: int = 0) -> Match:
    """Return the place of a word in a text, by number where it stands there several times."""
    text = read(source.encode())
    return Match(list(_leaves(text, _pattern(word)))[number], text)


def called(source: str, word: str, number: int = 0) -> tuple[str | None, str, int]:
    call = matched(source, word, number).call
    assert call is not None
    return call.module, call.name, call.arity


@pytest.mark.parametrize(
    ("source", "is_called"),
    [
        ("Enum.at(list, 1)", ("Enum", "at", 2)),
        ("list |> Enum.at(1)", ("Enum", "at", 2)),
        ("list |> Enum.map(f) |> Enum.at(1)", ("Enum", "at", 2)),
        ("alias My.Enum\nEnum.at(list, 1)", ("My.Enum", "at", 2)),
        ("alias My.{Other, Enum}\nEnum.at(list, 1)", ("My.Enum", "at", 2)),
        ("alias My.List, as: Enum\nEnum.at(list, 1)", ("My.List", "at", 2)),
        ("alias My.App\nalias App.Enum\nEnum.at(list, 1)", ("My.App.Enum", "at", 2)),
        ("defmodule A do\n  alias My.Enum\nend\nEnum.at(list, 1)", ("Enum", "at", 2)),
        ("defmodule A do\n  defmodule Enum do\n  end\n  def f(l), do: Enum.at(l, 1)\nend", ("A.Enum", "at", 2)),
        ("defmodule A.B do\n  def f(l), do: __MODULE__.at(l)\nend", ("A.B", "at", 1)),
        (":lists.at(1, list)", (":lists", "at", 2)),
        ("at(list, a: 1, b: 2)", (None, "at", 2)),
        ("at list do\n  1\nend", (None, "at", 2)),
        ("list.at(1)", (None, "at", 1)),
    ],
)
def test_knows_whose_function_is_called_with_how_much(source, is_called):
    assert called(source, "at") == is_called


@pytest.mark.parametrize("source", ['"at"', "# at", ":at", "[at: 1]", "bat(1)", "at?(1)", "~w(at)", "a.at_once()"])
def test_sees_no_word_in_something_else(source):
    text = read(source.encode())
    assert list(_leaves(text, _pattern("at"))) == []


@pytest.mark.parametrize(
    ("line", "loops"),
    [
        ("here(1)", 0),
        ("Enum.map(list, fn x -> here(x) end)", 1),
        ("list |> Enum.map(fn x -> here(x) end)", 1),
        ("Enum.map(list, &here(&1))", 1),
        ("Enum.reduce(list, [], fn x, acc -> Enum.map(x, fn y -> here(y) end) end)", 2),
        ("Enum.map(here(list), fn x -> x end)", 0),
        ("for x <- list, do: here(x)", 1),
        ("for x <- here(list), do: x", 0),
        ("for x <- list, y <- here(x), do: y", 1),
        ("for x <- list do\n    here(x)\n  end", 1),
        ("Task.async(fn -> here(1) end)", 0),
        ("run(fn -> here(1) end)", 0),
    ],
)
def test_knows_what_repeats_a_place(line, loops):
    source = f"defmodule A do\n  def f(list) do\n  {line}\n  end\nend\n"
    assert len(matched(source, "here").loops) == loops


@pytest.mark.parametrize(
    ("line", "is_the_server"),
    [
        ("here(1)", True),
        ("Enum.each(list, fn x -> here(x) end)", True),
        ("Task.async(fn -> here(1) end)", False),
        ("Task.Supervisor.start_child(Tasks, fn -> here(1) end)", False),
        ("spawn_link(fn -> here(1) end)", False),
        ("Agent.update(agent, &here(&1))", False),
        ("Task.async_stream(here(list), & &1)", True),
    ],
)
def test_knows_what_a_server_runs_itself(line, is_the_server):
    source = f"defmodule A do\n  use GenServer\n  def handle_info(list, state) do\n  {line}\n  end\nend\n"
    assert matched(source, "here").in_callback == is_the_server


def test_knows_the_clauses_of_a_module():
    source = """
        defmodule A do
          use GenServer
          @behaviour B
          @limit 5

          @impl true
          def init(state), do: {:ok, state}

          def handle_info({:x, y}, %{a: a} = state) when is_integer(y) do
            here(y)
          end

          defp plain, do: 1
        end
    """
    match = matched(source, "here")
    module, clause = match.module, match.clause
    assert module is not None
    assert clause is not None
    assert list(module.functions) == [("init", 1), ("handle_info", 2), ("plain", 0)]
    assert module.behaviours == {"GenServer", "B"}
    assert [match.text(value) for value in module.attributes["limit"]] == ["5"]
    assert match.in_callback
    assert (clause.kind, clause.name, clause.arity) == ("def", "handle_info", 2)
    assert clause.guard is not None
    assert match.text(clause.guard) == "is_integer(y)"


@pytest.mark.parametrize(
    ("source", "is_seen"),
    [
        ("fn\n  [], n -> n\n  list, n when n > 1 -> here(n)\n    here(list)\nend", [(2, False, 1), (2, True, 2)]),
        ("fn -> here(1) end", [(0, False, 1)]),
        ("case here(1) do\n  {:ok, x} -> x\n  _ -> nil\nend", [(1, False, 1), (1, False, 1)]),
        ("receive do\n  :here -> here()\nafter\n  5 -> nil\nend", [(1, False, 1)]),
    ],
)
def test_knows_the_branches_of_a_function_or_a_block(source, is_seen):
    node = read(source.encode()).root.named_children[0]
    block = next((child for child in node.named_children if child.type == "do_block"), node)
    seen = [(len(each.patterns), each.guard is not None, len(each.body)) for each in branches(block)]
    assert seen == is_seen


@pytest.mark.parametrize(
    ("pattern", "takes_all"), [("x", True), ("_", True), ("_, _", True), ("x when x > 1", False), (":a", False)]
)
def test_knows_a_branch_that_takes_whatever_comes(pattern, takes_all):
    (branch,) = branches(read(f"fn {pattern} -> 1 end".encode()).root.named_children[0])
    assert branch.takes_all == takes_all


def test_knows_the_sections_of_a_block():
    match = matched("receive do\n  :here -> 1\nafter\n  5 -> 2\nend", "receive")
    assert match.call is not None
    assert match.call.block is not None
    assert is_receive(match.call)
    after = section(match.call.block, "after")
    assert after is not None
    assert [match.text(each.patterns[0]) for each in branches(after)] == ["5"]
    assert section(match.call.block, "rescue") is None


def test_knows_which_of_its_own_functions_a_clause_calls():
    module = matched("defmodule A do\n  def f(x), do: x |> g() |> B.h(k(1))\n  def here, do: 1\nend", "here").module
    assert module is not None
    assert module.calls_within(module.clauses[0]) == {"g", "k"}


def test_follows_calls_through_a_module():
    source = "defmodule A do\n  def f, do: g()\n  defp g, do: h()\n  defp h, do: f()\n  defp here, do: 1\nend"
    module = matched(source, "here").module
    assert module is not None
    assert [clause.name for clause in module.reached_from(module.clauses[1])] == ["g", "h", "f"]


@pytest.mark.parametrize(
    ("head", "is_of_mix"),
    [
        ("Mix.Tasks.Here do", True),
        ("A do\n  use Mix.Task", True),
        ("Mixed do", False),
        ("A do\n  use GenServer", False),
    ],
)
def test_knows_what_runs_where_a_program_is_developed(head, is_of_mix):
    module = matched(f"defmodule {head}\n  def here, do: 1\nend", "here").module
    assert module is not None
    assert module.is_of_mix == is_of_mix


def test_code_that_a_macro_makes_is_not_judged():
    source = (
        "defmodule A do\n  defmacro f(list) do\n    quote do\n      length(unquote(list)) == 0\n    end\n  end\nend\n"
    )
    assert find(source.encode()) == []


@pytest.mark.parametrize(
    "broken", ["    case foo(a do", "    x = [1, 2", '    "open', "    fn x ->", "    foo(\n    ]"]
)
def test_only_the_function_being_typed_is_left_out(broken):
    before = "defmodule A do\n  def one(list), do: length(list) == 0\n\n"
    after = "\n  def two(list) do\n    length(list) == 0\n  end\nend\n"
    source = f"{before}  def half(a) do\n    length(a) == 0\n    {broken}\n  end\n{after}".encode()
    functions = [finding.function for finding in find(source)]
    # An open quotation mark takes in all that follows, for Elixir as well.
    assert functions == (["A.one/1", "A.two/1"] if '"' not in broken else functions)
    assert "A.half/1" not in functions


def test_what_one_rule_says_of_a_place_is_not_said_by_the_next():
    match = matched("a && b", "&&")
    match.review()
    match.also("operator", match.leaf)
    match.underline(match.leaf)
    other = match.again()
    assert not other.asks_for_review
    assert other.captures == {"here": [other.operation]}


def test_a_finding_keeps_its_name_when_something_is_put_before_it():
    source = b"defmodule A do\n  def one(list), do: length(list) == 0\nend\n"
    moved = b"# A comment.\n" + source
    assert [finding.id for finding in find(source)] == [finding.id for finding in find(moved)] != []


@given(st.text(alphabet='adefmodu o(){}[]<>|=&"\n\\#~:,.1-é🙂', max_size=200))
def test_reads_any_text(text):
    """Whatever stands in a file, it is read; what cannot be understood is only left out."""
    find(text.encode())
