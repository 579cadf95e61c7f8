"""WE301: an `else` that answers for the failures of several steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.branches import branches, section
from whetstone_knowledge.elixir.calls import items, operands
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match

_STEPS = 2
_ANSWERS = 4
_RESULTS = frozenset({":ok", ":error"})
"""What a function marks its result with; any other atom is the mark of a step."""


class ComplexElseInWith(ElixirRule):
    """Answers in one `else` of four clauses or more for the failures of several steps of a `with`.

    A failure comes to `else` without the step it is from. Where two steps may fail in the same way, one clause answers
    for both, and a step that is added later falls into a clause that was not written for it. Nothing of this costs time
    while all goes well.

    The rule stays quiet about fewer clauses, about a `with` of a single step, and where each step is marked with an
    atom of its own, as in `{:user, {:ok, user}} <- {:user, find(id)}`, since then it can be told which one failed.
    """

    code = "WE301"
    title = "Let each step return the error that the caller is to see"
    message = "This `else` answers for several steps at once and cannot tell which of them failed"
    severity = "low"
    weight = 15
    fix = "none"
    words = ("with",)
    beside = ("else",)
    before = """
        defmodule Shop.Orders do
          def load(path) do
            with {:ok, text} <- File.read(path),
                 {:ok, order} <- parse(text) do
              {:ok, order}
            else
              {:error, :enoent} -> {:error, :no_file}
              {:error, :eacces} -> {:error, :no_file}
              {:error, _reason} -> {:error, :bad_order}
              :error -> {:error, :bad_order}
            end
          end
        end
    """
    after = ""
    more = (
        (
            """
            defmodule Shop.Users do
              def sign_in(conn, params) do
                with %{"name" => name} <- params,
                     user = find(name),
                     true <- active?(user) do
                  put_user(conn, user)
                else
                  %{} -> refuse(conn, :no_name)
                  false -> refuse(conn, :inactive)
                  nil -> refuse(conn, :unknown)
                  other -> refuse(conn, other)
                end
              end
            end
            """,
            "",
        ),
    )
    quiet = (
        """
        defmodule Shop.Orders do
          def load(path) do
            with {:ok, text} <- File.read(path),
                 {:ok, order} <- parse(text) do
              {:ok, order}
            else
              {:error, :enoent} -> {:error, :no_file}
              {:error, reason} -> {:error, reason}
            end
          end
        end
        """,
        """
        defmodule Shop.Orders do
          def load(path) do
            with {:ok, text} <- File.read(path) do
              parse(text)
            else
              {:error, :enoent} -> {:error, :no_file}
              {:error, :eacces} -> {:error, :no_access}
              {:error, :eisdir} -> {:error, :a_folder}
              {:error, reason} -> {:error, reason}
            end
          end
        end
        """,
        """
        defmodule Shop.Orders do
          def load(path) do
            with {:read, {:ok, text}} <- {:read, File.read(path)},
                 {:parse, {:ok, order}} <- {:parse, parse(text)} do
              {:ok, order}
            else
              {:read, {:error, :enoent}} -> {:error, :no_file}
              {:read, {:error, reason}} -> {:error, {:unreadable, reason}}
              {:parse, :error} -> {:error, :bad_order}
              {:parse, {:error, reason}} -> {:error, {:bad_order, reason}}
            end
          end
        end
        """,
        """
        defmodule Shop.Orders do
          def load(order) do
            if paid?(order) do
              with {:ok, text} <- read(order), {:ok, lines} <- parse(text), do: lines
            else
              case order do
                %{state: :new} -> 1
                %{state: :sent} -> 2
                %{state: :lost} -> 3
                _other -> 4
              end
            end
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether one `else` has that many clauses for that many steps, and nothing marks the steps."""
        call = match.call
        answers = section(call.block, "else") if call is not None and call.block is not None else None
        if call is None or not call.is_local or answers is None or len(list(branches(answers))) < _ANSWERS:
            return False
        sides = (operands(step) for step in call.arguments)
        patterns = [each[0] for each in sides if each is not None and each[1] == "<-"]
        if len(patterns) < _STEPS or _are_marked(match, patterns):
            return False
        match.underline(answers.children[0])
        return True


def _are_marked(match: Match, patterns: list[Node]) -> bool:
    """Whether every pattern is a tuple that begins with an atom no other begins with."""
    marks = {
        match.text(parts[0])
        for pattern in patterns
        if pattern.type == "tuple" and (parts := items(pattern)) and parts[0].type == "atom"
    }
    return len(marks - _RESULTS) == len(patterns)
