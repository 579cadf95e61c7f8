"""WE306: `&&` and `||` between booleans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import items, operands
from whetstone_knowledge.elixir.pipes import bare
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match, Replacement

_ASSERTIVE = {"&&": "and", "||": "or"}
_COMPARISONS = frozenset({"==", "!=", "===", "!==", "<", ">", "<=", ">=", "=~", "in", "not in"})
_ASKS_THE_KIND = frozenset(
    {
        *("is_atom", "is_binary", "is_bitstring", "is_boolean", "is_exception", "is_float", "is_function"),
        *("is_integer", "is_list", "is_map", "is_map_key", "is_nil", "is_number", "is_pid", "is_port"),
        *("is_reference", "is_struct", "is_tuple", "match?", "function_exported?", "macro_exported?"),
    }
)
_OF_ELIXIR = frozenset(
    {
        *("Enum", "Map", "Keyword", "MapSet", "List", "String", "Path", "File", "Process", "Code", "Macro", "Module"),
        *("Date", "Time", "DateTime", "NaiveDateTime", "Regex", "Version", "Range", "Tuple", "URI", "Exception"),
    }
)
"""Modules whose functions with a question mark return booleans and nothing else."""
_WORDS_END = frozenset({b")", b"]", b"}", b'"', b"'", b"_", b"?", b"!"})
"""What the side of an operator may end with, beside letters and numbers."""


class NonAssertiveTruthiness(ElixirRule):
    """Joins with `&&` or `||` what are booleans in any case.

    `&&` and `||` take every value and ask whether it is `nil` or `false`, so a reader has to consider `nil` where there
    is none. `and` and `or` say that there is none, raise where that is wrong, and may stand in guards as well.

    The rule speaks only where every part is a comparison, a question such as `is_nil(x)` or `Enum.empty?(list)`, a
    negation, `true` or `false`. It stays quiet about a lone `!`, about what could be `nil`, such as a field or a
    variable, and outside of `def` and `defp`, since a macro may give the operators another meaning.

    `and` raises `BadBooleanError` where its left side is no boolean, so the rewrite is to be looked at where one part
    calls a function with a question mark that is not Elixir's own: that its answer is a boolean is only a habit.
    """

    code = "WE306"
    title = "Say with `and`, `or` and `not` that these are booleans"
    message = "All of this is boolean, and `{operator}` reads as if there were a `nil`"
    severity = "low"
    weight = 15
    fix = "mechanical"
    words = ("&&", "||")
    before = """
        defmodule Shop.Users do
          def named?(name) do
            is_binary(name) && byte_size(name) > 0
          end
        end
    """
    after = """
        defmodule Shop.Users do
          def named?(name) do
            is_binary(name) and byte_size(name) > 0
          end
        end
    """
    more = (
        (
            """
            defmodule Shop.Users do
              def shown?(user, users) do
                !is_nil(user.name) && (user.name == "root" || user not in users) && !user.hidden
              end
            end
            """,
            """
            defmodule Shop.Users do
              def shown?(user, users) do
                not is_nil(user.name) and (user.name == "root" or user not in users) and !user.hidden
              end
            end
            """,
        ),
        (
            """
            defmodule Shop.Users do
              def greeting(user, now) do
                if user.name =~ "x" || birthday?(user, now) do
                  :hooray
                else
                  :hello
                end
              end

              defp birthday?(user, now), do: user.born == now
            end
            """,
            """
            defmodule Shop.Users do
              def greeting(user, now) do
                if user.name =~ "x" or birthday?(user, now) do
                  :hooray
                else
                  :hello
                end
              end

              defp birthday?(user, now), do: user.born == now
            end
            """,
        ),
        (
            """
            defmodule Shop.Users do
              def reachable?(users),
                do:
                  users |> Enum.any?(& &1.mail) ||
                    users != []
            end
            """,
            """
            defmodule Shop.Users do
              def reachable?(users),
                do:
                  users |> Enum.any?(& &1.mail) or
                    users != []
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Shop.Users do
          def limit(options), do: options[:limit] || 100
        end
        """,
        """
        defmodule Shop.Users do
          def named?(user), do: user.name && byte_size(user.name) > 0
        end
        """,
        """
        defmodule Shop.Users do
          def first(users), do: is_list(users) && hd(users)
        end
        """,
        """
        defmodule Shop.Users do
          def hidden?(user), do: !is_nil(user.hidden_at)
        end
        """,
        """
        defmodule Shop.Users do
          def both?(user), do: user.active? && user.paid?
        end
        """,
        """
        defmodule Shop.Users do
          defn both(a, b) do
            a > 0 && b > 0
          end
        end
        """,
        """
        defmodule Shop.Users do
          import Kernel, except: [&&: 2]

          def both?(a, b), do: a > 0 && b > 0
        end
        """,
        """
        defmodule Shop.Users do
          def found(query), do: query |> Ash.Query.filter(is_nil(name) && age > 3)
        end
        """,
        """
        defmodule Shop.Users do
          def found, do: [filter: expr(is_nil(name) && age > 3)]
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether everything that a chain of such operators joins is boolean; the outermost of them speaks."""
        chain = match.operation
        if chain is None or match.clause is None or match.clause.kind not in {"def", "defp"}:
            return False
        around = next(node for node in reversed(match.ancestors[:-1]) if node.type != "block")
        if _is_joined(around) or not _is_boolean(match, chain):
            return False
        if _has_other_meaning(match):
            return False
        match.also("operator", match.leaf)
        return True

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Write every operator of the chain in its assertive form."""
        yield from _assertive(match, match.here)


