"""WE304: brackets after a struct, which has no Access."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import operands
from whetstone_knowledge.elixir.variables import bound_in
from whetstone_knowledge.rule import ElixirRule, Refused
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_knowledge.elixir.match import Match, Replacement
    from whetstone_knowledge.elixir.modules import Clause, Module

_FIELD = re.compile(r":[a-z_]\w*[?!]?", re.ASCII)
_ACCESS = re.compile(r"\bAccess\b|\bdef\w*[ (]+fetch\b")
_OF_ELIXIR = frozenset(
    {
        *("Date", "Time", "DateTime", "NaiveDateTime", "Date.Range", "Range", "Regex", "URI", "Version", "MapSet"),
        *("Task", "Stream", "File.Stat", "File.Stream", "IO.Stream", "Macro.Env", "Inspect.Opts", "Calendar.ISO"),
    }
)
"""Structs that come with Elixir; none has Access."""
_BRING_NO_ACCESS = frozenset(
    {"GenServer", "Supervisor", "DynamicSupervisor", "Agent", "Application", "Task", "Ecto.Schema"}
)
"""What a module may `use` without getting an Access that cannot be seen in its text."""


class NonAssertiveMapAccess(ElixirRule):
    """Reads a field with brackets from what its own clause takes as a struct.

    Brackets ask the module of the struct for `fetch/2`, as `Access` wants it. A struct has none unless somebody wrote
    it, so that the first call raises `UndefinedFunctionError`, whatever the field holds. A dot reads it, and is checked
    by the compiler where it knows the struct.

    The rule speaks only of structs that this text defines, or that come with Elixir: others may well have Access. It
    stays quiet where the module has a `fetch`, names `Access`, or says `use` of what might bring that along, and
    where the variable is bound a second time.
    """

    code = "WE304"
    title = "Read the field with a dot"
    message = "`{variable}` is a struct without Access, so this raises whenever it runs"
    severity = "high"
    weight = 45
    fix = "mechanical"
    words = ("[",)
    before = """
        defmodule Shop.Order do
          defstruct [:price, :currency]

          def total(%__MODULE__{} = order, count) do
            {order[:price] * count, order.currency}
          end
        end
    """
    after = """
        defmodule Shop.Order do
          defstruct [:price, :currency]

          def total(%__MODULE__{} = order, count) do
            {order.price * count, order.currency}
          end
        end
    """
    more = (
        (
            """
            defmodule Shop.Log do
              alias Date, as: Day

              def year(at = %Day{}), do: at[:year]
            end
            """,
            """
            defmodule Shop.Log do
              alias Date, as: Day

              def year(at = %Day{}), do: at.year
            end
            """,
        ),
        (
            """
            defmodule Shop.Order do
              use GenServer

              defstruct [:address, lines: %{}]

              def handle_cast({:move, street}, %Shop.Order{lines: %{}} = order) do
                {:noreply, put_in(order[:address][:street], street)}
              end
            end
            """,
            """
            defmodule Shop.Order do
              use GenServer

              defstruct [:address, lines: %{}]

              def handle_cast({:move, street}, %Shop.Order{lines: %{}} = order) do
                {:noreply, put_in(order.address[:street], street)}
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Shop.Order do
          def total(%Shop.Elsewhere{} = order), do: order[:price]
        end
        """,
        """
        defmodule Shop.Order do
          defstruct [:price]

          def total(%{} = order), do: order[:price]
        end
        """,
        """
        defmodule Shop.Order do
          defstruct [:price]

          def fetch(order, key), do: Map.fetch(order, key)

          def total(%__MODULE__{} = order), do: order[:price]
        end
        """,
        """
        defmodule Shop.Order do
          defstruct [:price]

          defdelegate fetch(order, key), to: Map

          def total(%__MODULE__{} = order), do: order[:price]
        end
        """,
        """
        defmodule Shop.Order do
          use StructAccess

          defstruct [:price]

          def total(%__MODULE__{} = order), do: order[:price]
        end
        """,
        """
        defmodule Shop.Order do
          defstruct [:price]

          def total(%__MODULE__{} = order) do
            order = Map.from_struct(order)
            order[:price]
          end
        end
        """,
        """
        defmodule Shop.Order do
          defstruct [:price]

          def prices(%__MODULE__{} = order, orders) do
            [order.price | Enum.map(orders, fn order -> order[:price] end)]
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a field is read so from a parameter that is matched as such a struct, and bound nowhere else."""
        # A bracket opens many other things, so what stands around it is asked in the bytes first.
        source, at = match.whole.source, match.leaf.start_byte
        if source[at + 1 : at + 2] != b":" or (not source[at - 1 : at].isalnum() and source[at - 1 : at] != b"_"):
            return False
        access, clause = match.ancestors[-1], match.clause
        target, key = access.child_by_field_name("target"), access.child_by_field_name("key")
        if access.type != "access_call" or clause is None or target is None or key is None:
            return False
        name = match.text(target)
        if target.type != "identifier" or not _FIELD.fullmatch(match.text(key)):
            return False
        struct = _struct_of(match, clause, name)
        if struct is None or any(name in bound_in(part, match.whole) for part in clause.body):
            return False
        match.underline(access)
        match.also("variable", target)
        match.also("key", key)
        return _has_no_access(match, struct)

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Read the field with a dot."""
        if any(call is not None and call.name == "pop_in" for call in map(match.read, match.ancestors)):
            raise Refused("a field cannot be taken out of a struct")
        yield match.replaced(match.here, f"{match.text(match.node('variable'))}.{match.text(match.node('key'))[1:]}")


def _struct_of(match: Match, clause: Clause, name: str) -> str | None:
    """Return the struct that a clause takes under a name, in full; `None` where its head does not say one."""
    for node in (inner for parameter in clause.parameters for inner in below(parameter)):
        sides = operands(node)
        if sides is None or sides[1] != "=" or name not in {match.text(sides[0]), match.text(sides[2])}:
            continue
        pattern = sides[0] if match.text(sides[2]) == name else sides[2]
        kind = next((child for child in pattern.named_children if child.type == "struct"), None)
        if pattern.type == "map" and kind is not None and kind.named_children:
            return match.resolved(kind.named_children[0])
    return None


def _has_no_access(match: Match, struct: str) -> bool:
    defining = [module for module in match.whole.modules if module.name == struct]
    return all(_is_plain(match, module) for module in defining) if defining else struct in _OF_ELIXIR


def _is_plain(match: Match, module: Module) -> bool:
    """Whether nothing in a module gives its struct Access."""
    return frozenset(module.uses) <= _BRING_NO_ACCESS and not _ACCESS.search(match.text(module.node))
