"""Rules about data and memory in Elixir, one file each, in catalogue order, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rules.elixir.data.append_in_recursion import AppendInRecursion
from whetstone_knowledge.rules.elixir.data.append_in_reduce import AppendInReduce
from whetstone_knowledge.rules.elixir.data.chained_map_put import ChainedMapPut
from whetstone_knowledge.rules.elixir.data.code_from_text import CodeFromText
from whetstone_knowledge.rules.elixir.data.count_compared_with_zero import CountComparedWithZero
from whetstone_knowledge.rules.elixir.data.dynamic_atom import DynamicAtom
from whetstone_knowledge.rules.elixir.data.eager_chain_for_a_few import EagerChainForAFew
from whetstone_knowledge.rules.elixir.data.element_at_in_loop import ElementAtInLoop
from whetstone_knowledge.rules.elixir.data.environment_read_when_compiled import EnvironmentReadWhenCompiled
from whetstone_knowledge.rules.elixir.data.ets_concurrency_unsaid import EtsConcurrencyUnsaid
from whetstone_knowledge.rules.elixir.data.ets_read_then_write import EtsReadThenWrite
from whetstone_knowledge.rules.elixir.data.ets_table_owned_by_worker import EtsTableOwnedByWorker
from whetstone_knowledge.rules.elixir.data.filter_then_count import FilterThenCount
from whetstone_knowledge.rules.elixir.data.large_binary_held_by_slice import LargeBinaryHeldBySlice
from whetstone_knowledge.rules.elixir.data.large_struct import LargeStruct
from whetstone_knowledge.rules.elixir.data.length_compared_with_zero import LengthComparedWithZero
from whetstone_knowledge.rules.elixir.data.list_membership_in_loop import ListMembershipInLoop
from whetstone_knowledge.rules.elixir.data.literal_regex_compiled_in_loop import LiteralRegexCompiledInLoop
from whetstone_knowledge.rules.elixir.data.map_built_in_reduce import MapBuiltInReduce
from whetstone_knowledge.rules.elixir.data.map_keys_searched import MapKeysSearched
from whetstone_knowledge.rules.elixir.data.map_then_flatten import MapThenFlatten
from whetstone_knowledge.rules.elixir.data.map_then_join import MapThenJoin
from whetstone_knowledge.rules.elixir.data.prepend_binary_in_reduce import PrependBinaryInReduce
from whetstone_knowledge.rules.elixir.data.query_in_loop import QueryInLoop
from whetstone_knowledge.rules.elixir.data.reverse_then_append import ReverseThenAppend
from whetstone_knowledge.rules.elixir.data.string_length_for_empty import StringLengthForEmpty
from whetstone_knowledge.rules.elixir.data.unsafe_binary_to_term import UnsafeBinaryToTerm
from whetstone_knowledge.rules.elixir.data.whole_file_read_for_lines import WholeFileReadForLines
from whetstone_knowledge.rules.elixir.data.whole_sort_for_one_end import WholeSortForOneEnd
from whetstone_knowledge.rules.elixir.data.whole_table_copied import WholeTableCopied

if TYPE_CHECKING:
    from whetstone_knowledge.rule import ElixirRule

RULES: tuple[ElixirRule, ...] = (
    AppendInReduce(),
    AppendInRecursion(),
    PrependBinaryInReduce(),
    LengthComparedWithZero(),
    CountComparedWithZero(),
    ElementAtInLoop(),
    ListMembershipInLoop(),
    MapThenJoin(),
    FilterThenCount(),
    WholeSortForOneEnd(),
    MapThenFlatten(),
    MapKeysSearched(),
    EagerChainForAFew(),
    WholeFileReadForLines(),
    ChainedMapPut(),
    WholeTableCopied(),
    EtsConcurrencyUnsaid(),
    EtsReadThenWrite(),
    EtsTableOwnedByWorker(),
    LargeBinaryHeldBySlice(),
    DynamicAtom(),
    UnsafeBinaryToTerm(),
    LargeStruct(),
    CodeFromText(),
    LiteralRegexCompiledInLoop(),
    StringLengthForEmpty(),
    ReverseThenAppend(),
    MapBuiltInReduce(),
    QueryInLoop(),
    EnvironmentReadWhenCompiled(),
)
