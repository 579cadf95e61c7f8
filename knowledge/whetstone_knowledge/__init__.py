"""What is known: rules that find and mend what costs time, and the words in which they say so."""

from __future__ import annotations

from whetstone_knowledge.finding import Finding
from whetstone_knowledge.rule import Rule
from whetstone_knowledge.rules import BY_CODE, RULES
from whetstone_knowledge.spans import Span

__all__ = ["BY_CODE", "RULES", "Finding", "Rule", "Span"]
