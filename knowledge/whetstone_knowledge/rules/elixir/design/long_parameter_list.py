"""WE303: a function of so many parameters that nobody knows their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import is_call_of
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from whetstone_knowledge.elixir.match import Match

_MANY = 6


class LongParameterList(ElixirRule):
    """Defines a public function of more than six parameters.

    Two values side by side can be exchanged in a call, and mostly nothing crashes: they are stored. Each parameter that
    is added changes every caller.

    The rule speaks only when it is asked for, because many such functions have good reasons. It stays quiet about
    private functions, whose accumulators are cheaper one by one, and about what a behaviour or a protocol asks for, as
    `@impl` and `defimpl` say.
    """

    code = "WE303"
    title = "Group what belongs together into a struct, or take options"
    message = "`{name}` takes so many parameters that callers mix them up"
    severity = "low"
    weight = 15
    fix = "none"
    on_request = True
    words = ("def",)
    before = """
        defmodule Library do
          def lend(name, email, street, city, title, edition, due) do
            {:lent, {name, email, street, city}, {title, edition}, due}
          end
        end
    """
    after = ""
    more = (
        (
            """
            defmodule Library do
              def lend(name, email, street, city, title, edition, options \\\\ [])

              def lend(nil, _email, _street, _city, _title, _edition, _options), do: :error
              def lend(name, _email, _street, _city, title, _edition, _options), do: {:lent, name, title}
            end
            """,
            "",
        ),
    )
    quiet = (
        """
        defmodule Library do
          def lend(reader, book, options \\\\ []), do: {:lent, reader, book, options}
        end
        """,
        """
        defmodule Library do
          defp walk([], shelf, row, column, width, height, found),
            do: {shelf, row, column, width, height, found}
        end
        """,
        """
        defmodule Library.Handler do
          @behaviour Handler

          @impl true
          def handle_event(event, measures, metadata, config, from, to, extra) do
            {event, measures, metadata, config, from, to, extra}
          end
        end
        """,
        """
        defimpl Lendable, for: Library.Book do
          def lend(book, name, email, street, city, edition, due),
            do: {book, name, email, street, city, edition, due}
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether this is the first clause of a public function that takes more than six values."""
        clause, module = match.clause, match.module
        if clause is None or module is None or match.ancestors[-1] != clause.node or clause.arity <= _MANY:
            return False
        clauses = module.functions.get((clause.name, clause.arity), ())
        if not clauses or clauses[0].node != clause.node or is_call_of(module.node, "defimpl"):
            return False
        before = clause.node.prev_named_sibling
        while before is not None and before.type in {"unary_operator", "comment"}:
            if match.text(before).startswith("@impl"):
                return False
            before = before.prev_named_sibling
        match.underline(clause.name_node)
        match.also("name", clause.name_node)
        return True
