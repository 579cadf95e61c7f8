"""The README of results: each benchmark has a section of its own there, and writes only that."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).parent / "README.md"


def write(title: str, command: str, text: str) -> None:
    """Put `text` under a heading, in place of what an earlier run of the same benchmark wrote there."""
    begin, end = f"<!-- {title.lower()}: begin -->", f"<!-- {title.lower()}: end -->"
    readme = README.read_text(encoding="utf-8") if README.exists() else "# Benchmarks\n"
    block = f"{begin}\n\nWritten by `{command}`.\n{text}\n\n{end}"
    if begin in readme:
        readme = re.sub(f"{begin}.*?{end}", lambda _: block, readme, flags=re.DOTALL)
    else:
        readme = f"{readme.rstrip()}\n\n## {title}\n\n{block}\n"
    README.write_text(readme, encoding="utf-8")
