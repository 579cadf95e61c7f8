"""Choosing the engine that will hold the code: Docker when an engine answers, bubblewrap, or bare namespaces.

There is no fourth: code that may be wrong never runs in a bare process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.errors import NoSandbox
from whetstone_server.sandbox.bubblewrap import Bubblewrap
from whetstone_server.sandbox.docker import Docker
from whetstone_server.sandbox.namespaces import Namespaces

if TYPE_CHECKING:
    from whetstone_server.sandbox.engine import Engine, EngineChoice


def engines() -> tuple[Engine, ...]:
    """Return every engine, best first."""
    return (Docker(), Bubblewrap(), Namespaces())


def choose(choice: EngineChoice = "auto") -> Engine:
    """Return the engine asked for, or the first that can be used; raises `NoSandbox` saying what to install."""
    refusals = []
    for engine in engines():
        if choice not in {"auto", engine.name}:
            continue
        refusal = engine.refusal()
        if refusal is None:
            return engine
        refusals.append(refusal)
    raise NoSandbox("; ".join(refusals))
