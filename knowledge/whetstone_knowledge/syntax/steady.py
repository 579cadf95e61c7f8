"""Whether a name holds the same thing all through a loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.syntax.effects import Effect, effect_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from whetstone_knowledge.syntax.facts import Facts


def steady(facts: Facts, name: str, loop: Node) -> bool:
    """Whether what `name` holds stays as it is inside `loop`.

    Of a parameter whose kind nobody states, this says only that nothing in the loop changes it *if it is a list*:
    that it is no iterator, and that no one else changes it meanwhile, is left to a proof.
    """
    if not facts.is_local(name) or facts.rebound_in(name, loop):
        return False
    if facts.kind(name) != "unknown":
        return not facts.changed_in(name, loop) and (facts.is_parameter(name) or not facts.escapes_before(name, loop))
    return facts.is_parameter(name) and all(
        effect_of(found, "list", facts) == Effect.NONE
        for found in facts.occurrences(name)
        if found.role == "read" and loop.start_byte <= found.node.start_byte < loop.end_byte
    )
