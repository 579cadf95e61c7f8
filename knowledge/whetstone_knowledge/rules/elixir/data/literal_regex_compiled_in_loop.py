"""WE227: a regular expression that never changes, compiled in each round of a loop."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match, Replacement

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_MEANS = {"\\": "\\", '"': '"', "n": r"\n", "t": r"\t", "r": r"\r"}
"""What a string's escapes are in a regular expression; those that are not here are left to a person."""
_READ_OTHERWISE = re.compile(r"\\[vQ]")
"""`~r` makes a tab of the escape for any vertical space, and characters of escapes that are quoted."""
_BLANK = re.compile(r"\\[nrtf]")
"""Escapes of which `~r` makes the white space itself, which the option `x` leaves out."""


class LiteralRegexCompiledInLoop(ElixirRule):
    """Compiles a regular expression that stands in the code, in each round of a loop.

    `~r` is compiled once, with the module, where `Regex.compile!` compiles when it is reached: matching 1,000 names
    took 3.7 ms, and 1.3 ms with `~r`. The rule stays quiet where the text is put together at run time, and outside of
    loops.
    """

    code = "WE227"
    title = "Write it as ~r"
    message = "The regular expression never changes, and is compiled in each round"
    severity = "medium"
    weight = 30
    fix = "mechanical"
    evidence: ClassVar[Mapping[str, float]] = {"1.14": 2.8}
    sample = "Names.numbered(names)"
    words = ("compile!", "compile")
    before = """
        defmodule Names do
          def numbered(names) do
            Enum.filter(names, fn name ->
              Regex.match?(Regex.compile!("^[a-z]+\\\\d+$"), name)
            end)
          end
        end
    """
    after = """
        defmodule Names do
          def numbered(names) do
            Enum.filter(names, fn name ->
              Regex.match?(~r/^[a-z]+\\d+$/, name)
            end)
          end
        end
    """
    more = (
        (
            """
            defmodule Names do
              def paths(names), do: for(name <- names, do: String.split(name, Regex.compile!("[/\\n]", "iu")))
            end
            """,
            """
            defmodule Names do
              def paths(names), do: for(name <- names, do: String.split(name, ~r{[/\\n]}iu))
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Names do
          def numbered?(name), do: Regex.match?(Regex.compile!("^[a-z]+$"), name)
        end
        """,
        """
        defmodule Names do
          def with(names, word), do: Enum.filter(names, &Regex.match?(Regex.compile!("^" <> word), &1))
        end
        """,
        """
        defmodule Names do
          def with(names, word) do
            Enum.filter(names, fn name -> Regex.match?(Regex.compile!("^#{word}"), name) end)
          end
        end
        """,
        """
        defmodule Names do
          def numbered(names), do: Enum.filter(names, &Regex.match?(~r/^[a-z]+$/, &1))
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a string without anything put into it is compiled in a loop."""
        call = match.call
        if call is None or not (call.to("Regex", "compile!", 1, 2) or call.to("Regex", "compile", 1, 2)):
            return False
        return bool(match.loops) and all(_is_plain(each) for each in call.arguments)

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Write the sigil, with delimiters that the expression does not hold."""
        call = match.call
        if call is None:
            return
        if call.name == "compile":
            raise Refused("`Regex.compile` gives a tuple, which has to be taken apart elsewhere")
        source, *options = (match.text(each)[1:-1] for each in call.arguments)
        if "\n" in source or source.startswith('""'):
            raise Refused("the expression is written over several lines")
        flags = options[0] if options else ""
        if not re.fullmatch(r"[imsuxUf]*", flags):
            raise Refused("a sigil has no such options")
        written = _ESCAPE.sub(_as_in_sigil, source)
        if _READ_OTHERWISE.search(written) or ("x" in flags and _BLANK.search(written)):
            raise Refused("the expression has an escape that a sigil reads otherwise")
        yield match.replaced(call.whole, _sigil(written, flags))


def _is_plain(node: Node) -> bool:
    """Whether a node is a string into which nothing is put."""
    return node.type == "string" and all(child.type != "interpolation" for child in node.named_children)


def _as_in_sigil(escape: re.Match[str]) -> str:
    if escape[1] not in _MEANS:
        raise Refused("the string has an escape that a sigil reads otherwise")
    return _MEANS[escape[1]]


def _sigil(source: str, flags: str) -> str:
    if "#{" in source:
        raise Refused("a sigil would put something in for `#{`")
    for begin, end in (("/", "/"), ("{", "}"), ("|", "|"), ('"', '"'), ("(", ")"), ("[", "]"), ("<", ">")):
        if begin not in source and end not in source:
            return f"~r{begin}{source}{end}{flags}"
    raise Refused("the expression holds every delimiter that a sigil may have")
