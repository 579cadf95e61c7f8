"""LibCST's names, loaded when the first of them is used: finding needs none, and would spend most of its start on them.

A rule says `from whetstone_knowledge import cst` and then `cst.Name`, inside functions and annotations only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from libcst import *  # noqa: F403 -- what this module stands for
else:

    def __getattr__(name: str) -> Any:
        import libcst  # noqa: PLC0415 -- the point of this module

        return getattr(libcst, name)
