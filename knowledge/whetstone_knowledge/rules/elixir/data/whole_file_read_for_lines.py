"""WE216: a whole file held in memory for its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge.elixir.calls import operands
from whetstone_knowledge.elixir.pipes import steps
from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from whetstone_knowledge.elixir.match import Match, Replacement
    from whetstone_knowledge.elixir.pipes import Steps


class WholeFileReadForLines(ElixirRule):
    """Reads a whole file to go through its lines.

    The file and the list of its lines are held at once; `File.stream!` holds one line at a time. That is a gain of
    memory only: a file of 1,000 lines took twice as long by lines as at once. So the rule is on request, for who
    looks for what large files cost, and stays quiet where the lines are not gone through in the same chain, and for
    what is read while a module is compiled.

    A stream has no empty line behind the last newline, and no carriage return before a newline. It opens the file when
    it is gone through, not where it is written.
    """

    code = "WE216"
    title = "Read line by line"
    message = "The whole file is held in memory for its lines"
    severity = "low"
    weight = 15
    fix = "review"
    evidence: ClassVar[Mapping[str, float]] = {"1.14": 0.466}
    sample = "Log.errors(path)"
    on_request = True
    words = ("split",)
    before = """
        defmodule Log do
          def errors(path) do
            path
            |> File.read!()
            |> String.split("\\n")
            |> Enum.count(&String.contains?(&1, "error"))
          end
        end
    """
    after = """
        defmodule Log do
          def errors(path) do
            path
            |> File.stream!()
            |> Stream.map(&String.trim_trailing(&1, "\\n"))
            |> Enum.count(&String.contains?(&1, "error"))
          end
        end
    """
    more = (
        (
            """
            defmodule Log do
              def kinds(f), do: File.read!(f) |> String.split("\\n") |> Enum.uniq()
            end
            """,
            """
            defmodule Log do
              def kinds(f), do: File.stream!(f) |> Stream.map(&String.trim_trailing(&1, "\\n")) |> Enum.uniq()
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Log do
          def lines(path), do: path |> File.read!() |> String.split("\\n")
        end
        """,
        """
        defmodule Log do
          def words(path), do: path |> File.read!() |> String.split(" ") |> Enum.uniq()
        end
        """,
        """
        defmodule Log do
          def lines(text), do: text |> String.split("\\n") |> Enum.uniq()
        end
        """,
        """
        defmodule Log do
          @kinds "kinds.txt" |> File.read!() |> String.split("\\n") |> Enum.uniq()

          def kinds, do: @kinds
        end
        """,
        """
        defmodule Log do
          def errors(path), do: path |> File.stream!() |> Enum.count(&String.contains?(&1, "error"))
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a file that was read is split into lines, and these are gone through."""
        two = steps(match)
        if two is None or not two.first.to("File", "read!", 1) or not two.second.to("String", "split", 2, 3):
            return False
        if match.clause is None:
            return False
        around = two.second.whole.parent
        following = match.read(around) if around is not None else None
        if following is None or following.module not in {"Enum", "Stream"} or not two.second.piped:
            return False
        return match.text(two.second.arguments[1]) in {'"\\n"', '["\\n", "\\r\\n"]', '["\\r\\n", "\\n"]'}

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Write a stream, of lines without their end."""
        two = steps(match)
        if two is None:
            return
        if two.second.arity == 3:
            raise Refused("what the options leave out, a stream does not")
        yield from _streamed(match, two)


def _streamed(match: Match, two: Steps) -> Iterator[Replacement]:
    read, split = two
    target = read.node.child_by_field_name("target")
    sides = operands(split.whole)
    if target is None or sides is None:
        return
    yield match.replaced(target, f"{match.named('File')}.stream!")
    trimmed = f'{match.named("Stream")}.map(&{match.named("String")}.trim_trailing(&1, "\\n"))'
    yield match.replaced(split.node, trimmed)
