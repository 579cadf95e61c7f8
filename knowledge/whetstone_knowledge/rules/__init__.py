"""Every rule, in catalogue order: one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whetstone_knowledge.rule import Rule

RULES: tuple[Rule, ...] = ()

BY_CODE = {rule.code: rule for rule in RULES}
