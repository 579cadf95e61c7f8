"""WE120: a whole struct copied to another process for one of its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.loops import check_moves_up
from whetstone_knowledge.elixir.match import variables
from whetstone_knowledge.elixir.variables import taken_in
from whetstone_knowledge.elixir.words import RESERVED
from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match, Replacement
    from whetstone_knowledge.elixir.modules import Clause

_STARTERS = {
    "Agent": frozenset({"cast", "get", "get_and_update", "start", "start_link", "update"}),
    "Task": frozenset({"async", "async_stream", "start", "start_link"}),
    "Task.Supervisor": frozenset({"async", "async_nolink", "async_stream", "async_stream_nolink", "start_child"}),
}
_SPAWN = frozenset({"spawn", "spawn_link", "spawn_monitor"})


class StructCapturedForOneField(ElixirRule):
    """Hands a function to another process that takes in a whole struct or map for one of its fields.

    What a function takes in is copied into the process that runs it, all of it: twenty tasks that each needed one field
    of a map with a list of 200,000 took 78 ms to start, and 0.07 ms with the field alone.

    The rule stays quiet where the variable is used in any other way, for more than one field, and for functions that
    the same process calls.

    The rewrite reads the field before the function is made. Where the field is missing, the error is then raised in the
    caller, not in the other process.
    """

    code = "WE120"
    title = "Read the field first"
    message = "All of `{struct}` is copied to the other process, for `{field}`"
    severity = "high"
    weight = 60
    fix = "review"
    words = (
        *("async", "async_nolink", "async_stream", "async_stream_nolink", "start", "start_child", "start_link"),
        *("spawn", "spawn_link", "spawn_monitor", "cast", "get", "get_and_update", "update"),
    )
    before = """
        defmodule Shop.Mailer do
          def deliver(order) do
            Task.async(fn -> send_receipt(order.email) end)
          end
        end
    """
    after = """
        defmodule Shop.Mailer do
          def deliver(order) do
            email = order.email
            Task.async(fn -> send_receipt(email) end)
          end
        end
    """
    more = (
        (
            """
            defmodule Shop.Mailer do
              def deliver(orders, %{sender: _} = state) do
                results =
                  orders
                  |> Task.async_stream(fn order ->
                    send_receipt(order, from: state.sender)
                    log(state.sender, order.id)
                  end)
                  |> Enum.to_list()

                {:ok, results}
              end
            end
            """,
            """
            defmodule Shop.Mailer do
              def deliver(orders, %{sender: _} = state) do
                sender = state.sender

                results =
                  orders
                  |> Task.async_stream(fn order ->
                    send_receipt(order, from: sender)
                    log(sender, order.id)
                  end)
                  |> Enum.to_list()

                {:ok, results}
              end
            end
            """,
        ),
        (
            """
            defmodule Shop.Mailer do
              def deliver(order) do
                if order.paid? do
                  spawn(fn -> send_receipt(order.customer.email) end)
                end
              end
            end
            """,
            """
            defmodule Shop.Mailer do
              def deliver(order) do
                if order.paid? do
                  email = order.customer.email
                  spawn(fn -> send_receipt(email) end)
                end
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Shop.Mailer do
          def deliver(order) do
            Task.async(fn -> send_receipt(order.email, order) end)
          end
        end
        """,
        """
        defmodule Shop.Mailer do
          def deliver(orders) do
            Enum.map(orders, fn order -> order.email end)
          end
        end
        """,
        """
        defmodule Shop.Mailer do
          def deliver(orders) do
            Task.async_stream(orders, fn order -> send_receipt(order.email) end)
          end
        end
        """,
        """
        defmodule Shop.Mailer do
          def deliver(order) do
            email = order.email
            Task.async(fn -> send_receipt(email) end)
          end
        end
        """,
        """
        defmodule Shop.Mailer do
          def deliver(mailer) do
            Task.async(fn -> mailer.deliver() end)
          end
        end
        """,
        """
        defmodule Shop.Mailer do
          def deliver(order) do
            Task.async(fn -> send_receipt(order.email, order.name) end)
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a function given to another process takes in a variable for one field of it."""
        call = match.call
        if call is None or not _runs_elsewhere(call, match):
            return False
        function = next((node for node in call.arguments if node.type == "anonymous_function"), None)
        uses = _uses_of_one_field(function, match) if function is not None else []
        if not uses:
            return False
        match.underline(uses[0])
        match.also("field", *uses)
        match.also("struct", next(variables(uses[0])))
        return True

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Read the field in the caller, and take in what was read."""
        uses, clause = match.captures["field"], match.clause
        name = match.text(uses[0]).rpartition(".")[2]
        taken = {match.text(each) for each in variables(clause.node)} if clause is not None else {name}
        if clause is None or name in taken | RESERVED or name.endswith(("?", "!")):
            raise Refused(f"`{name}` cannot be the name of the variable: it is one already, or cannot be one")
        statement = _statement(match, clause)
        check_moves_up(match, statement, match.leaf, match.text(match.node("struct")))
        gap = "\n\n" if b"\n" in match.whole.source[statement.start_byte : statement.end_byte].strip() else "\n"
        yield match.inserted(statement.start_byte, f"{name} = {match.text(uses[0])}{gap}{match.indent(statement)}")
        for use in uses:
            yield match.replaced(use, name)


def _runs_elsewhere(call: Call, match: Match) -> bool:
    if call.name in _SPAWN:
        return match.is_kernel(call, call.name)
    return call.name in _STARTERS.get(call.module or "", ())


def _uses_of_one_field(function: Node, match: Match) -> Sequence[Node]:
    """Return the places `struct.field` of the first variable that a function takes in for that field alone.

    Where all of them go on to the same field of the field, it is that.
    """
    uses: dict[str, list[Node]] = {}
    for name in taken_in(function, match.whole):
        uses.setdefault(match.text(name), []).append(name)
    for names in uses.values():
        common: Sequence[Node] = []
        deeper = [_field_of(name) for name in names]
        while None not in deeper and len({node.text for node in deeper if node is not None}) == 1:
            common = [node for node in deeper if node is not None]
            deeper = [_field_of(node) for node in common]
        if common:
            return common
    return []


def _field_of(node: Node) -> Node | None:
    """Return `node.field`, without brackets, where a node is used like that."""
    dot = node.parent
    call = dot.parent if dot is not None and dot.type == "dot" else None
    if dot is None or call is None or call.type != "call" or dot.child_by_field_name("left") != node:
        return None
    return call if len(call.named_children) == 1 and dot.child_by_field_name("right") is not None else None


def _statement(match: Match, clause: Clause) -> Node:
    """Return the statement of a block that the call is part of, which has lines of its own."""
    path = [*match.ancestors, match.leaf]
    for depth in range(len(path) - 2, path.index(clause.node), -1):
        node, block = path[depth + 1], path[depth]
        if block.type in {"do_block", "body", "else_block"} and node.is_named:
            first = match.whole.source.rfind(b"\n", 0, node.start_byte) + 1
            if match.whole.source[first : node.start_byte].strip():
                break
            return node
    raise Refused("the function is written on one line; give it a `do … end` first")
