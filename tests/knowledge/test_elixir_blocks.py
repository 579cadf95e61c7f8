"""What a rule for Elixir may ask of blocks, servers and functions without a name."""

from __future__ import annotations

import pytest

from whetstone_knowledge.elixir.blocks import is_dropped, results, straight
from whetstone_knowledge.elixir.find import _leaves, _pattern
from whetstone_knowledge.elixir.match import Match
from whetstone_knowledge.elixir.reading import read
from whetstone_knowledge.elixir.servers import may_take, message_clauses, takes_all
from whetstone_knowledge.elixir.variables import bound_in, taken_in
from whetstone_knowledge.elixir.waiting import NETWORK, calls_of, waits
from whetstone_knowledge.trees import below


def matched(source: str, word: str) -> Match:
    """Return the first place of a word in a text."""
    text = read(source.encode())
    return Match(next(_leaves(text, _pattern(word))), text)


def in_function(*lines: str) -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"defmodule A do\n  def f(x) do\n{body}  end\nend\n"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["1", "2"], ["2"]),
        (["if x, do: 1, else: 2"], ["1", "2"]),
        (["if x do", "  1", "else", "  2", "end"], ["1", "2"]),
        (["case x do", "  1 -> a", "  _ ->", "    b", "    c", "end"], ["a", "c"]),
        (["with 1 <- x do", "  a", "else", "  _ -> b", "end"], ["a", "b"]),
        (["x", "rescue", "  _ -> b", "after", "  c"], ["x", "b"]),
        (["if x do", "  case x do", "    1 -> a", "  end", "end"], ["a"]),
        (["receive do", "  ^x -> a", "after", "  9 -> b", "end"], ["a", "b"]),
    ],
)
def test_knows_what_a_block_results_in(lines, expected):
    match = matched(in_function(*lines), "x")
    assert match.clause is not None
    assert [match.text(node) for node in results(match.clause.body)] == expected


@pytest.mark.parametrize(
    ("lines", "dropped"),
    [
        (["here()", "1"], True),
        (["here()"], False),
        (["y = here()", "1"], False),
        (["g(here())", "1"], False),
        (["if x do", "  here()", "end", "1"], True),
        (["if x do", "  here()", "end"], False),
        (["case x do", "  1 -> here()", "end", "1"], True),
        (["Enum.each(x, fn y -> here() end)"], True),
        (["Enum.map(x, fn y -> here() end)"], False),
        (["x", "rescue", "  _ -> here()"], False),
    ],
)
def test_knows_whose_value_nobody_gets(lines, dropped):
    match = matched(in_function(*lines), "here")
    assert match.call is not None
    assert is_dropped(match, match.call.whole) == dropped


@pytest.mark.parametrize(
    ("lines", "reached"),
    [
        (["g(here())"], True),
        (["case here() do", "  1 -> 2", "end"], True),
        (["if x, do: here()"], False),
        (["if x do", "  here()", "end"], False),
        (["fn -> here() end"], False),
        (["here() || x"], True),
        (["x && here()"], False),
    ],
)
def test_knows_what_is_reached_in_every_case(lines, reached):
    match = matched(in_function(*lines), "here")
    assert match.clause is not None
    assert (match.leaf in straight(match.clause.body)) == reached


@pytest.mark.parametrize(
    ("pattern", "atom", "pair"),
    [
        (":timeout", True, False),
        ("message", True, True),
        ("^message", True, True),
        (":timeout = message", True, False),
        (":tick = message", False, False),
        ("{:timeout, ref}", False, True),
        ("{tag, ref} = message", False, True),
        ("{:timeout, ref, message}", False, False),
        ("{:tick, :timeout}", False, False),
        ("%{}", False, False),
    ],
)
def test_knows_what_a_clause_may_take(pattern, atom, pair):
    source = f"defmodule A do\n  use GenServer\n  def handle_info({pattern}, state), do: {{:noreply, state}}\nend\n"
    module = matched(source, "handle_info").module
    assert module is not None
    (clause,) = message_clauses(module)
    assert may_take(clause, ":timeout") == atom
    assert may_take(clause, ":timeout", 2) == pair
    assert takes_all(clause) == (pattern == "message")


def test_knows_which_clauses_a_call_with_fewer_arguments_reaches():
    module = matched("defmodule A do\n  def f(a, b \\\\ 1, c \\\\ 2), do: a + b + c\nend\n", "f").module
    assert module is not None
    assert [arity for arity in range(5) if module.reached_by("f", arity)] == [1, 2, 3]
    assert module.defines("f", 1)


def test_knows_the_clauses_behind_a_head_with_defaults():
    source = "defmodule A do\n  def f(a, b \\\\ 1)\n  def f(0, b), do: b\n  def f(a, b), do: a + b\nend\n"
    module = matched(source, "f").module
    assert module is not None
    assert [len(module.reached_by("f", arity)) for arity in range(4)] == [0, 2, 2, 0]


def test_knows_what_a_function_takes_in_from_around_it():
    text = read(b"f = fn a, {b, _} -> c = a + b + d.e; g(c) end")
    function = next(node for node in below(text.root) if node.type == "anonymous_function")
    assert set(bound_in(function, text)) == {"a", "b", "_", "c"}
    assert [text.text(node) for node in taken_in(function, text)] == ["d"]


def test_only_what_the_process_itself_does_makes_it_wait():
    source = in_function(
        "Task.async(fn -> Req.get!(x) end)",
        "Enum.map(x, &Req.post!/1)",
        "Req.new()",
        "Enum.map(x, fn y -> Req.put(y) end)",
        "later(fn -> Req.get(x) end)",
    )
    match = matched(source, "f")
    assert match.clause is not None
    assert [call.name for call in calls_of(match.clause, match.whole) if waits(call, NETWORK)] == ["post!", "put"]
