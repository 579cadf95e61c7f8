"""WE222: a slice of a binary kept in a server's state, and with it all of the binary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.blocks import results
from whetstone_knowledge.elixir.calls import items, operands
from whetstone_knowledge.elixir.match import variables
from whetstone_knowledge.elixir.variables import bound_in
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match, Replacement
    from whetstone_knowledge.elixir.modules import Clause

_COPIED_ANYWAY = 64
"""Bytes up to which a slice is a copy of its own."""


class LargeBinaryHeldBySlice(ElixirRule):
    """Keeps a slice of a binary in a server's state, which holds all of the binary.

    What a pattern takes out of a binary refers to it, and the whole of it lives as long as the slice does: 200 slices
    of 65 bytes held 19.5 MB of binaries of 100 kB, their copies 12 kB. The rule stays quiet for slices of up to 64
    bytes, which hold nothing, for what the pattern takes as the rest, and for what is copied or made into something
    else.

    A copy costs its length; where the slice is most of the binary, or the state is replaced soon, there is nothing to
    gain.
    """

    code = "WE222"
    title = "Copy the slice"
    message = "`{slice}` in the state keeps the whole binary it was taken from"
    severity = "low"
    weight = 15
    fix = "mechanical"
    words = ("size",)
    before = """
        defmodule Uploads do
          use GenServer

          @impl true
          def init(_options), do: {:ok, %{titles: []}}

          @impl true
          def handle_cast({:uploaded, <<length::32, title::binary-size(length), _::binary>>}, state) do
            {:noreply, %{state | titles: [title | state.titles]}}
          end
        end
    """
    after = """
        defmodule Uploads do
          use GenServer

          @impl true
          def init(_options), do: {:ok, %{titles: []}}

          @impl true
          def handle_cast({:uploaded, <<length::32, title::binary-size(length), _::binary>>}, state) do
            {:noreply, %{state | titles: [:binary.copy(title) | state.titles]}}
          end
        end
    """
    more = (
        (
            """
            defmodule Uploads do
              use GenServer

              def init(_options), do: {:ok, %{}}

              def handle_info({:tcp, _socket, data}, state) do
                <<head::bytes-size(100), _::binary>> = data
                {:noreply, Map.put(state, :head, head)}
              end
            end
            """,
            """
            defmodule Uploads do
              use GenServer

              def init(_options), do: {:ok, %{}}

              def handle_info({:tcp, _socket, data}, state) do
                <<head::bytes-size(100), _::binary>> = data
                {:noreply, Map.put(state, :head, :binary.copy(head))}
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Uploads do
          use GenServer

          def init(_options), do: {:ok, %{}}

          def handle_info(<<id::binary-size(16), _::binary>>, state), do: {:noreply, %{state | id: id}}
        end
        """,
        """
        defmodule Uploads do
          use GenServer

          def init(_options), do: {:ok, %{}}

          def handle_info(<<size, name::binary-size(size), rest::binary>>, state) do
            {:noreply, %{state | name: String.to_integer(name), rest: rest}}
          end
        end
        """,
        """
        defmodule Uploads do
          use GenServer

          def init(_options), do: {:ok, %{}}

          def handle_info(<<size, name::binary-size(size), _::binary>>, state) do
            {:noreply, %{state | name: :binary.copy(name)}}
          end
        end
        """,
        """
        defmodule Uploads do
          use GenServer

          def init(_options), do: {:ok, %{}}

          def handle_call(<<size, name::binary-size(size), _::binary>>, _from, state) do
            {:reply, name, state}
          end
        end
        """,
        """
        defmodule Uploads do
          def head(<<size, name::binary-size(size), _::binary>>), do: {:noreply, %{name: name}}
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a sized slice that a callback takes out of a binary goes into its state as it is."""
        slice_ = _slice(match)
        clause = match.clause
        if slice_ is None or clause is None or not match.in_callback:
            return False
        name = match.text(slice_)
        if _times_bound(match, clause, name) != 1:
            return False
        kept = [
            node
            for outcome in results(clause.body)
            for node in _kept(match, _state(outcome))
            if match.text(node) == name
        ]
        match.underline(slice_)
        match.also("slice", slice_)
        match.also("kept", *kept)
        return bool(kept)

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Copy it where it goes into the state."""
        for node in match.captures["kept"]:
            yield match.replaced(node, f":binary.copy({match.text(node)})")


def _slice(match: Match) -> Node | None:
    """Return the variable whose segment of a binary this is the size of, if that may be more than 64 bytes."""
    path = match.ancestors
    if match.call is None or len(match.call.arguments) != 1 or not any(node.type == "bitstring" for node in path):
        return None
    size = match.text(match.call.arguments[0])
    if size.isdigit() and int(size) <= _COPIED_ANYWAY:
        return None
    for node in reversed(path):
        sides = operands(node)
        if sides is not None and sides[1] == "::":
            is_binary = match.text(sides[2]).startswith(("binary", "bytes")) and "unit" not in match.text(sides[2])
            return sides[0] if is_binary and sides[0].type == "identifier" else None
    return None


def _times_bound(match: Match, clause: Clause, name: str) -> int:
    """Return how often a clause binds a variable: what it is bound to elsewhere need not be a binary."""
    parameters = (match.text(each) for parameter in clause.parameters for each in variables(parameter))
    body = (each for part in clause.body for each in bound_in(part, match.whole))
    return [*parameters, *body].count(name)


def _state(outcome: Node) -> Node | None:
    """Return the state in what a callback returns."""
    held = items(outcome) if outcome.type == "tuple" else []
    tag = (held[0].text or b"").decode() if held else ""
    place = {":ok": 1, ":noreply": 1, ":reply": 2}.get(tag)
    return held[place] if place is not None and len(held) > place else None


def _kept(match: Match, state: Node | None) -> Sequence[Node]:
    """Return the variables that are part of a new state as they are, in maps, lists and tuples and by `Map.put`."""
    return [node for node in _values(match, state) if node.type == "identifier"] if state is not None else []


def _values(match: Match, node: Node) -> Iterator[Node]:
    if node.type in {"map", "map_content", "list", "tuple", "keywords", "pair", "block", "struct"}:
        for child in node.named_children:
            if child.type != "keyword":
                yield from _values(match, child)
        return
    call, sides = match.read(node), operands(node)
    if call is not None:
        for each in call.arguments if call.module == "Map" and call.name in {"put", "put_new", "replace"} else ():
            yield from _values(match, each)
    elif sides is not None and sides[1] in {"|", "=>"}:
        yield from _values(match, sides[0])
        yield from _values(match, sides[2])
    else:
        yield node
