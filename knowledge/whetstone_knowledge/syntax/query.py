"""Every rule's patterns in one query, because a walk over the tree costs more than all of the patterns."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from tree_sitter import Query, QueryCursor

from whetstone_knowledge.syntax.grammar import PYTHON

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from whetstone_knowledge.rule import PythonRule

_PREDICATE = re.compile(r"\(#[\w-]+[?!]")


class CombinedQuery:
    """The patterns of several rules, and which rule each belongs to."""

    def __init__(self, rules: Sequence[PythonRule]) -> None:
        self._query = Query(PYTHON, "\n".join(map(_checked, rules))) if rules else None
        self._owners = _owners(self._query, rules) if self._query else []

    def matches(self, root: Node) -> Iterator[tuple[PythonRule, dict[str, list[Node]]]]:
        """Yield each match under `root` with the rule that asked for it."""
        if self._query is None:
            return
        # `matches`, never `captures`: the latter forgets which nodes belong together, and is slower.
        cursor = QueryCursor(self._query)
        for pattern, captures in cursor.matches(root):
            yield self._owners[pattern], captures


@lru_cache(maxsize=16)
def query_for(rules: tuple[PythonRule, ...]) -> CombinedQuery:
    """Return the combined query of `rules`, compiled once for each selection of them."""
    return CombinedQuery(rules)


def _owners(query: Query, rules: Sequence[PythonRule]) -> list[PythonRule]:
    """Return for each pattern of a combined query the rule in whose part it begins."""
    ends = list(accumulate(len(rule.query.encode()) + 1 for rule in rules))
    begins = (query.start_byte_for_pattern(pattern) for pattern in range(query.pattern_count))
    return [rules[bisect_right(ends, begin)] for begin in begins]


def _checked(rule: PythonRule) -> str:
    """Return the rule's own query; raises `ValueError` when it cannot be part of the combined one."""
    # A text predicate would be evaluated on every node of its kind in every file; `applies` compares names.
    if _PREDICATE.search(rule.query):
        raise ValueError(f"the query of {rule.code} has a predicate")
    return rule.query
