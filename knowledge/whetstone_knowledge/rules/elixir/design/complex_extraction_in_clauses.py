"""WE302: heads that take apart what only their bodies need, beside what chooses the clause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import pairs
from whetstone_knowledge.elixir.match import variables
from whetstone_knowledge.rule import ElixirRule
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match
    from whetstone_knowledge.elixir.modules import Clause

_CLAUSES = 2
_MANY = 3


class ComplexExtractionInClauses(ElixirRule):
    """Takes apart in the heads of several clauses three values or more that do not choose the clause.

    Between the variables that a guard asks about stand those that only the body needs, so that one has to read each
    clause to its end to see why it is there. The compiler makes the same of both ways to write it.

    The rule speaks only when it is asked for, as it is a matter of reading. It counts what is bound to the keys of maps
    and structs, and only in clauses with a guard that asks about a value beside them; it stays quiet about a single
    clause, and about variables that stand twice in a head, which compare two values.
    """

    code = "WE302"
    title = "Bind in the head what decides, and take the rest apart in the body"
    message = "The clauses of `{name}` are chosen by less than their heads take apart"
    severity = "low"
    weight = 15
    fix = "none"
    on_request = True
    words = ("def", "defp")
    beside = ("when",)
    before = """
        defmodule Shop.Parcels do
          def ship(%{weight: weight, street: street, city: city, zip: zip}) when weight > 30 do
            {:freight, street, city, zip}
          end

          def ship(%{weight: weight, street: street, city: city, zip: zip}) when weight > 0 do
            {:parcel, street, city, zip}
          end
        end
    """
    after = ""
    more = (
        (
            """
            defmodule Shop.Parcels do
              defp ship(%Order{weight: w, to: %{street: street, city: city, zip: zip}}, _) when w > 30,
                do: {:freight, street, city, zip}

              defp ship(%Order{weight: w, to: %{street: street, city: city, zip: zip}}, _) when w > 0,
                do: {:parcel, street, city, zip}

              defp ship(_order, fallback), do: fallback
            end
            """,
            "",
        ),
    )
    quiet = (
        """
        defmodule Shop.Parcels do
          def ship(%{weight: weight, street: street, city: city, zip: zip}) when weight > 0 do
            {:parcel, street, city, zip}
          end
        end
        """,
        """
        defmodule Shop.Parcels do
          def ship(%{weight: weight} = order) when weight > 30, do: {:freight, order}
          def ship(%{weight: weight} = order) when weight > 0, do: {:parcel, order}
        end
        """,
        """
        defmodule Shop.Parcels do
          def ship(%{kind: :freight, street: street, city: city, zip: zip}), do: {street, city, zip}
          def ship(%{kind: :parcel, street: street, city: city, zip: zip}), do: [street, city, zip]
        end
        """,
        """
        defmodule Shop.Dates do
          def earlier(%{year: a, month: b, day: c}, %{year: a, month: b, day: d}) when c < d,
            do: c + b + a

          def earlier(%{year: a, month: b, day: c}, %{year: a, month: b, day: d}) when c >= d,
            do: d + b + a
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether this is the first of several clauses whose heads bind so much for their bodies only."""
        clause, module = match.clause, match.module
        if clause is None or module is None or match.ancestors[-1] != clause.node or not _is_overloaded(match, clause):
            return False
        clauses = module.functions.get((clause.name, clause.arity), ())
        overloaded = [each for each in clauses if _is_overloaded(match, each)]
        if len(overloaded) < _CLAUSES or overloaded[0].node != clause.node:
            return False
        match.underline(clause.name_node)
        match.also("name", clause.name_node)
        return True


def _is_overloaded(match: Match, clause: Clause) -> bool:
    """Whether the guard asks about a value bound to a key, beside three that only the body needs."""
    if clause.guard is None:
        return False
    written = [match.text(node) for parameter in clause.parameters for node in variables(parameter)]
    bound = {match.text(node) for parameter in clause.parameters for node in _bound_to_keys(parameter)}
    asked = {match.text(node) for node in variables(clause.guard)}
    needed = {match.text(node) for part in clause.body for node in variables(part)}
    beside = {name for name in bound - asked if written.count(name) == 1 and name in needed}
    return bool(bound & asked) and len(beside) >= _MANY


def _bound_to_keys(parameter: Node) -> Iterator[Node]:
    """Yield the variables that stand for the values of keys in a pattern."""
    for node in below(parameter):
        for pair in pairs(node) if node.type == "map" else ():
            value = pair.child_by_field_name("value")
            if value is not None and value.type == "identifier":
                yield value
