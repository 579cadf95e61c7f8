"""What takes long to import, imported beside the loop: a keystroke does not wait for it."""

from __future__ import annotations

import asyncio
from importlib import import_module

PROVING = "whetstone_server.improvements.prove"
REWRITING = {"python": "whetstone_codegen.refactor", "elixir": "whetstone_codegen.elixir_refactor"}
"""What rewrites a language; for Python that is LibCST and what uses it: half a second."""
TEMPLATES = "whetstone_server.scaffolding.plan"
"""Jinja and what uses it."""

_loaded: set[str] = set()


async def loaded(module: str) -> None:
    """Return once a module is there. Afterwards importing it costs nothing."""
    if module not in _loaded:
        await asyncio.to_thread(import_module, module)
        _loaded.add(module)
