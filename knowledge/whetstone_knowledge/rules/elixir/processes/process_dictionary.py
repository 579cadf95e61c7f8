"""WE133: values kept in the dictionary of the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from whetstone_knowledge.elixir.match import Match

_FUNCTIONS = frozenset({"put", "get", "delete", "erase"})
_KNOWN = frozenset({'"$callers"', '"$ancestors"', '"$initial_call"'})


class ProcessDictionary(ElixirRule):
    """Keeps values in the dictionary of the process, where no function shows that it needs them.

    What a function reads from there is neither an argument nor part of the state: a test has to know of it, a task or
    another process does not have it, and it is gone with the process.

    The rule speaks only when it is asked for, since libraries keep much there for good reason, such as the metadata of
    a logger or the locale of a request; it stays quiet about the keys that OTP itself keeps.
    """

    code = "WE133"
    title = "Pass it as an argument, or keep it in the state"
    message = "What is kept in the process dictionary is no argument, no state, and unknown to other processes"
    severity = "low"
    weight = 15
    fix = "none"
    on_request = True
    words = ("put", "get", "delete", "erase")
    before = """
        defmodule Request do
          def remember(user), do: Process.put(:user, user)
        end
    """
    after = ""
    more = (
        (
            """
            defmodule Request do
              def user, do: :user |> :erlang.get()
            end
            """,
            "",
        ),
    )
    quiet = (
        """
        defmodule Request do
          def callers, do: Process.get(:"$callers", [])
        end
        """,
        """
        defmodule Request do
          def user(request), do: Map.get(request, :user)
        end
        """,
        """
        defmodule Request do
          alias Request.Process

          def user, do: Process.get(:user)
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether the dictionary is read or written, for a key of one's own."""
        call = match.call
        if call is None or call.module not in {"Process", ":erlang"} or call.name not in _FUNCTIONS:
            return False
        return not call.arguments or match.text(call.arguments[0]).lstrip(":") not in _KNOWN
