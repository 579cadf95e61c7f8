"""Python's grammar for tree-sitter; the only file that knows where it comes from."""

from __future__ import annotations

import tree_sitter_python
from tree_sitter import Language, Parser

PYTHON = Language(tree_sitter_python.language())


def new_parser() -> Parser:
    """Return a parser of its own for the caller, because included ranges are a parser's state."""
    return Parser(PYTHON)
