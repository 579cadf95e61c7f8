"""WE224: bytes turned into terms that may fill the table of atoms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import operands
from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match, Replacement

_FROM_DISK = (b"File.read", b":file.", b":beam_lib.")


class UnsafeBinaryToTerm(ElixirRule):
    """Turns bytes into a term, whatever is in them.

    `:erlang.binary_to_term/1` makes each atom that the bytes name. Atoms are never collected: whoever can send bytes
    can fill their table, and that ends the whole node. `[:safe]` raises `ArgumentError` for atoms that are not known.
    It lets functions through, which run when somebody calls them, an enumeration for example:
    `Plug.Crypto.non_executable_binary_to_term/2` refuses those as well.

    The rule stays quiet where options are given, where the bytes were made by `term_to_binary` right there, where the
    function reads them from a file, which the program mostly wrote itself, and in tasks of Mix. Other bytes that nobody
    else can write are fine as they are.

    With the rewrite, atoms in old bytes that the program does not name any more raise.
    """

    code = "WE224"
    title = "Refuse atoms that are not known"
    message = "Bytes from outside can make atoms here until the node is gone"
    severity = "high"
    weight = 30
    fix = "review"
    words = ("binary_to_term",)
    before = """
        defmodule Session do
          def read(cookie), do: :erlang.binary_to_term(cookie)
        end
    """
    after = """
        defmodule Session do
          def read(cookie), do: :erlang.binary_to_term(cookie, [:safe])
        end
    """
    more = (
        (
            """
            defmodule Session do
              def read(cookie) do
                cookie
                |> Base.decode64!()
                |> :erlang.binary_to_term()
              end
            end
            """,
            """
            defmodule Session do
              def read(cookie) do
                cookie
                |> Base.decode64!()
                |> :erlang.binary_to_term([:safe])
              end
            end
            """,
        ),
        (
            """
            defmodule Session do
              def read(cookies), do: Enum.map(cookies, &:erlang.binary_to_term/1)
            end
            """,
            """
            defmodule Session do
              def read(cookies), do: Enum.map(cookies, &:erlang.binary_to_term(&1, [:safe]))
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Session do
          def read(cookie), do: :erlang.binary_to_term(cookie, [:safe])
        end
        """,
        """
        defmodule Session do
          def copy(term), do: term |> :erlang.term_to_binary() |> :erlang.binary_to_term()
        end
        """,
        """
        defmodule Session do
          def read(cookie), do: Plug.Crypto.non_executable_binary_to_term(cookie, [:safe])
        end
        """,
        """
        defmodule Session do
          def load(path), do: path |> File.read!() |> :erlang.binary_to_term()
        end
        """,
        """
        defmodule Session do
          def read(cookie), do: binary_to_term(cookie)

          defp binary_to_term(cookie), do: Jason.decode!(cookie)
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether bytes are turned into any term."""
        call = match.call
        if call is None or call.module != ":erlang" or _is_from_here(match):
            return False
        if not call.arguments:
            return _named(match, call.node) is not None
        made = match.read(call.arguments[0])
        return call.arity == 1 and not (made is not None and made.name == "term_to_binary")

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Ask for the safe way."""
        call = match.call
        named = _named(match, call.node) if call is not None else None
        if named is not None:
            if sum(node.type == "unary_operator" for node in match.ancestors) > 1:
                raise Refused("it is named inside of another `&`, where it cannot be given an argument")
            yield match.replaced(named, ":erlang.binary_to_term(&1, [:safe])")
        elif call is not None:
            yield match.appended(call, "[:safe]")


def _is_from_here(match: Match) -> bool:
    """Whether the bytes come from a file, or the code is run by who develops the program."""
    if match.module is not None and match.module.is_of_mix:
        return True
    function = match.clause.node.text if match.clause is not None else None
    return any(word in (function or b"") for word in _FROM_DISK)


def _named(match: Match, function: Node) -> Node | None:
    """Return the `function/1` that a function is named in."""
    around = function.parent
    sides = operands(around) if around is not None else None
    return around if sides is not None and sides[1] == "/" and match.text(sides[2]) == "1" else None
