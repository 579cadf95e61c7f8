"""WE232: configuration that is kept as it was when compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match, Replacement

_AT_ONCE = frozenset({"case", "cond", "defmodule", "for", "if", "scope", "unless", "with"})
"""What runs its block where it stands."""
_NEW = {"get_env": "compile_env", "fetch_env!": "compile_env!"}


class EnvironmentReadWhenCompiled(ElixirRule):
    """Reads the configuration in the body of a module, and keeps what it was on the machine that compiled.

    What stands outside of functions runs once, when the module is compiled. In a release that is the value of the build
    machine: what `runtime.exs` or the environment say when it starts changes nothing, and nobody is told.

    The rule stays quiet about functions, macros and `compile_env`, about blocks that a macro may make a function of,
    such as a route, and about tests and scripts.

    With the rewrite the value is still that of compiling, but a release that starts with another one says so and stops.
    What has to be read at the start belongs into a function: `Application.fetch_env!/2` where it is needed. The rewrite
    is refused for `System.get_env`, for which only that is right.
    """

    code = "WE232"
    title = "Say that it is meant: compile_env"
    message = "This is read once, on the machine that compiles; later configuration changes nothing"
    severity = "high"
    weight = 30
    fix = "review"
    words = ("get_env", "fetch_env!", "fetch_env")
    before = """
        defmodule Shop.Mail do
          @server Application.get_env(:shop, :mail_server)

          def server, do: @server
        end
    """
    after = """
        defmodule Shop.Mail do
          @server Application.compile_env(:shop, :mail_server)

          def server, do: @server
        end
    """
    more = (
        (
            """
            defmodule Shop.Mail do
              @port Application.fetch_env!(:shop, :mail)[:port]

              def port, do: @port
            end
            """,
            """
            defmodule Shop.Mail do
              @port Application.compile_env!(:shop, :mail)[:port]

              def port, do: @port
            end
            """,
        ),
        (
            """
            defmodule Shop.Mail do
              if Application.get_env(:shop, :debug, false) do
                def debug, do: :on
              end
            end
            """,
            """
            defmodule Shop.Mail do
              if Application.compile_env(:shop, :debug, false) do
                def debug, do: :on
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Shop.Mail do
          def server, do: Application.get_env(:shop, :mail_server)
        end
        """,
        """
        defmodule Shop.Mail do
          @server Application.compile_env(:shop, :mail_server)

          def server, do: @server
        end
        """,
        """
        defmodule Shop.Router do
          use Plug.Router

          get "/server" do
            send_resp(conn, 200, Application.get_env(:shop, :mail_server))
          end
        end
        """,
        """
        defmodule Shop.Mail do
          defmacro __using__(_options) do
            quote do
              @server Application.get_env(:shop, :mail_server)
            end
          end
        end
        """,
        """
        defmodule Shop.Mail do
          @settings Shop.Settings.get_env(:shop, :mail_server)
          @reader fn -> Application.get_env(:shop, :mail_server) end

          def server, do: @settings || @reader.()
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether the environment is read in the body of a module."""
        call = match.call
        if call is None or call.module not in {"Application", "System"} or match.module is None:
            return False
        if not call.arguments:  # as in `&Application.get_env/2`
            return False
        return match.clause is None and not any(_may_run_later(match, node) for node in match.ancestors)

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Say that it is read when compiling."""
        call = match.call
        if call is None:
            return
        if call.module == "System":
            raise Refused("the environment of the system has to be read when the program runs; do it in a function")
        if call.name not in _NEW:
            raise Refused("`fetch_env/2` has no counterpart that is read when compiling; use `compile_env!/2`")
        yield match.replaced(match.leaf, _NEW[call.name])


def _may_run_later(match: Match, node: Node) -> bool:
    """Whether code in a node may become a function: in a `fn`, or in a block that a macro is given."""
    if node.type == "anonymous_function":
        return True
    call = match.read(node) if node.type == "call" else None
    return call is not None and call.block is not None and call.name not in _AT_ONCE
