"""A test for an Elixir module that has none: what there is to be tested, each still to be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.reading import read

if TYPE_CHECKING:
    from whetstone_knowledge.elixir.modules import Module

_CALLED_BY_OTP = frozenset(
    {
        ("init", 1),
        ("start", 2),
        ("stop", 1),
        ("prep_stop", 1),
        ("start_phase", 3),
        ("callback_mode", 0),
        ("handle_event", 4),
        ("child_spec", 1),
    }
)


def test_of(source: bytes, module: str) -> str | None:
    """Return the test of a module in `source`; None when it has no function of its own that could be tested.

    A test without a body fails as not implemented, so that nothing looks tested that is not.
    """
    found = next((each for each in read(source).modules if each.name == module), None)
    tested = _functions(found) if found else []
    if not tested:
        return None
    lines = [f"defmodule {module}Test do", "  use ExUnit.Case, async: true"]
    if b"iex>" in source:
        lines += ["", f"  doctest {module}"]
    for function in tested:
        lines += ["", f'  test "{function}"']
    return "\n".join([*lines, "end", ""])


def _functions(module: Module) -> list[str]:
    """Return the public functions that a module offers, callbacks left out."""
    return [
        f"{name}/{arity}"
        for (name, arity), clauses in module.functions.items()
        if clauses[0].kind == "def"
        and not module.is_callback(clauses[0])
        and not (module.behaviours and (name, arity) in _CALLED_BY_OTP)
    ]
