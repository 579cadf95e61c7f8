"""WE217: known keys put into a map one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge.elixir.brackets import is_open
from whetstone_knowledge.elixir.calls import operands
from whetstone_knowledge.elixir.match import Replacement
from whetstone_knowledge.elixir.pipes import step_before
from whetstone_knowledge.rule import ElixirRule, Refused
from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match

_ENOUGH = 3
_LINE = 98
"""The length of a line as `mix format` has it."""


class ChainedMapPut(ElixirRule):
    """Puts three known keys or more into a map, one after another.

    Each `Map.put/3` copies a map of up to 32 keys; `%{map | …}` copies it once and shares its keys: with ten keys three
    puts took 0.06 µs and the update 0.03 µs. In larger maps there is no difference. The rule stays quiet for two puts,
    and where a key is known only at run time.

    `%{map | …}` raises `KeyError` for a key that the map does not have yet: where the keys may be new, leave the puts.
    """

    code = "WE217"
    title = "Update the keys at once"
    message = "Each `Map.put` copies the map: one update would copy it once"
    severity = "low"
    weight = 15
    fix = "review"
    evidence: ClassVar[Mapping[str, float]] = {"1.14": 1.84}
    sample = "Game.reset(game)"
    words = ("put",)
    before = """
        defmodule Game do
          def reset(state) do
            state
            |> Map.put(:score, 0)
            |> Map.put(:lives, 3)
            |> Map.put(:level, 1)
          end
        end
    """
    after = """
        defmodule Game do
          def reset(state) do
            %{state | score: 0, lives: 3, level: 1}
          end
        end
    """
    more = (
        (
            """
            defmodule Game do
              def restart(state) do
                next =
                  state.player
                  |> Map.put("started_at", DateTime.to_iso8601(state.now))
                  |> Map.put("finished_at", nil)
                  |> Map.put("duration", state.duration)

                %{state | player: next}
              end
            end
            """,
            """
            defmodule Game do
              def restart(state) do
                next = %{
                  state.player
                  | "started_at" => DateTime.to_iso8601(state.now),
                    "finished_at" => nil,
                    "duration" => state.duration
                }

                %{state | player: next}
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Game do
          def reset(state), do: state |> Map.put(:score, 0) |> Map.put(:lives, 3)
        end
        """,
        """
        defmodule Game do
          def put(state, key, value), do: state |> Map.put(key, value) |> Map.put(:a, 1) |> Map.put(:b, 2)
        end
        """,
        """
        defmodule Game do
          def reset(state), do: %{state | score: 0, lives: 3, level: 1}
        end
        """,
        """
        defmodule Game do
          def reset(opts), do: opts |> Keyword.put(:a, 0) |> Keyword.put(:b, 3) |> Keyword.put(:c, 1)
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether this is the last of several puts of known keys."""
        call = match.call
        if call is None or not _puts_known_key(call) or _goes_on(match, call):
            return False
        return len(_chain(match, call)) >= _ENOUGH

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Write one update of the map that the chain begins with."""
        call = match.call
        if call is None:
            return
        chain = _chain(match, call)[::-1]
        subject = chain[0].arguments[0]
        if subject.type not in {"identifier", "call"} or "\n" in match.text(subject) or is_open(subject):
            raise Refused("give the map a name first")
        if match.text(subject) in {"Map.new", "Map.new()"}:
            raise Refused("an empty map has no key to update; write the map with its keys")
        keys = [match.text(each.arguments[1]) for each in chain]
        values = [match.argument(each.arguments[2]) for each in chain]
        if len(set(keys)) < len(keys):
            raise Refused("a key is put twice")
        if any("\n" in value for value in values):
            raise Refused("a value is written over several lines")
        if len({key[0] for key in keys}) > 1:
            raise Refused("keys of several kinds do not fit into one update")
        match.spare_comments(call.whole, Span(call.whole.start_byte, call.whole.end_byte))
        named = [_named(key, value) for key, value in zip(keys, values, strict=True)]
        # As the formatter has it, a map begins in the line of the `=` before it.
        begin, indent = _begin(match, call.whole)
        space = " " if begin < call.whole.start_byte else ""
        yield Replacement(Span(begin, call.whole.end_byte), space + _update(match.text(subject), named, indent))


def _puts_known_key(call: Call) -> bool:
    return call.to("Map", "put", 3) and call.arguments[1].type in {"atom", "string"}


def _goes_on(match: Match, call: Call) -> bool:
    """Whether another put of a known key takes the result."""
    around = call.whole.parent
    if around is not None and around.type == "arguments":
        around = around.parent
    following = match.read(around) if around is not None else None
    return following is not None and following.node != call.node and _puts_known_key(following)


def _chain(match: Match, call: Call) -> list[Call]:
    """Return the puts of known keys that end with this one, last first."""
    found = [call]
    before = step_before(match, call)
    while before is not None and _puts_known_key(before):
        found.append(before)
        before = step_before(match, before)
    return found


def _begin(match: Match, chain: Node) -> tuple[int, str]:
    """Return where the new map begins, and the indentation of its line."""
    sides = operands(chain.parent) if chain.parent is not None else None
    if chain.parent is None or sides is None or sides[1] != "=" or chain.start_point.row == sides[0].end_point.row:
        return chain.start_byte, match.indent(chain)
    return match.behind_sign(chain.parent), match.indent(chain.parent)


def _named(key: str, value: str) -> str:
    return f"{key[1:]}: {value}" if key.startswith(":") else f"{key} => {value}"


def _update(subject: str, named: list[str], indent: str) -> str:
    line = f"%{{{subject} | {', '.join(named)}}}"
    if len(indent) + len(line) <= _LINE:
        return line
    deeper = f"\n{indent}  "
    return f"%{{{deeper}{subject}{deeper}| {f',{deeper}  '.join(named)}\n{indent}}}"
