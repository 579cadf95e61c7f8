"""Functions that an Elixir module has for itself, which what somebody names must not be mixed up with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.reading import read

if TYPE_CHECKING:
    from collections.abc import Sequence


def taken(names: Sequence[str], text: str) -> str | None:
    """Return the first of the names by which a module has both a public and a private function; None when none is.

    A public one may be called without its first argument, so that it takes the place of two.
    """
    public, private = set(), set()
    for module in read(text.encode()).modules if names else ():
        for clause in module.clauses:
            if clause.kind == "def":
                public |= {(clause.name, clause.arity), (clause.name, clause.arity - 1)}
            else:
                private.add((clause.name, clause.arity))
    both = {name for name, _ in public & private}
    return next((name for name in names if name in both), None)
