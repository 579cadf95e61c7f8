"""Where a rule's page is, and what stands on it."""

from __future__ import annotations

import inspect

from whetstone_knowledge import BY_CODE

ADDRESS = "https://github.com/whetstone-ls/whetstone/blob/main/knowledge/RULES.md"


def address(code: str) -> str:
    """Return the address of a rule's page."""
    return f"{ADDRESS}#{BY_CODE[code].name}"


def page(code: str) -> str:
    """Return a rule's page in Markdown."""
    rule = BY_CODE[code]
    return f"### {rule.code} {rule.name}\n\n{inspect.getdoc(rule)}"
