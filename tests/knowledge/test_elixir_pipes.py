"""Two steps of a chain made one, and counts compared with zero: what is written, and what is refused."""

from __future__ import annotations

import pytest

from whetstone_codegen import rewritten
from whetstone_knowledge.elixir.find import find
from whetstone_knowledge.rule import Refused
from whetstone_knowledge.rules import BY_CODE


def mended(body: str, code: str = "WE208") -> str:
    """Return what a rule makes of the body of a function."""
    source = f"defmodule A do\n  def f(list) do\n{body}\n  end\nend\n".encode()
    (finding,) = find(source, [BY_CODE[code]])
    made = rewritten(source, finding, BY_CODE[code]).text.decode()
    return made.removeprefix("defmodule A do\n  def f(list) do\n").removesuffix("\n  end\nend\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("    list |> Enum.map(g()) |> Enum.join()", "    list |> Enum.map_join(g())"),
        ("    Enum.map(list, g()) |> Enum.join(j)", "    Enum.map_join(list, j, g())"),
        ("    Enum.join(list |> Enum.map(g()), j)", "    Enum.map_join(list, j, g())"),
        ("    Enum.join((list |> Enum.map(g())), j)", "    Enum.map_join(list, j, g())"),
    ],
)
def test_two_steps_become_one_in_every_shape(before, after):
    assert mended(before) == after


@pytest.mark.parametrize(
    "body",
    [
        "    list\n    # The names.\n    |> Enum.map(g())\n    # One text.\n    |> Enum.join()",
        "    Enum.join(\n      # The names.\n      Enum.map(list, g()),\n      j\n    )",
    ],
)
def test_a_comment_between_two_steps_is_not_lost(body):
    with pytest.raises(Refused, match="comment"):
        mended(body)


def test_a_comment_in_what_is_kept_stays():
    body = "    list\n    |> Enum.map(fn x ->\n      # Its name.\n      x.name\n    end)\n    |> Enum.join()"
    assert "# Its name." in mended(body)


def test_lines_of_a_string_are_not_moved():
    body = '    Enum.join(\n      Enum.map(list, fn x ->\n        "a\n        b"\n      end),\n      j\n    )'
    with pytest.raises(Refused, match="string"):
        mended(body)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("    length(a = list) == 0", "    (a = list) == []"),
        ("    length(for x <- list, do: x) == 0", "    (for x <- list, do: x) == []"),
        ("    length(list ++ list) == 0", "    list ++ list == []"),
        ("    length(list |> g(1)) > 0", "    match?([_ | _], list |> g(1))"),
        ("    length(for x <- list, do: x) > 0", "    match?([_ | _], (for x <- list, do: x))"),
    ],
)
def test_what_is_compared_holds_together(before, after):
    assert mended(before, "WE204") == after


def test_a_comparison_that_is_compared_again_is_left_alone():
    source = b"defmodule A do\n  def f(list, b), do: b == length(list) < 1\nend\n"
    assert find(source, [BY_CODE["WE204"]]) == []


@pytest.mark.parametrize(
    ("body", "code", "reason"),
    [
        ("    Enum.reduce(list, [], fn x, a -> if x in a, do: a, else: a ++ [x] end)", "WE201", "something else"),
        ("    Enum.reduce(list, [0], fn x, acc -> acc ++ [x] end)", "WE201", "begin empty"),
        ("    Enum.reduce(list, {[], 0}, fn x, {acc, n} -> {acc ++ [x], n} end)", "WE201", "together with"),
        ('    Enum.reduce(list, "", fn x, acc -> String.trim(acc) <> x <> acc end)', "WE203", "something else"),
        ("    m |> Map.put(:a, 1) |> Map.put(:a, 2) |> Map.put(:b, 3)", "WE217", "twice"),
        ("    Enum.map(list, &Enum.at(list, &1, 0))", "WE206", "behind the end"),
    ],
)
def test_says_why_it_does_not_rewrite(body, code, reason):
    with pytest.raises(Refused, match=reason):
        mended(body, code)


def test_a_function_without_a_block_has_no_line_before_its_loop():
    source = b"defmodule A do\n  def f(list, at), do: Enum.map(at, &Enum.at(list, &1))\nend\n"
    (finding,) = find(source, [BY_CODE["WE206"]])
    with pytest.raises(Refused, match="`do` and `end`"):
        rewritten(source, finding, BY_CODE["WE206"])


def test_a_new_variable_takes_no_name_that_is_there():
    body = "    list_tuple = 1\n    Enum.map(list_tuple, &Enum.at(list, &1))"
    assert "list_tuple2 = List.to_tuple(list)\n" in mended(body, "WE206")
