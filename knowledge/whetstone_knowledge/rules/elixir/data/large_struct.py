"""WE225: a struct that the VM keeps as a hash map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import items
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match

_FLAT = 31
"""Fields of a struct up to which it is kept flat: 32 keys, and `__struct__` is one."""


class LargeStruct(ElixirRule):
    """Defines a struct with 32 fields or more, which the VM does not keep flat.

    Up to 32 keys a map is two rows, the keys, which updated copies share, and the values. A struct has `__struct__` as
    one key more, so with 32 fields of its own it becomes a tree of hashes and shares no keys: empty, one of 31 fields
    takes 68 words and one of 32 takes 125. Building and updating it takes longer too. It matters where there are very
    many of them.

    The rule stays quiet where fields come from elsewhere, so that they cannot be counted, and for schemas of Ecto.
    """

    code = "WE225"
    title = "Put fields that belong together into a struct of their own"
    message = "With 32 fields or more the VM keeps each value of this struct as a hash map"
    severity = "medium"
    weight = 15
    fix = "none"
    words = ("defstruct",)
    before = """
        defmodule Sheet do
          defstruct [
            :a01,
            :a02,
            :a03,
            :a04,
            :a05,
            :a06,
            :a07,
            :a08,
            :a09,
            :a10,
            :a11,
            :a12,
            :a13,
            :a14,
            :a15,
            :a16,
            :a17,
            :a18,
            :a19,
            :a20,
            :a21,
            :a22,
            :a23,
            :a24,
            :a25,
            :a26,
            :a27,
            :a28,
            :a29,
            :a30,
            last: 31,
            sum: 32
          ]
        end
    """
    after = ""
    more = (
        (
            """
            defmodule Sheet do
              @fields ~w(a b c d e f g h i j k l m n o p q r s t u v w x y z aa bb cc dd ee ff)a
              defstruct @fields
            end
            """,
            "",
        ),
    )
    quiet = (
        """
        defmodule Sheet do
          defstruct ~w(a b c d e f g h i j k l m n o p q r s t u v w x y z aa bb cc dd ee)a
        end
        """,
        """
        defmodule Sheet do
          defstruct [:id, :rows, sum: 0]
        end
        """,
        """
        defmodule Sheet do
          defstruct Sheet.Fields.all()
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a struct gets as many fields, as far as they can be counted here."""
        call = match.call
        if call is None or not call.is_local or len(call.arguments) != 1:
            return False
        return _count(match, call.arguments[0]) > _FLAT


def _count(match: Match, fields: Node) -> int:
    """Return how many fields are written down; none where that is not all of them."""
    if fields.type == "unary_operator" and match.module is not None:
        values = match.module.attributes.get(match.text(fields).removeprefix("@"), ())
        return _count(match, values[0]) if len(values) == 1 and values[0].type != "unary_operator" else 0
    if fields.type == "sigil":
        content = next((child for child in fields.named_children if child.type == "quoted_content"), None)
        return len(match.text(content).split()) if content is not None else 0
    if fields.type not in {"list", "keywords"}:
        return 0
    inside = items(fields)
    return sum(len(items(each)) if each.type == "keywords" else 1 for each in inside)
