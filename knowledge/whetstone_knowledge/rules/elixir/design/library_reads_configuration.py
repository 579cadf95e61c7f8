"""WE308: a function that reads the configuration of the whole node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from whetstone_knowledge.elixir.match import Match

_FUNCTIONS = ("get_env", "fetch_env", "fetch_env!", "get_all_env")


class LibraryReadsConfiguration(ElixirRule):
    """Reads the application environment within a function, so that all of a node share one setting.

    There is one value for a key, so two users of a library cannot have two, and tests that set it cannot run side by
    side. An option with a default, given to the function or to `start_link/1`, can be said where it is needed.

    The rule speaks only when it is asked for: whether the code is a library, no file of it says, and in an application
    this is how it is done. It stays quiet in the module that starts an application, in tasks of Mix, and outside of
    functions.
    """

    code = "WE308"
    title = "Take it as an option, with a default"
    message = "All users of this code in one node get the same setting"
    severity = "low"
    weight = 15
    fix = "none"
    on_request = True
    words = _FUNCTIONS
    beside = ("Application",)
    before = """
        defmodule Splitter do
          def split(text) do
            String.split(text, "-", parts: Application.fetch_env!(:splitter, :parts))
          end
        end
    """
    after = ""
    more = (
        (
            """
            defmodule Splitter do
              def parts, do: :splitter |> Application.get_env(:parts, 2)
            end
            """,
            "",
        ),
    )
    quiet = (
        """
        defmodule Splitter do
          @parts Application.compile_env(:splitter, :parts)

          def split(text), do: String.split(text, "-", parts: @parts)
        end
        """,
        """
        defmodule Splitter.Application do
          use Application

          def start(_type, _arguments) do
            Supervisor.start_link(children(Application.get_env(:splitter, :parts)), strategy: :one_for_one)
          end
        end
        """,
        """
        defmodule Mix.Tasks.Split do
          use Mix.Task

          def run(_arguments), do: Mix.shell().info(Application.fetch_env!(:splitter, :parts))
        end
        """,
        """
        defmodule Splitter do
          def home, do: System.fetch_env!("HOME")
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a function of a module that may be a library's reads the environment."""
        call, module = match.call, match.module
        if call is None or call.module != "Application" or match.clause is None or module is None:
            return False
        return "Application" not in module.behaviours and not module.is_of_mix
