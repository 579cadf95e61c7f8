"""WE311: a `use` that only imports, and hides what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import is_call_of
from whetstone_knowledge.elixir.modules import body_of
from whetstone_knowledge.rule import ElixirRule
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match

_DIRECTIVES = ("alias", "import", "require")


class UseInsteadOfImport(ElixirRule):
    """Writes a `__using__` of nothing but `import`, `alias` and `require`.

    Whoever says `use` gets names into the module without seeing which, and depends while compiling on the module that
    is used and on all that it brings along. `import` and `alias` say the same where it can be read.

    The rule stays quiet where something else is quoted, such as an attribute or a function, where the options decide
    what is imported, where functions of `Kernel` are taken out, and where `__using__` has several clauses.
    """

    code = "WE311"
    title = "Let the reader import it"
    message = "`use` of this module only imports and aliases, which nobody sees where it is used"
    severity = "low"
    weight = 15
    fix = "none"
    reads_macros = True
    words = ("__using__",)
    before = """
        defmodule Shop.Formats do
          defmacro __using__(_options) do
            quote do
              import Shop.Formats
              alias Shop.Money
            end
          end

          def date(date), do: Date.to_iso8601(date)
        end
    """
    after = ""
    more = (
        (
            """
            defmodule Shop.Formats do
              defmacro __using__(_), do: quote(do: import(unquote(__MODULE__)))

              def date(date), do: Date.to_iso8601(date)
            end
            """,
            "",
        ),
    )
    quiet = (
        """
        defmodule Shop.Formats do
          defmacro __using__(_options) do
            quote do
              import Shop.Formats
              @behaviour Shop.Formats
            end
          end
        end
        """,
        """
        defmodule Shop.Formats do
          defmacro __using__(options) do
            quote do
              import Shop.Formats, only: unquote(options[:only])
            end
          end
        end
        """,
        """
        defmodule Shop.Operators do
          defmacro __using__(_options) do
            quote do
              import Kernel, except: [+: 2]
              import Shop.Operators
            end
          end
        end
        """,
        """
        defmodule Shop.Formats do
          defmacro __using__(which) when is_atom(which), do: apply(__MODULE__, which, [])

          def page do
            quote do
              import Shop.Formats
            end
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether the only clause of `__using__` quotes nothing but such directives, the same for everybody."""
        clause, module = match.definition, match.module
        if clause is None or module is None or clause.kind != "defmacro" or len(clause.body) != 1:
            return False
        call = match.read(clause.body[0]) if is_call_of(clause.body[0], "quote") else None
        if call is None or len(module.functions.get((clause.name, clause.arity), ())) != 1:
            return False
        quoted, _ = body_of(call)
        return bool(quoted) and all(_is_directive(match, node) for node in quoted)


def _is_directive(match: Match, node: Node) -> bool:
    call = match.read(node) if is_call_of(node, *_DIRECTIVES) else None
    if call is None or not call.arguments or match.text(call.arguments[0]) == "Kernel":
        return False
    unquoted = (each for each in below(node) if is_call_of(each, "unquote"))
    return all(match.text(each) == "unquote(__MODULE__)" for each in unquoted)
