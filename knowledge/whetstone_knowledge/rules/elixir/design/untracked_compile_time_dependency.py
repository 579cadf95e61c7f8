"""WE312: a module called while compiling under a name that the compiler cannot see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from whetstone_knowledge.elixir.match import Match


class UntrackedCompileTimeDependency(ElixirRule):
    """Calls, in the body of a module, a module whose name is put together there.

    What stands outside of functions runs when the module is compiled. The compiler notes which modules it names, to
    compile it again when one of those changes; a name made by `Module.concat` is none that it sees. So this module
    keeps what the other one said before, until all is compiled anew. (`:"Elixir.Shop.Report".title()` is seen: Elixir
    1.14 lists it in `mix xref`.)

    The rule speaks only where what `Module.concat` returns is called at once, or by `apply`. It stays quiet about
    functions, which run later, about names that are only kept, or given to `defmodule`, and about modules within this
    one, which mostly stand in the same file.
    """

    code = "WE312"
    title = "Write the names out"
    message = "The compiler does not see which module is called here, and keeps the result when that one changes"
    severity = "medium"
    weight = 30
    fix = "none"
    words = ("concat", "safe_concat")
    beside = ("Module",)
    before = """
        defmodule Shop.Reports do
          @titles for name <- [:Daily, :Monthly], do: Module.concat(Shop.Report, name).title()

          def titles, do: @titles
        end
    """
    after = ""
    more = (
        (
            """
            defmodule Shop.Reports do
              @daily apply(Module.concat(["Shop", "Report", "Daily"]), :title, [])

              def daily, do: @daily
            end
            """,
            "",
        ),
    )
    quiet = (
        """
        defmodule Shop.Reports do
          def title(name), do: Module.concat(Shop.Report, name).title()
        end
        """,
        """
        defmodule Shop.Reports do
          @modules for name <- [:Daily, :Monthly], do: Module.concat(Shop.Report, name)

          def titles, do: Enum.map(@modules, & &1.title())
        end
        """,
        """
        defmodule Shop.Reports do
          for name <- [:Daily, :Monthly] do
            defmodule Module.concat(Shop.Report, name) do
              def title, do: unquote(name)
            end
          end
        end
        """,
        """
        defmodule Shop.Reports do
          defmodule Daily do
            def title, do: "Today"
          end

          @titles for name <- [:Daily], do: Module.concat(__MODULE__, name).title()

          def titles, do: @titles
        end
        """,
        """
        defmodule Shop.Reports do
          @titles for report <- [Shop.Report.Daily, Shop.Report.Monthly], do: report.title()

          def titles, do: @titles
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a function of the module with that name is called, in the body of another."""
        call = match.call
        if call is None or call.module != "Module" or match.clause is not None or match.module is None:
            return False
        if not call.arguments or match.text(call.arguments[0]).lstrip("[").startswith("__MODULE__"):
            return False
        around = call.whole.parent
        if around is not None and around.type == "arguments" and around.parent is not None:
            caller = match.read(around.parent)
            return caller is not None and caller.arguments[0] == call.node and match.is_kernel(caller, "apply", 2, 3)
        if around is None or around.type != "dot" or around.child_by_field_name("left") != call.node:
            return False
        return around.parent is not None and around.parent.type == "call"
