"""WE223: atoms made of what comes in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import operands
from whetstone_knowledge.elixir.match import variables
from whetstone_knowledge.rule import ElixirRule
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match, Replacement
    from whetstone_knowledge.elixir.modules import Clause

_EXISTING = {
    ("String", "to_atom"): "String.to_existing_atom",
    ("List", "to_atom"): "List.to_existing_atom",
    (":erlang", "binary_to_atom"): ":erlang.binary_to_existing_atom",
    (":erlang", "list_to_atom"): ":erlang.list_to_existing_atom",
}


class DynamicAtom(ElixirRule):
    """Makes atoms of what a function is given.

    An atom is never collected, and a node stops when it has 1,048,576 of them: whoever can choose the text can stop it.
    The rule speaks where the text comes from a parameter of a public function, or of a callback, and stays quiet in
    macros and modules that define some, in Mix tasks, in what runs while a module is compiled, in functions that say
    `to_atom` themselves, and where a guard says which texts there may be. It sees this file only: who calls the
    function is not known.

    `String.to_existing_atom/1` raises `ArgumentError` for a text that is no atom yet. Where the atoms are few and
    known, a `case` over the texts says which.
    """

    code = "WE223"
    title = "Take atoms that exist"
    message = "Each new text becomes an atom, which is never freed"
    severity = "high"
    weight = 45
    fix = "review"
    words = ("to_atom", "binary_to_atom", "list_to_atom", "#{")
    before = """
        defmodule Api do
          def sort(params) do
            {String.to_atom(params["field"]), :asc}
          end
        end
    """
    after = """
        defmodule Api do
          def sort(params) do
            {String.to_existing_atom(params["field"]), :asc}
          end
        end
    """
    more = (
        (
            """
            defmodule Api do
              def keys(fields), do: fields |> Enum.map(fn field -> field |> String.to_atom() end)
            end
            """,
            """
            defmodule Api do
              def keys(fields), do: fields |> Enum.map(fn field -> field |> String.to_existing_atom() end)
            end
            """,
        ),
        (
            """
            defmodule Api do
              def topic(user), do: :"user_#{user.id}"
            end
            """,
            """
            defmodule Api do
              def topic(user), do: String.to_existing_atom("user_#{user.id}")
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Api do
          def level, do: String.to_atom(System.get_env("LEVEL", "info"))
        end
        """,
        """
        defmodule Api do
          def sort(field) when field in ["name", "age"], do: String.to_atom(field)
        end
        """,
        """
        defmodule Api do
          def field_to_atom(field), do: String.to_atom(field)
        end
        """,
        """
        defmodule Api do
          def getter(field) when is_atom(field), do: :"get_#{field}"
        end
        """,
        """
        defmodule Api do
          @fields ["name", "age"]

          for field <- @fields do
            def unquote(:"sort_#{field}")(), do: unquote(String.to_atom(field))
          end
        end
        """,
        """
        defmodule Mix.Tasks.Api do
          use Mix.Task

          def run([name]), do: IO.inspect(String.to_atom(name))
        end
        """,
        """
        defmodule Api.Fields do
          defmacro __using__(_options), do: quote(do: import(Api.Fields))

          def getter(name), do: :"get_#{name}"
        end
        """,
        """
        defmodule Api do
          def text(field), do: "field_#{field}"
        end
        """,
        """
        defmodule Api do
          def sort(params), do: String.to_existing_atom(params["field"])
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a new atom may come of a parameter, in code that runs in the field."""
        made = _made_of(match)
        clause = match.clause
        if made is None or clause is None or not _runs_in_the_field(match, clause):
            return False
        given = _given(match, clause)
        return any(match.text(each) in given for part in made for each in variables(part))

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Ask for an atom that exists."""
        call = match.call
        if call is None:
            atom = match.here
            yield match.replaced(atom, f"{match.named('String')}.to_existing_atom({match.string_of(atom)})")
            return
        target = call.node.child_by_field_name("target")
        if target is not None:
            module, _, name = _EXISTING[call.module or "", call.name].rpartition(".")
            yield match.replaced(target, f"{module if module[0] == ':' else match.named(module)}.{name}")


def _made_of(match: Match) -> list[Node] | None:
    """Return what an atom is made of here; `None` where none is."""
    call = match.call
    if call is not None:
        return list(call.arguments[:1]) if (call.module, call.name) in _EXISTING else None
    if len(match.ancestors) < 2 or match.ancestors[-2].type != "quoted_atom":
        return None
    atom = match.ancestors[-2]
    match.underline(atom)
    return [child for child in atom.named_children if child.type == "interpolation"]


def _runs_in_the_field(match: Match, clause: Clause) -> bool:
    """Whether a clause is called from outside, and not while something is compiled."""
    module = match.module
    if clause.kind != "def" or clause.name.startswith("__") or clause.name.endswith("to_atom") or module is None:
        return False
    if module.name.startswith("Mix.") or "Mix.Task" in module.behaviours | set(module.uses):
        return False
    return not any(each.kind.startswith("defmacro") for each in module.clauses)


def _given(match: Match, clause: Clause) -> set[str]:
    """Return the variables that hold what the clause is given: its parameters, and what is bound from those.

    Those of which a guard says what they may be are left out.
    """
    given = {match.text(each) for parameter in clause.parameters for each in variables(parameter)}
    given -= {match.text(each) for each in _known(clause)}
    for part in clause.body:
        for node in below(part):
            if node.type == "stab_clause" and node.parent is not None and node.parent.type == "anonymous_function":
                left = node.child_by_field_name("left")
                given |= {match.text(each) for each in variables(left)} if left is not None else set()
    return given


def _known(clause: Clause) -> Iterator[Node]:
    """Yield the variables that a guard holds against values, as in `name in ["a", "b"]`, and those that are atoms."""
    for node in below(clause.guard) if clause.guard is not None else ():
        sides = operands(node)
        if sides is not None and sides[1] in {"in", "==", "==="}:
            yield from variables(sides[0])
        elif node.type == "call" and (node.text or b"").startswith(b"is_atom("):
            yield from variables(node)
