"""Every rule, in catalogue order: one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rules.python.list_searched_in_loop import ListSearchedInLoop
from whetstone_knowledge.rules.python.lists_summed import ListsSummed
from whetstone_knowledge.rules.python.sorted_for_one_end import SortedForOneEnd
from whetstone_knowledge.rules.python.string_built_in_loop import StringBuiltInLoop

if TYPE_CHECKING:
    from whetstone_knowledge.rule import Rule

RULES: tuple[Rule, ...] = (
    StringBuiltInLoop(),
    ListSearchedInLoop(),
    SortedForOneEnd(),
    ListsSummed(),
)

BY_CODE = {rule.code: rule for rule in RULES}
