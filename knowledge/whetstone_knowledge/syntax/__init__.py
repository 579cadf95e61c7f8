"""Reading Python that may be half typed: findings in a text, in a document while it is edited, and in a scan."""

from __future__ import annotations

from whetstone_knowledge.syntax.document import Document
from whetstone_knowledge.syntax.find import find, strangers
from whetstone_knowledge.syntax.lazy import find_lazily

__all__ = ["Document", "find", "find_lazily", "strangers"]
