"""WE115: tasks that end their caller after five seconds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import items
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match, Replacement

_BARE = {
    ("Task", "async_stream"): (2, 4),
    ("Task.Supervisor", "async_stream"): (3, 5),
    ("Task.Supervisor", "async_stream_nolink"): (3, 5),
}
"""How many arguments each takes without options."""
_SAID = re.compile(r"\b(?:timeout|on_timeout)\b")
_UNSAID = "timeout: 5_000, on_timeout: :exit"


class AsyncStreamTimeoutUnsaid(ElixirRule):
    """Runs a stream of tasks without saying how long each may take, and what happens when it takes longer.

    Without options each task has five seconds, and the first that needs more ends the caller, and with it all the other
    tasks and what they have done. With `on_timeout: :kill_task` only that task ends, and its place in the result is
    taken by `{:exit, :timeout}`.

    The rule stays quiet where one of the two options is given, and where the options are not written out in the call.

    The rewrite writes down what holds now, so that nothing changes but that it can be read; then choose.
    """

    code = "WE115"
    title = "Write down what happens to slow tasks"
    message = "A task that takes longer than five seconds ends the caller, and all the other tasks"
    severity = "medium"
    weight = 30
    fix = "mechanical"
    words = ("async_stream", "async_stream_nolink")
    before = """
        defmodule Shop.Prices do
          def refresh(products) do
            products
            |> Task.async_stream(&fetch/1, max_concurrency: 4)
            |> Enum.to_list()
          end
        end
    """
    after = """
        defmodule Shop.Prices do
          def refresh(products) do
            products
            |> Task.async_stream(&fetch/1, max_concurrency: 4, timeout: 5_000, on_timeout: :exit)
            |> Enum.to_list()
          end
        end
    """
    more = (
        (
            """
            defmodule Shop.Prices do
              def refresh(ids) do
                Task.Supervisor.async_stream_nolink(Tasks, ids, &fetch/1)
              end
            end
            """,
            """
            defmodule Shop.Prices do
              def refresh(ids) do
                Task.Supervisor.async_stream_nolink(Tasks, ids, &fetch/1, timeout: 5_000, on_timeout: :exit)
              end
            end
            """,
        ),
        (
            """
            defmodule Shop.Prices do
              def all(ids), do: Task.async_stream(ids, Prices, :fetch, [], [])
              def names(ids), do: Task.async_stream(ids, Names, :fetch, [], timeout: 100)
            end
            """,
            """
            defmodule Shop.Prices do
              def all(ids), do: Task.async_stream(ids, Prices, :fetch, [], timeout: 5_000, on_timeout: :exit)
              def names(ids), do: Task.async_stream(ids, Names, :fetch, [], timeout: 100)
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Shop.Prices do
          def refresh(products), do: Task.async_stream(products, &fetch/1, timeout: :infinity)
        end
        """,
        """
        defmodule Shop.Prices do
          def refresh(products), do: products |> Task.async_stream(&fetch/1, [{:on_timeout, :kill_task}])
        end
        """,
        """
        defmodule Shop.Prices do
          def refresh(products, options), do: Task.async_stream(products, &fetch/1, options)
        end
        """,
        """
        defmodule Shop.Prices do
          def refresh(products), do: Flow.async_stream(products, &fetch/1)
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a stream of tasks is made, with neither option."""
        call = match.call
        if call is None:
            return False
        options = _options(call)
        if options is not None:
            match.also("options", options)
            return not _SAID.search(match.text(options))
        return call.arity in _bare(call)

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Write both down as they are."""
        call = match.call
        if call is None:
            return
        if "options" not in match.captures:
            yield match.followed_by(call.arguments[-1], _UNSAID)
            return
        options = match.node("options")
        inside = items(options)
        if inside:
            yield match.inserted(inside[-1].end_byte, f", {_UNSAID}")
        else:
            yield match.replaced(options, _UNSAID)


def _options(call: Call) -> Node | None:
    """Return the options of a call, where they are written out in it."""
    last = call.arguments[-1] if call.arity - 1 in _bare(call) else None
    return last if last is not None and last.type in {"keywords", "list"} else None


def _bare(call: Call) -> tuple[int, ...]:
    return _BARE.get((call.module or "", call.name), ())
