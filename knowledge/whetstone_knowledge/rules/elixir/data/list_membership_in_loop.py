"""WE207: a list searched in each round of a loop."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge.elixir.calls import operands
from whetstone_knowledge.elixir.loops import before_loop, fresh, is_item, outermost_without
from whetstone_knowledge.rule import ElixirRule
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match, Replacement

_NO_LIST = re.compile(r"(^|_)(set|sets|mapset|map|range|opts|options)$")
"""Names under which nobody keeps a long list."""


class ListMembershipInLoop(ElixirRule):
    """Searches one list for each item of another.

    `in` looks at one element after the other; a `MapSet` knows at once. Of 1,000 names each looked for among 1,000
    others, the list took 5.4 ms and the set 1.2 ms, of 20,000 fifty times as long. A set has to be made first: for
    fewer than about 150 elements the list was faster, for 10 it was nine times as fast.

    So the rule speaks only of lists that this function works out from something else, and stays quiet for literals,
    attributes, parameters, what is a set already, and loops over what stands in the code.
    """

    code = "WE207"
    title = "Make it a MapSet before the loop"
    message = "`{list}` is searched from its begin in each round; a long one belongs in a MapSet"
    severity = "low"
    weight = 20
    fix = "review"
    evidence: ClassVar[Mapping[str, float]] = {"1.14": 6.21}
    sample = "Contacts.strangers(rows, rows)"
    words = ("in", "not in", "member?")
    before = """
        defmodule Contacts do
          def strangers(mails, friends) do
            known = Enum.map(friends, & &1.address)
            Enum.reject(mails, fn mail -> mail.from in known end)
          end
        end
    """
    after = """
        defmodule Contacts do
          def strangers(mails, friends) do
            known = Enum.map(friends, & &1.address)
            known_set = MapSet.new(known)
            Enum.reject(mails, fn mail -> mail.from in known_set end)
          end
        end
    """
    more = (
        (
            """
            defmodule Contacts do
              def strangers(mails, friends) do
                known = friends |> Enum.flat_map(& &1.addresses) |> Enum.uniq()
                for mail <- mails, mail.from not in known, do: mail
              end
            end
            """,
            """
            defmodule Contacts do
              def strangers(mails, friends) do
                known = friends |> Enum.flat_map(& &1.addresses) |> Enum.uniq()
                known_set = MapSet.new(known)
                for mail <- mails, mail.from not in known_set, do: mail
              end
            end
            """,
        ),
        (
            """
            defmodule Contacts do
              def befriended(mails, friends) do
                known = Map.keys(friends)
                Enum.filter(mails, &Enum.member?(known, &1.from))
              end
            end
            """,
            """
            defmodule Contacts do
              def befriended(mails, friends) do
                known = Map.keys(friends)
                known_set = MapSet.new(known)
                Enum.filter(mails, &Enum.member?(known_set, &1.from))
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Contacts do
          def urgent(mails), do: Enum.filter(mails, &(&1.flag in [:red, :orange]))
        end
        """,
        """
        defmodule Contacts do
          @urgent [:red, :orange]

          def urgent(mails), do: Enum.filter(mails, &(&1.flag in @urgent))
        end
        """,
        """
        defmodule Contacts do
          def strangers(mails, friends) do
            known = MapSet.new(friends, & &1.address)
            Enum.reject(mails, fn mail -> mail.from in known end)
          end
        end
        """,
        """
        defmodule Contacts do
          def of(mails, friends) do
            known = Enum.map(friends, & &1.address)
            Enum.map(mails, fn mail -> {mail, "me" in known} end)
          end
        end
        """,
        """
        defmodule Contacts do
          @flags [:red, :orange, :blue]

          def unused(mails) do
            used = Enum.map(mails, & &1.flag)
            Enum.reject(@flags, &(&1 in used))
          end
        end
        """,
        """
        defmodule Contacts do
          def among(mails, senders), do: Enum.filter(mails, &(&1.from in senders))
        end
        """,
        """
        defmodule Contacts do
          def common(groups) do
            for group <- groups do
              known = Enum.map(group.friends, & &1.address)
              group.me in known
            end
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether an item of the loop is looked for in a list that was worked out before it."""
        searched = _searched(match)
        if searched is None or not match.loops:
            return False
        item, a_list = searched
        name = match.text(a_list)
        if a_list.type != "identifier" or _NO_LIST.search(name) or outermost_without(match, name) is None:
            return False
        match.also("list", a_list)
        return is_item(match, item, match.loops[0]) and _is_worked_out(match, name) and not _is_over_few(match)

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Make a set of the list before the loop, and look into that."""
        a_list = match.node("list")
        loop = outermost_without(match, match.text(a_list))
        if loop is not None:
            given = match.text(a_list)
            name = fresh(match, f"{given}_set")
            yield before_loop(match, loop, given, f"{name} = {match.named('MapSet')}.new({given})")
            yield match.replaced(a_list, name)


def _searched(match: Match) -> tuple[Node, Node] | None:
    """Return what is looked for here, and in what."""
    sides = operands(match.operation) if match.operation is not None else None
    if sides is not None:
        return (sides[0], sides[2]) if sides[1] in {"in", "not in"} else None
    call = match.call
    if call is None or not call.to("Enum", "member?", 2):
        return None
    return call.arguments[1], call.arguments[0]


def _is_worked_out(match: Match, name: str) -> bool:
    """Whether the function binds a variable to a list that `Enum`, `Map` or their like makes of something else."""
    clause = match.clause
    values = [
        sides[2]
        for part in (clause.body if clause is not None else ())
        for node in below(part)
        if (sides := operands(node)) is not None and sides[1] == "=" and match.text(sides[0]) == name
    ]
    calls = [match.read(value) for value in values]
    return bool(calls) and all(call is not None and _makes_list(call.module, call.name) for call in calls)


def _is_over_few(match: Match) -> bool:
    """Whether the loop goes over an attribute or over what stands in the code."""
    around = match.loops[0].parent
    call = match.read(around.parent) if around is not None and around.parent is not None else None
    source = call.arguments[0] if call is not None and call.arguments else None
    return source is not None and source.type in {"unary_operator", "list", "sigil"}


def _makes_list(module: str | None, name: str) -> bool:
    if module == "Enum":
        return name in _LISTS_OF_ENUM
    return (module, name) in _OTHER_LISTS


_LISTS_OF_ENUM = frozenset(
    {
        *("map", "filter", "reject", "flat_map", "uniq", "uniq_by", "concat", "sort", "sort_by", "to_list", "reverse"),
        *("dedup", "dedup_by", "drop", "drop_while", "take_while", "with_index", "zip", "shuffle", "map_every"),
    }
)
_OTHER_LISTS = frozenset(
    {
        *(("Map", name) for name in ("keys", "values", "to_list")),
        *(("List", name) for name in ("flatten", "delete", "delete_at")),
        *((":ets", name) for name in ("tab2list", "select", "match", "match_object")),
        *(("Repo", "all"), ("MapSet", "to_list"), ("File", "ls!")),
    }
)
