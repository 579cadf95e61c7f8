"""Files that hold nothing that could be lost."""

from __future__ import annotations

import re

_EMPTY_MODULE = re.compile(r"\s*defmodule\s+(?P<name>[A-Z][\w.]*)\s+do\s+(?:@moduledoc\s+false\s+)?end\s*")


def is_blank(text: bytes, language: str, name: str) -> bool:
    """Whether a file holds nothing, or for Elixir nothing but the empty module of this name."""
    content = text.decode("utf-8-sig", "replace")
    return not content.strip() or (language == "elixir" and empty_module(content) == name)


def empty_module(text: str) -> str | None:
    """Return the name of the only, empty module of a text in Elixir."""
    match = _EMPTY_MODULE.fullmatch(text)
    return match["name"] if match else None
