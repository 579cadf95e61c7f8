"""WE205: all of something counted to compare the number with zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge.elixir.comparisons import compared_with_zero
from whetstone_knowledge.elixir.effects import function_may_have_effects, may_have_effects
from whetstone_knowledge.rule import ElixirRule, Refused
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match, Replacement


class CountComparedWithZero(ElixirRule):
    """Counts everything to learn whether there is anything.

    `Enum.count/1` goes through all of a list or a stream, and `Enum.count/2` asks its function about every item;
    `Enum.empty?/1` and `Enum.any?/2` stop at the first that settles it. Of 1,000 numbers, counting those over 5 took
    11 µs and asking whether there is one 0.013 µs. The rule stays quiet for any other number.

    `Enum.any?/1` is no cure: it asks for an item that is neither `nil` nor `false`. The function is called for fewer
    items than before, and a stream runs no further than it has to: where it is not seen here that they do nothing but
    to work out values, the rewrite is to be looked at.
    """

    code = "WE205"
    title = "Stop at the first one"
    message = "Everything is counted to learn whether there is anything"
    severity = "medium"
    weight = 30
    fix = "mechanical"
    evidence: ClassVar[Mapping[str, float]] = {"1.14": 92.6}
    sample = "Inbox.unread?(rows)"
    words = ("count",)
    before = """
        defmodule Inbox do
          def unread?(mails) do
            Enum.count(mails, &(&1.read_at == nil)) > 0
          end
        end
    """
    after = """
        defmodule Inbox do
          def unread?(mails) do
            Enum.any?(mails, &(&1.read_at == nil))
          end
        end
    """
    more = (
        (
            """
            defmodule Inbox do
              def status(mails) do
                if Enum.count(mails) == 0, do: :empty, else: :filled
              end
            end
            """,
            """
            defmodule Inbox do
              def status(mails) do
                if Enum.empty?(mails), do: :empty, else: :filled
              end
            end
            """,
        ),
        (
            """
            defmodule Inbox do
              def any_of?(folders), do: Enum.filter(folders, &(Enum.count(&1.mails) != 0))
            end
            """,
            """
            defmodule Inbox do
              def any_of?(folders), do: Enum.filter(folders, &(not Enum.empty?(&1.mails)))
            end
            """,
        ),
        (
            """
            defmodule Inbox do
              def clean?(mails), do: mails |> Enum.map(& &1.flags) |> Enum.count(&(:spam in &1)) == 0
            end
            """,
            """
            defmodule Inbox do
              def clean?(mails), do: not Enum.any?(mails |> Enum.map(& &1.flags), &(:spam in &1))
            end
            """,
        ),
        (
            """
            defmodule Inbox do
              def empty?(mails), do: mails |> Stream.reject(& &1.hidden) |> Enum.count() == 0
            end
            """,
            """
            defmodule Inbox do
              def empty?(mails), do: mails |> Stream.reject(& &1.hidden) |> Enum.empty?()
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Inbox do
          def pair?(mails), do: Enum.count(mails) == 2
        end
        """,
        """
        defmodule Inbox do
          def several?(mails), do: Enum.count(mails) > 1
        end
        """,
        """
        defmodule Inbox do
          alias Inbox.Enum

          def empty?(mails), do: Enum.count(mails) == 0
        end
        """,
        """
        defmodule Inbox do
          def empty?(query), do: Repo.aggregate(query, :count) == 0
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether what `Enum.count` gives is compared with zero, or as good as that."""
        call = match.call
        if call is None or not call.to("Enum", "count", 1, 2):
            return False
        comparison = compared_with_zero(match, call.whole)
        if comparison is None:
            return False
        if _does_more(match, call):
            match.review()
        match.underline(comparison.node)
        match.also("empty" if comparison.asks_for_empty else "filled", comparison.node)
        return True

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Ask whether it is empty, or whether there is one of the kind."""
        call = match.call
        if call is None:
            return
        match.spare_comments(match.here, match.span, call.arguments)
        enum = match.named("Enum")
        subject, *wanted = call.arguments
        function = f"{enum}.any?" if wanted else f"{enum}.empty?"
        behind = "".join(f", {match.argument(each)}" for each in wanted)
        # `any?` is true of what is filled, `empty?` of what is empty.
        turned = bool(wanted) == ("empty" in match.captures)
        if call.piped and not turned:
            yield match.replaced(match.here, f"{match.up_to(call)}{function}({behind[2:]})")
        elif turned:
            if call.piped and subject.start_point.row != subject.end_point.row:
                raise Refused("the chain takes several lines; give what is counted a name first")
            yield match.replaced(match.here, f"not {function}({match.argument(subject)}{behind})")
        else:
            yield match.replaced_by_call(match.here, f"{function}({match.argument(subject)}{behind})")


def _does_more(match: Match, call: Call) -> bool:
    """Whether something other than counting may happen for each item: in the function, or in a stream of this chain."""
    subject, *wanted = call.arguments
    if any(function_may_have_effects(match, each) for each in wanted):
        return True
    steps = (match.read(node) for node in below(subject) if node.type == "call")
    is_lazy = any(step is not None and (step.module or "").startswith(("Stream", "Task")) for step in steps)
    return is_lazy and may_have_effects(match, subject)
