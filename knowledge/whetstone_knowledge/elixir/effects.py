"""Code of Elixir that does something besides having a value, as far as can be seen where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import arguments_of, operands
from whetstone_knowledge.elixir.match import is_capture
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match

_ONLY_VALUES = frozenset(
    {
        *("Access", "Atom", "Base", "Bitwise", "Date", "DateTime", "Enum", "Float", "Integer", "Keyword", "List"),
        *("Map", "MapSet", "NaiveDateTime", "Path", "Range", "Regex", "Stream", "String", "Time", "Tuple", "URI"),
        "Version",
    }
)
"""Modules whose functions do nothing but to work out a value, if the functions that they are given do not."""
_OF_KERNEL = frozenset(
    {
        *("abs", "ceil", "div", "elem", "floor", "get_in", "hd", "inspect", "length", "map_size", "max", "min", "not"),
        *("bit_size", "byte_size", "put_elem", "rem", "round", "tl", "to_charlist", "to_string", "trunc", "tuple_size"),
        *("is_atom", "is_binary", "is_boolean", "is_float", "is_function", "is_integer", "is_list", "is_map", "is_nil"),
        *("is_number", "is_pid", "is_reference", "is_struct", "is_tuple", "match?"),
        *("case", "cond", "if", "unless", "with", "for"),
    }
)


def may_have_effects(match: Match, node: Node) -> bool:
    """Whether code may do something when it runs, beside raising: it calls what is not known to only have a value."""
    return any(_may_do_more(match, each) for each in below(node))


def function_may_have_effects(match: Match, function: Node) -> bool:
    """Whether something may happen when a function that is an argument runs; of one in a variable nothing is known."""
    is_written = function.type == "anonymous_function" or is_capture(function)
    return not is_written or may_have_effects(match, function)


def _may_do_more(match: Match, node: Node) -> bool:
    if is_capture(node):
        return _names_unknown(match, node)
    if node.type != "call":
        return False
    call = match.read(node)
    if call is None:
        return True
    if call.receiver is not None and call.module is None:
        # `user.name`, or a function of a module that is known only at run time.
        return arguments_of(node) is not None
    return call.module not in _ONLY_VALUES and not (call.name in _OF_KERNEL and match.is_kernel(call, call.name))


def _names_unknown(match: Match, node: Node) -> bool:
    """Whether a capture is `&name/1` of a function that is not known."""
    sides = operands(node.named_children[0]) if node.named_children else None
    if sides is None or sides[1] != "/" or sides[0].type != "identifier":
        return False
    name, arity = match.text(sides[0]), match.text(sides[2])
    return name not in _OF_KERNEL or not arity.isdigit() or not match.means_kernel(name, int(arity))