def _has_other_meaning(match: Match) -> bool:
    """Whether the operators are another module's here: imported, or of an expression that Ash makes a query from."""
    if match.module is not None and "Kernel" in match.module.imports:
        return True
    calls = (call for node in match.ancestors if node.type == "call" and (call := match.read(node)) is not None)
    return any(call.name == "expr" if call.is_local else (call.module or "").startswith("Ash.") for call in calls)


def _is_joined(node: Node) -> bool:
    sides = operands(node)
    return sides is not None and sides[1] in _ASSERTIVE


def _is_boolean(match: Match, node: Node) -> bool:
    """Whether a value is `true` or `false`; where only a question mark says so, the rewrite is to be looked at."""
    node = bare(node)
    sides = operands(node)
    if sides is not None and sides[1] != "|>":
        left, operator, right = sides
        if operator in _ASSERTIVE or operator in {"and", "or"}:
            return _is_boolean(match, left) and _is_boolean(match, right)
        return operator in _COMPARISONS
    if node.type == "unary_operator":
        return node.children[0].type in {"!", "not"}
    return node.type == "boolean" or _is_question(match, node)


def _is_question(match: Match, node: Node) -> bool:
    """Whether a call is named like a question, or is one of Elixir's own."""
    if _is_known_question(match, node):
        return True
    call = match.read(node)
    if call is None or not (call.is_local or call.module) or call.block is not None or not call.name.endswith("?"):
        return False
    match.review()
    return True


def _is_known_question(match: Match, node: Node) -> bool:
    """Whether a call is a question of Elixir's own, which is answered with `true` or `false` only."""
    call = match.read(node)
    if call is None:
        return False
    if call.module in _OF_ELIXIR:
        return call.name.endswith("?")
    return call.name in _ASKS_THE_KIND and match.is_kernel(call, call.name)


def _assertive(match: Match, node: Node) -> Iterator[Replacement]:
    """Yield what makes a boolean expression one of `and`, `or` and `not`."""
    node = bare(node)
    sides = operands(node)
    if sides is not None and sides[1] in {*_ASSERTIVE, "and", "or"}:
        left, operator, right = sides
        yield from _assertive(match, left)
        sign = node.child_by_field_name("operator")
        if sign is not None and operator in _ASSERTIVE:
            yield match.replaced(sign, _apart(match, sign, _ASSERTIVE[operator]))
        yield from _assertive(match, right)
    elif node.type == "unary_operator" and node.children[0].type == "!":
        negated = items(node)[0]
        # `not` binds as closely as `!` does, so that nothing else has to change.
        if negated.type == "call" and _is_known_question(match, negated):
            yield match.replaced(node.children[0], _apart(match, node.children[0], "not"))


def _apart(match: Match, sign: Node, word: str) -> str:
    """Return a word that takes the place of a sign, with the space that a word needs around it and a sign does not."""
    source = match.whole.source
    before, behind = source[sign.start_byte - 1 : sign.start_byte], source[sign.end_byte : sign.end_byte + 1]
    return f"{' ' if before.isalnum() or before in _WORDS_END else ''}{word}{'' if behind.isspace() else ' '}"
