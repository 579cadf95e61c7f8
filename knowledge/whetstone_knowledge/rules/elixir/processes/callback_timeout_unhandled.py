"""WE101: a callback that asks for a `:timeout` message nobody handles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.blocks import results
from whetstone_knowledge.elixir.calls import items, operands
from whetstone_knowledge.elixir.servers import may_take, message_clauses, with_messages
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match, Replacement

_SIZES = {":noreply": 3, ":reply": 4, ":ok": 3}
"""How many elements what a callback returns has, with a time-out."""
_UNITS = frozenset({"seconds", "minutes", "hours", "hms"})
_HIBERNATES = """
  def handle_info(:timeout, state), do: {:noreply, state, :hibernate}"""


class CallbackTimeoutUnhandled(ElixirRule):
    """Ends the result of a callback with a time-out, and handles no `:timeout`.

    The number does not send the server into hibernation: it sends it the message `:timeout` when nothing else has come
    for that long. Where `handle_info/2` has clauses, and none for it, the server dies with `:function_clause` after its
    first idle period. Where it has none at all, each idle period logs an error and does nothing else.

    The rule stays quiet where a clause of `handle_info/2` may take `:timeout`, where the last element is a variable,
    `:hibernate`, `:infinity` or `{:continue, term}`, and while part of the module cannot be read. It sees this file
    only: a clause that a macro brings in is not seen.

    The clause it adds has the server hibernate, which is what the number is most often meant to do. To have that
    without the message, start the server with `hibernate_after:` and leave the number out.
    """

    code = "WE101"
    title = "Hibernate when the time is out"
    message = "Asks for the message `:timeout`, which no clause of `handle_info/2` takes"
    severity = "high"
    weight = 60
    fix = "mechanical"
    words = (":noreply", ":reply", "init")
    needs_whole_module = True
    before = """
        defmodule Store do
          use GenServer

          @hibernate_after 15_000

          @impl true
          def init(entries), do: {:ok, entries}

          @impl true
          def handle_cast({:put, key, value}, entries) do
            {:noreply, Map.put(entries, key, value), @hibernate_after}
          end

          @impl true
          def handle_info({:drop, key}, entries) do
            {:noreply, Map.delete(entries, key)}
          end
        end
    """
    after = """
        defmodule Store do
          use GenServer

          @hibernate_after 15_000

          @impl true
          def init(entries), do: {:ok, entries}

          @impl true
          def handle_cast({:put, key, value}, entries) do
            {:noreply, Map.put(entries, key, value), @hibernate_after}
          end

          @impl true
          def handle_info(:timeout, state), do: {:noreply, state, :hibernate}

          def handle_info({:drop, key}, entries) do
            {:noreply, Map.delete(entries, key)}
          end
        end
    """
    more = (
        (
            """
            defmodule Runner do
              use GenServer

              def init(port), do: {:ok, port}

              def handle_info({port, {:exit_status, _status}}, port) do
                {:noreply, port, 100}
              end
            end
            """,
            """
            defmodule Runner do
              use GenServer

              def init(port), do: {:ok, port}

              def handle_info(:timeout, state), do: {:noreply, state, :hibernate}

              def handle_info({port, {:exit_status, _status}}, port) do
                {:noreply, port, 100}
              end
            end
            """,
        ),
        (
            """
            defmodule Store do
              use GenServer

              def init(entries), do: {:ok, entries, :timer.minutes(5)}

              def handle_call(:all, _from, entries), do: {:reply, entries, entries}
            end
            """,
            """
            defmodule Store do
              use GenServer
              require Logger

              def init(entries), do: {:ok, entries, :timer.minutes(5)}

              def handle_info(:timeout, state), do: {:noreply, state, :hibernate}

              def handle_info(message, state) do
                Logger.warning("#{inspect(__MODULE__)} ignored #{inspect(message)}")
                {:noreply, state}
              end

              def handle_call(:all, _from, entries), do: {:reply, entries, entries}
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Session do
          use GenServer

          def init(user), do: {:ok, user, 60_000}
          def handle_call(:user, _from, user), do: {:reply, user, user, 60_000}
          def handle_info(:timeout, user), do: {:stop, :normal, user}
        end
        """,
        """
        defmodule Session do
          use GenServer

          def init(user), do: {:ok, user}

          def handle_cast({:rename, user}, timeout_or_hibernate) do
            {:noreply, user, timeout_or_hibernate}
          end

          def handle_info(:tick, user), do: {:noreply, user, :hibernate}
        end
        """,
        """
        defmodule Session do
          use GenServer

          @idle :infinity

          def init(user), do: {:ok, user, {:continue, :load}}
          def handle_cast(:touch, user), do: {:noreply, user, @idle}
          def handle_info(:tick, user), do: {:noreply, user}
        end
        """,
        """
        defmodule Session do
          use GenServer

          def init(user), do: {:ok, user}
          def handle_cast(:touch, user), do: {:noreply, user, 60_000}
          def handle_info(message, user) when is_atom(message), do: {:stop, message, user}
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a callback's result ends with a length of time, and the module has no clause for what that brings."""
        module = match.module
        if module is None or not module.is_server or match.clause is None:
            return False
        timeout = _timeout(match)
        if timeout is None or ("handle_info", 2) in module.perhaps:
            return False
        if any(may_take(clause, ":timeout") for clause in message_clauses(module)):
            return False
        match.underline(timeout)
        return True

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Handle the message by hibernating."""
        yield from with_messages(match, _HIBERNATES)


def _timeout(match: Match) -> Node | None:
    """Return the length of time that the result at hand ends with, if it does."""
    around = match.ancestors[-1]
    if around.type == "tuple":
        return _last(around, match)
    clause = match.definition
    if clause is None or clause.arity != 1:
        return None
    return next((found for result in results(clause.body) if (found := _last(result, match)) is not None), None)


def _last(node: Node, match: Match) -> Node | None:
    inside = items(node) if node.type == "tuple" else []
    if not inside or _SIZES.get(match.text(inside[0])) != len(inside):
        return None
    return inside[-1] if _is_length_of_time(inside[-1], match) else None


def _is_length_of_time(node: Node, match: Match) -> bool:
    sides = operands(node)
    if sides is not None:
        return all(_is_length_of_time(side, match) for side in (sides[0], sides[2]))
    call = match.read(node)
    if call is not None:
        return call.module == ":timer" and call.name in _UNITS
    if node.type == "unary_operator" and match.module is not None:
        values = match.module.attributes.get(match.text(node).removeprefix("@"), ())
        return bool(values) and not any(value.type == "atom" for value in values)
    return node.type == "integer"
