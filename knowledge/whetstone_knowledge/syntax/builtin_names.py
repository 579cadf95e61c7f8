"""Which built-in names a text leaves alone, so that `list(…)` is known to make a list."""

from __future__ import annotations

import re
from functools import lru_cache

from whetstone_knowledge.syntax.scopes import words


@lru_cache(maxsize=64)
def is_untouched(name: str, source: bytes) -> bool:
    """Whether nothing in `source` seems to give the built-in `name` another meaning; in doubt, `False`.

    Works on the text, because while typing and in a scan only some functions of a file are parsed.
    Parameters and other bindings inside functions are for the caller to look up.
    """
    for start, end in words(name.encode(), source, 0, len(source)):
        if source[start - 1 : start] == b".":
            continue
        line_start = source.rfind(b"\n", 0, start) + 1
        line_end = source.find(b"\n", end)
        rest = source[end : line_end if line_end >= 0 else len(source)]
        if _REBINDS.search(source[line_start:start] + _PLACE + rest):
            return False
    return True


_PLACE = b"\0"
"""What stands for the name in a line, so that one pattern does for all names: compiling it takes longer than a file."""
_REBINDS = re.compile(
    # A method is no name of the module; a `def` at column 0, or without `self` or `cls`, may be.
    rb"^def[ \t]+\0|^[ \t]+(?:async[ \t]+)?def[ \t]+\0\s*\((?!\s*(?:self|cls)\b)"
    rb"|^[ \t]*\0[ \t]*(?::[^=]*)?(?:,|=(?!=))"
    rb"|\b(?:class|as|global)[ \t]+\0|\bfor[ \t]+\0[ \t]+in\b"
    # `from collections import deque` is how the name gets its usual meaning.
    rb"|\bfrom[ \t]+(?!collections\b)[\w.]+[ \t]+import\b.*\0|^[ \t]*import\b.*\0"
    # In an import over several lines the name stands on its own.
    rb"|^[ \t]*\0[ \t]*\)?[ \t]*$"
)
"""A line that binds the name for a whole module."""
