"""Rules for Python code, one file each, named for what they find; in catalogue order, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rules.python.copy_loop import CopyLoop
from whetstone_knowledge.rules.python.list_searched_in_loop import ListSearchedInLoop
from whetstone_knowledge.rules.python.list_used_as_queue import ListUsedAsQueue
from whetstone_knowledge.rules.python.lists_summed import ListsSummed
from whetstone_knowledge.rules.python.nested_loop_join import NestedLoopJoin
from whetstone_knowledge.rules.python.prefix_sum_repeated import PrefixSumRepeated
from whetstone_knowledge.rules.python.pure_recursion_repeated import PureRecursionRepeated
from whetstone_knowledge.rules.python.quadratic_deduplication import QuadraticDeduplication
from whetstone_knowledge.rules.python.regex_recompiled_in_loop import RegexRecompiledInLoop
from whetstone_knowledge.rules.python.sorted_for_one_end import SortedForOneEnd
from whetstone_knowledge.rules.python.string_built_in_loop import StringBuiltInLoop
from whetstone_knowledge.rules.python.work_repeated_in_loop import WorkRepeatedInLoop

if TYPE_CHECKING:
    from whetstone_knowledge.rule import PythonRule

RULES: tuple[PythonRule, ...] = (
    StringBuiltInLoop(),
    ListSearchedInLoop(),
    QuadraticDeduplication(),
    ListUsedAsQueue(),
    SortedForOneEnd(),
    ListsSummed(),
    RegexRecompiledInLoop(),
    WorkRepeatedInLoop(),
    PureRecursionRepeated(),
    NestedLoopJoin(),
    CopyLoop(),
    PrefixSumRepeated(),
)
