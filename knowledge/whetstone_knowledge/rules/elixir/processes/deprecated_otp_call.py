"""WE135: modules and functions that have been replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match, Replacement

_REASONS = {
    "Supervisor.Spec": "children are written as `{Module, argument}`, or as maps with `:id` and `:start`",
    "GenEvent": "use `Registry`, Phoenix.PubSub, or `:gen_event` itself",
    ":simple_one_for_one": "start such children under a DynamicSupervisor",
}


class DeprecatedOtpCall(ElixirRule):
    """Uses what Elixir has replaced: `Supervisor.Spec`, `GenEvent`, `:simple_one_for_one`, `Logger.warn`.

    Newer versions of Elixir warn of each when they compile it, and a later one may be without. Child specifications as
    tuples and maps came with 1.5, DynamicSupervisor with 1.6, `Logger.warning` with 1.11.

    The rule stays quiet about modules of one's own that have such a name, and about `:simple_one_for_one` in the
    flags of an Erlang `:supervisor`, where it is as good as ever.

    Only `Logger.warn` has a rewrite, which means the same from Elixir 1.11 on. The others change the shape of the code.
    """

    code = "WE135"
    title = "Use what took its place"
    message = "`{old}` is deprecated: newer versions of Elixir warn of it, and a later one may be without"
    severity = "high"
    weight = 30
    fix = "mechanical"
    leaves_tests = False
    words = ("Supervisor.Spec", "GenEvent", ":simple_one_for_one", "warn")
    before = """
        defmodule Cache do
          require Logger

          def miss(key) do
            Logger.warn("nothing is known of #{key}")
          end
        end
    """
    after = """
        defmodule Cache do
          require Logger

          def miss(key) do
            Logger.warning("nothing is known of #{key}")
          end
        end
    """
    more = (
        (
            """
            defmodule Cache do
              require Logger

              def miss(key), do: "nothing is known of #{key}" |> Logger.warn(key: key)
            end
            """,
            """
            defmodule Cache do
              require Logger

              def miss(key), do: "nothing is known of #{key}" |> Logger.warning(key: key)
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Cache do
          require Logger

          def miss(key), do: Logger.warning(key)
        end
        """,
        """
        defmodule Cache do
          alias Cache.Logger

          def miss(key), do: Logger.warn(key)
        end
        """,
        """
        defmodule Pool do
          @behaviour :supervisor

          def init(worker) do
            {:ok, {%{strategy: :simple_one_for_one}, [%{id: worker, start: {worker, :start_link, []}}]}}
          end
        end
        """,
        """
        defmodule Cache do
          alias Cache.GenEvent

          def start, do: GenEvent.start_link()
        end
        """,
        """
        defmodule Cache do
          def levels, do: [warn: 1, error: 2]
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether one of the old names is used."""
        old = _logger(match) or _module(match) or _strategy(match)
        if old is None:
            return False
        match.also("old", old)
        match.underline(old)
        return True

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Write the new name of `Logger.warn`."""
        if match.call is None:
            raise Refused(_REASONS[match.resolved(match.leaf)])
        yield match.replaced(match.leaf, "warning")


def _logger(match: Match) -> Node | None:
    """Return the `Logger.warn` that is called here."""
    call = match.call
    if call is None or not call.to("Logger", "warn", 1, 2):
        return None
    return call.node.child_by_field_name("target")


def _module(match: Match) -> Node | None:
    """Return the name of an old module where it is used or called."""
    if match.leaf.type != "alias" or match.resolved(match.leaf) not in _REASONS or len(match.ancestors) < 2:
        return None
    call = match.read(match.ancestors[-2])
    if call is None:
        return None
    is_directive = call.is_local and call.name in {"use", "import"} and call.arguments[0] == match.leaf
    return match.leaf if is_directive or call.receiver == match.leaf else None


def _strategy(match: Match) -> Node | None:
    """Return the strategy that a supervisor is given here."""
    if match.leaf.type != "atom":
        return None
    call = next((call for node in reversed(match.ancestors[-5:]) if (call := _called(match, node))), None)
    if call is None or not (call.module == "Supervisor" or (call.is_local and call.name == "supervise")):
        return None
    return match.leaf if call.option("strategy") == match.leaf else None


def _called(match: Match, node: Node) -> Call | None:
    return match.read(node) if node.type == "call" else None
