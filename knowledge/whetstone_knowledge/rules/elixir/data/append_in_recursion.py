"""WE202: a list grown at its end from call to call."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge.elixir.appends import appended_to, put_in_front
from whetstone_knowledge.elixir.blocks import results
from whetstone_knowledge.elixir.match import variables
from whetstone_knowledge.rule import ElixirRule, Refused
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match, Replacement
    from whetstone_knowledge.elixir.modules import Clause


class AppendInRecursion(ElixirRule):
    """Appends to the list that a function hands to itself.

    `++` copies its left side, here everything found so far, in each call: for 20,000 items that is 200 million cells,
    where putting in front and turning round once at the end takes 40,000. The rule stays quiet where the left side is
    not the function's own parameter, handed on in its place.

    The rewrite is made for private functions that begin with an empty list and do nothing else with it. What one clause
    puts in front, each clause that returns the list has to turn round.
    """

    code = "WE202"
    title = "Put in front, and reverse at the end"
    message = "`{list} ++ …` copies all of `{list}` in each call"
    severity = "high"
    weight = 60
    fix = "review"
    evidence: ClassVar[Mapping[str, float]] = {"1.14": 53}
    sample = "Report.ids(rows)"
    words = ("++",)
    before = """
        defmodule Report do
          def ids(rows), do: ids(rows, [])

          defp ids([row | rows], found), do: ids(rows, found ++ [row.id])
          defp ids([], found), do: found
        end
    """
    after = """
        defmodule Report do
          def ids(rows), do: ids(rows, [])

          defp ids([row | rows], found), do: ids(rows, [row.id | found])
          defp ids([], found), do: Enum.reverse(found)
        end
    """
    more = (
        (
            """
            defmodule Report do
              def ids(rows), do: rows |> shown([])

              defp shown([row | rows], found) do
                if row.shown do
                  shown(rows, found ++ [row.id])
                else
                  rows |> shown(found)
                end
              end

              defp shown(_rows, found) do
                found
              end
            end
            """,
            """
            defmodule Report do
              def ids(rows), do: rows |> shown([])

              defp shown([row | rows], found) do
                if row.shown do
                  shown(rows, [row.id | found])
                else
                  rows |> shown(found)
                end
              end

              defp shown(_rows, found) do
                Enum.reverse(found)
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Tree do
          def walk(node, path) do
            Enum.each(node.children, fn child -> visit(child, path ++ [node.name]) end)
          end
        end
        """,
        """
        defmodule Tree do
          def walk([node | nodes], others, found), do: walk(nodes, found, others ++ [node])
          def walk([], _others, found), do: found
        end
        """,
        """
        defmodule Tree do
          def walk([node | nodes], found), do: walk(nodes, [node | found])
          def walk([], found), do: found ++ [:end]
        end
        """,
        """
        defmodule Tree do
          def walk([node | nodes], found), do: Other.walk(nodes, found ++ [node])
          def walk([], found), do: found
        end
        """,
        """
        defmodule Tree do
          def walk(nodes, path) do
            Enum.flat_map(nodes, fn node -> walk(node.children, path ++ [node.name]) end)
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a parameter is handed on in its own place, with something at its end, as the function's result."""
        operation = match.operation
        if operation is None or (grown := appended_to(operation)) is None:
            return False
        clause, call = match.clause, _handed_to(match)
        if clause is None or call is None or (call.name, call.arity) != (clause.name, clause.arity):
            return False
        place = call.arguments.index(operation)
        if match.text(clause.parameters[place]) != match.text(grown):
            return False
        match.also("list", grown)
        return call.whole in results(clause.body)

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Put in front in every call, and reverse wherever the list is returned."""
        clause, operation, call, module = match.clause, match.operation, _handed_to(match), match.module
        if clause is None or operation is None or call is None or module is None:
            return
        place = call.arguments.index(operation)
        own = module.functions.get((clause.name, clause.arity), ())
        if (clause.name, clause.arity) in module.perhaps:
            raise Refused("the function is defined only in some case")
        if any(each.kind != "defp" for each in own):
            raise Refused("other modules may call it with a list that is not empty")
        self._look_at_callers(match, clause, place)
        for each in own:
            yield from _turned(match, each, place)

    def _look_at_callers(self, match: Match, clause: Clause, place: int) -> None:
        module = match.module
        for each in module.clauses if module is not None else ():
            is_own = (each.name, each.arity) == (clause.name, clause.arity)
            goes_on = list(results(each.body)) if is_own else []
            for node in below(*each.body):
                call = match.read(node) if node.type == "call" else None
                if call is not None and call.whole in goes_on:
                    continue
                if call is not None and call.is_local and call.name == clause.name and call.arity == clause.arity:
                    if match.text(call.arguments[place]) != "[]":
                        raise Refused("it is called with a list that may not be empty")
                elif node.type == "unary_operator" and match.text(node).startswith(f"&{clause.name}/"):
                    raise Refused("it is handed on, to be called with any list")


def _turned(match: Match, clause: Clause, place: int) -> Iterator[Replacement]:
    """Yield what turns the list round in one clause; raises `Refused` where it does anything else with it."""
    parameter = clause.parameters[place]
    if parameter.type != "identifier":
        raise Refused("a clause looks into the list")
    name, outcomes = match.text(parameter), list(results(clause.body))
    seen = 0
    for node in outcomes:
        call = match.read(node)
        if match.text(node) == name:
            seen += 1
            yield match.replaced(node, f"{match.named('Enum')}.reverse({name})")
        elif call is not None and call.is_local and (call.name, call.arity) == (clause.name, clause.arity):
            handed = call.arguments[place]
            grown = appended_to(handed)
            if grown is not None and match.text(grown) == name:
                yield match.replaced(handed, put_in_front(match, handed))
            elif match.text(handed) != name:
                raise Refused("the list is handed on in another way too")
            seen += 1
        else:
            raise Refused("a clause returns something else than the list")
    parts = [*clause.body, *((clause.guard,) if clause.guard is not None else ())]
    if seen != sum(match.text(each) == name for part in parts for each in variables(part)):
        raise Refused(f"the function does something else with `{name}` too")


def _handed_to(match: Match) -> Call | None:
    """Return the local call that has this as an argument."""
    if len(match.ancestors) < 3 or match.ancestors[-2].type != "arguments":
        return None
    call = match.read(match.ancestors[-3])
    return call if call is not None and call.is_local and match.operation in call.arguments else None
