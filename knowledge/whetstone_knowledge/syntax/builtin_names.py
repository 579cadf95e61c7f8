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
    rebinds = _rebinds(name)
    for start, end in words(name.encode(), source, 0, len(source)):
        if source[start - 1 : start] == b".":
            continue
        line_start = source.rfind(b"\n", 0, start) + 1
        line_end = source.find(b"\n", end)
        if rebinds.search(source, line_start, line_end if line_end >= 0 else len(source)):
            return False
    return True


@lru_cache(maxsize=256)
def _rebinds(name: str) -> re.Pattern[bytes]:
    """Return a pattern for a line that binds `name` for a whole module."""
    word = rb"\b" + re.escape(name.encode()) + rb"\b"
    # A method is no name of the module; a `def` at column 0, or without `self` or `cls`, may be.
    function = (
        rb"(?m:^)def[ \t]+" + word + rb"|(?m:^)[ \t]+(?:async[ \t]+)?def[ \t]+" + word + rb"\s*\((?!\s*(?:self|cls)\b)"
    )
    target = rb"(?m:^)[ \t]*" + word + rb"[ \t]*(?::[^=]*)?(?:,|=(?!=))"
    other = rb"\b(?:class|as|global)[ \t]+" + word + rb"|\bfor[ \t]+" + word + rb"[ \t]+in\b"
    # `from collections import deque` is how the name gets its usual meaning.
    imported = rb"\bfrom[ \t]+(?!collections\b)[\w.]+[ \t]+import\b.*" + word + rb"|(?m:^)[ \t]*import\b.*" + word
    # In an import over several lines the name stands on its own.
    alone = rb"(?m:^)[ \t]*" + word + rb"[ \t]*\)?[ \t]*$"
    return re.compile(rb"|".join((function, target, other, imported, alone)))
