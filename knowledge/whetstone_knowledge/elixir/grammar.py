"""Elixir's grammar for tree-sitter; the only file that knows where it comes from."""

from __future__ import annotations

import tree_sitter_elixir
from tree_sitter import Language, Parser

ELIXIR = Language(tree_sitter_elixir.language())


def new_parser() -> Parser:
    """Return a parser of its own for the caller."""
    return Parser(ELIXIR)
