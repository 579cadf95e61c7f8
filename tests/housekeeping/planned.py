"""What entries may name already although it is still to be written; whatever is written leaves this list."""

from __future__ import annotations

RULES: tuple[str, ...] = ()
TEMPLATES: tuple[str, ...] = ()
