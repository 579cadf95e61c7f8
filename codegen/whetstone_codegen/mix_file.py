"""What a `mix.exs` says of its project, and the edit that has its application start with a module."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from whetstone_codegen.edits import Edit
from whetstone_knowledge.elixir.calls import items, option, pairs
from whetstone_knowledge.elixir.reading import read
from whetstone_knowledge.rule import Refused
from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from tree_sitter import Node

    from whetstone_knowledge.elixir.text import Text


_WIDTH = 98
"""Columns of a line, as `mix format` breaks it."""


class MixFile(NamedTuple):
    """What was understood of it."""

    app: str | None
    """The name of the application, without its colon."""
    starts: str | None
    """The module in `mod: {Ledger.Application, []}`."""
    is_umbrella: bool
    """Whether its code lies in the projects below it."""


def read_mix_file(source: bytes) -> MixFile:
    """Return what a `mix.exs` says; what cannot be read is not said."""
    text = read(source.removeprefix(b"\xef\xbb\xbf"))
    app, starts = _said(text, "project", "app"), _said(text, "application", "mod")
    started = items(starts) if starts and starts.type == "tuple" else []
    return MixFile(
        app=text.text(app).removeprefix(":") if app else None,
        starts=text.resolved(started[0]) if started else None,
        is_umbrella=_said(text, "project", "apps_path") is not None,
    )


def starting(source: bytes, module: str) -> tuple[Edit, ...]:
    """Return the edit that has the application of a `mix.exs` start with `module`; none when it does already.

    Raises `Refused` with one sentence when it starts with another, or cannot be read.
    """
    mix = read_mix_file(source)
    if mix.starts == module:
        return ()
    if mix.starts is not None:
        raise Refused(f"the application starts with {mix.starts} already")
    text = read(source)
    clauses = [clause for each in text.modules for clause in each.functions.get(("application", 0), ())]
    said = clauses[0].body[-1] if len(clauses) == 1 and clauses[0].body else None
    if said is None or said.type != "list" or not text.is_whole(said):
        raise Refused(f"`application` is not one list that `mod: {{{module}, []}}` could be added to")
    return (_with_entry(source, said, f"mod: {{{module}, []}}"),)


def _with_entry(source: bytes, said: Node, entry: str) -> Edit:
    """Return the edit that adds an entry to a keyword list: on a line of its own where the others have one."""
    known = list(pairs(said))
    newline = "\r\n" if b"\r\n" in source else "\n"
    outer = " " * said.start_point.column
    if said.start_point.row < said.end_point.row and known:
        end, indent = known[-1].end_byte, " " * known[-1].start_point.column
        return Edit(Span(end, end), f",{newline}{indent}{entry}")
    entries = [*((pair.text or b"").decode() for pair in known), entry]
    together = f"[{', '.join(entries)}]"
    span = Span(said.start_byte, said.end_byte)
    if said.start_point.column + len(together) <= _WIDTH:
        return Edit(span, together)
    lines = f",{newline}".join(f"{outer}  {each}" for each in entries)
    return Edit(span, f"[{newline}{lines}{newline}{outer}]")


def _said(text: Text, function: str, key: str) -> Node | None:
    """Return the value of `key:` in the keywords that a function of the file returns."""
    clauses = (clause for module in text.modules for clause in module.functions.get((function, 0), ()))
    values = (option(clause.body[-1], key) for clause in clauses if clause.body)
    return next((value for value in values if value), None)
