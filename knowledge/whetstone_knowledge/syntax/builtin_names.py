"""Which built-in names a text leaves alone, so that `list(…)` is known to make a list."""

from __future__ import annotations

import re
from functools import lru_cache


def is_untouched(name: str, source: bytes) -> bool:
    """Whether nothing in `source` seems to give the built-in `name` another meaning; in doubt, `False`.

    Works on the text, because while typing and in a scan only some functions of a file are parsed.
    Parameters and other bindings inside functions are for the caller to look up.
    """
    return not _rebinds(name).search(source)


@lru_cache(maxsize=256)
def _rebinds(name: str) -> re.Pattern[bytes]:
    word = rb"\b" + re.escape(name.encode()) + rb"\b"
    # A method is no name of the module; a `def` at column 0, or without `self` or `cls`, may be.
    function = rb"^def[ \t]+" + word + rb"|^[ \t]+(?:async[ \t]+)?def[ \t]+" + word + rb"\s*\((?!\s*(?:self|cls)\b)"
    target = rb"^[ \t]*" + word + rb"[ \t]*(?::[^\n=]*)?(?:,|=(?!=))"
    other = rb"\b(?:class|as|global)[ \t]+" + word + rb"|\bfor[ \t]+" + word + rb"[ \t]+in\b"
    plain = rb"^[ \t]*import\b[^\n]*" + word
    # `from collections import deque` is how the name gets its usual meaning.
    imported = rb"\bfrom[ \t]+(?!collections\b)[\w.]+[ \t]+import\b(?:[^\n(]*|[ \t]*\([^)]*)" + word
    return re.compile(rb"(?m)" + rb"|".join((function, target, other, plain, imported)))
