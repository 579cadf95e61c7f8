"""Rules about design in Elixir, after the language's own list of anti-patterns, one file each, in catalogue order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rules.elixir.design.complex_else_in_with import ComplexElseInWith
from whetstone_knowledge.rules.elixir.design.complex_extraction_in_clauses import ComplexExtractionInClauses
from whetstone_knowledge.rules.elixir.design.exception_for_control_flow import ExceptionForControlFlow
from whetstone_knowledge.rules.elixir.design.large_quoted_code import LargeQuotedCode
from whetstone_knowledge.rules.elixir.design.library_reads_configuration import LibraryReadsConfiguration
from whetstone_knowledge.rules.elixir.design.long_parameter_list import LongParameterList
from whetstone_knowledge.rules.elixir.design.non_assertive_map_access import NonAssertiveMapAccess
from whetstone_knowledge.rules.elixir.design.non_assertive_match import NonAssertiveMatch
from whetstone_knowledge.rules.elixir.design.non_assertive_truthiness import NonAssertiveTruthiness
from whetstone_knowledge.rules.elixir.design.unnecessary_macro import UnnecessaryMacro
from whetstone_knowledge.rules.elixir.design.untracked_compile_time_dependency import UntrackedCompileTimeDependency
from whetstone_knowledge.rules.elixir.design.use_instead_of_import import UseInsteadOfImport

if TYPE_CHECKING:
    from whetstone_knowledge.rule import ElixirRule

RULES: tuple[ElixirRule, ...] = (
    ComplexElseInWith(),
    ComplexExtractionInClauses(),
    LongParameterList(),
    NonAssertiveMapAccess(),
    NonAssertiveMatch(),
    NonAssertiveTruthiness(),
    ExceptionForControlFlow(),
    LibraryReadsConfiguration(),
    LargeQuotedCode(),
    UnnecessaryMacro(),
    UseInsteadOfImport(),
    UntrackedCompileTimeDependency(),
)
