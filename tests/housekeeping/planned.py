"""What entries may name already although it is still to be written; whatever is written leaves this list."""

from __future__ import annotations

RULES = (
    # Processes.
    # Data and memory.
    # The rest of Elixir's own list that a machine can find.
    "namespace-trespassing",
    "large-quoted-code",
    "unnecessary-macro",
    "use-instead-of-import",
    "untracked-compile-time-dependency",
)
TEMPLATES = ()
