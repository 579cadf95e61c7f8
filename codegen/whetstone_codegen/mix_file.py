"""What a `mix.exs` says of its project: which module its application starts, and whether it only holds others."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from whetstone_knowledge.elixir.calls import items, option
from whetstone_knowledge.elixir.reading import read

if TYPE_CHECKING:
    from tree_sitter import Node

    from whetstone_knowledge.elixir.text import Text


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


def _said(text: Text, function: str, key: str) -> Node | None:
    """Return the value of `key:` in the keywords that a function of the file returns."""
    clauses = (clause for module in text.modules for clause in module.functions.get((function, 0), ()))
    values = (option(clause.body[-1], key) for clause in clauses if clause.body)
    return next((value for value in values if value), None)
