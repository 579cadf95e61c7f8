"""What `whetstone doctor` says of a Mix project: whether the tests that are written into it can be run here."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from whetstone_server.diagnosis import Check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def checks(root: Path) -> Iterator[Check]:
    """Yield whether Elixir is installed, for a project of Mix; for any other there is nothing to say.

    Nothing is started: rules and templates need no Elixir.
    """
    if not (root / "mix.exs").is_file():
        return
    mix = shutil.which("mix")
    if mix is None:
        remedy = "install Elixir 1.14 or newer to run the tests of what `whetstone new` writes"
        yield Check("elixir", False, "mix is not on the path", remedy)
    else:
        yield Check("elixir", True, f"mix is at {mix}", None)
