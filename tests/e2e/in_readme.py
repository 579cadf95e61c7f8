"""The configurations that the README gives, so that what a reader copies is what was tried."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"


def configuration(editor: str) -> str:
    """Return the block of code below the paragraph that begins with the name of an editor."""
    block = re.search(
        rf"^{re.escape(editor)}\b[^\n]*:\n\n```\w+\n(.*?)^```$", README.read_text(), re.DOTALL | re.MULTILINE
    )
    assert block, f"the README has no configuration for {editor}"
    return block[1]
