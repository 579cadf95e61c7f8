"""One finding put right, whatever the language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from whetstone_knowledge.rule import ElixirRule, PythonRule, Refused

if TYPE_CHECKING:
    from whetstone_codegen.edits import Edit
    from whetstone_knowledge.finding import Finding
    from whetstone_knowledge.rewriting import Import
    from whetstone_knowledge.rule import Rule


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What a rule makes of one finding."""

    function: str
    """Name of the function that was rewritten; empty for code outside of any."""
    edits: tuple[Edit, ...]
    """In order, not crossing."""
    text: bytes
    """The whole new text of the file."""
    imports: tuple[Import, ...] = ()
    """The imports among the edits."""


def rewritten(source: bytes, finding: Finding, rule: Rule) -> Rewrite:
    """Return the rewrite of what `rule` found in `source` (UTF-8, any newlines).

    Raises `Refused` with one sentence when the rule cannot rewrite this safely.
    """
    if isinstance(rule, PythonRule):
        from whetstone_codegen import refactor  # noqa: PLC0415 -- LibCST takes half a second

        return refactor.rewritten(source, finding, rule)
    if isinstance(rule, ElixirRule):
        from whetstone_codegen import elixir_refactor  # noqa: PLC0415 -- whoever writes Python needs no such grammar

        return elixir_refactor.rewritten(source, finding, rule)
    raise Refused(f"nothing rewrites {rule.language}")
