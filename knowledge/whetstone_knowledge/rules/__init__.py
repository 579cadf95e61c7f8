"""Every rule, in catalogue order. Those for Elixir are loaded when somebody asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from whetstone_knowledge.rules import python

if TYPE_CHECKING:
    from whetstone_knowledge.rule import ElixirRule, Rule

PYTHON_RULES = python.RULES
PYTHON_BY_CODE = {rule.code: rule for rule in PYTHON_RULES}


@cache
def elixir_rules() -> tuple[ElixirRule, ...]:
    """Return the rules for Elixir; whoever edits Python does not wait for them."""
    from whetstone_knowledge.rules import elixir  # noqa: PLC0415 -- see above

    return elixir.RULES


class _ByCode(Mapping[str, "Rule"]):
    """Rules by code, in catalogue order, as a mapping that loads those for Elixir with the first of them."""

    def __getitem__(self, code: str) -> Rule:
        return (_elixir_by_code() if code.startswith("WE") else PYTHON_BY_CODE)[code]

    def __iter__(self) -> Iterator[str]:
        yield from PYTHON_BY_CODE
        yield from _elixir_by_code()

    def __len__(self) -> int:
        return len(PYTHON_RULES) + len(elixir_rules())


@cache
def _elixir_by_code() -> Mapping[str, Rule]:
    return {rule.code: rule for rule in elixir_rules()}


BY_CODE: Mapping[str, Rule] = _ByCode()


if TYPE_CHECKING:
    RULES: tuple[Rule, ...]
    """All rules."""


def __getattr__(name: str) -> Any:
    """Make `RULES` of all rules when it is asked for first."""
    if name != "RULES":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return (*PYTHON_RULES, *elixir_rules())
