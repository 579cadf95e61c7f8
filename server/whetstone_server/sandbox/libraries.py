"""Which libraries the user's interpreter would import, by reading files only."""

from __future__ import annotations

import ast
from importlib.metadata import Distribution, distributions
from typing import TYPE_CHECKING

from whetstone_server.sandbox.interpreter import isolated_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_server.sandbox.engine import Interpreter


def libraries(interpreter: Interpreter, source: bytes) -> dict[str, str]:
    """Return the installed distributions that a module imports from, with their versions; of nothing else is spoken.

    What lies in the project itself or in the standard library is no distribution.
    """
    wanted = set(_imported(source))
    sites = list(_sites(interpreter))
    if not wanted or not sites:
        return {}
    found: dict[str, str] = {}
    for each in distributions(path=sites):
        if "Name" in each.metadata and _provides(each, wanted):
            found.setdefault(each.metadata["Name"], each.version)  # the first on the path is the one that is imported
    return dict(sorted(found.items()))


def _imported(source: bytes) -> Iterator[str]:
    """Yield the top-level names of all modules that are imported anywhere in a text."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _sites(interpreter: Interpreter) -> Iterator[str]:
    """Yield the folders in which an interpreter finds what was installed."""
    environment = isolated_environment(interpreter.executable)
    for folder in (environment,) if environment else interpreter.mounts:
        for pattern in ("lib*/python3*/site-packages", "lib*/python3*/dist-packages", "*-packages"):
            yield from (str(site) for site in sorted(folder.glob(pattern)))


def _provides(distribution: Distribution, wanted: set[str]) -> bool:
    """Whether a distribution holds a module of one of these names."""
    declared = distribution.read_text("top_level.txt")
    if declared is not None:
        return not wanted.isdisjoint(declared.split())
    files = "\n" + (distribution.read_text("RECORD") or "")
    return any(f"\n{name}/" in files or f"\n{name}.py," in files for name in wanted)
