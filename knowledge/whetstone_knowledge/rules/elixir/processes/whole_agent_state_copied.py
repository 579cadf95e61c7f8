"""WE134: the whole state of an agent, copied to look at a part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.effects import may_have_effects
from whetstone_knowledge.elixir.loops import fresh
from whetstone_knowledge.elixir.match import is_capture
from whetstone_knowledge.rule import ElixirRule, Refused
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match, Replacement

_NARROWING = {
    "Map": {"get", "fetch", "fetch!", "has_key?", "take"},
    "Keyword": {"get", "fetch", "fetch!", "has_key?", "take"},
    "MapSet": {"member?", "size"},
    "List": {"first", "last", "keyfind"},
    "Enum": {
        *("all?", "any?", "at", "count", "empty?", "fetch", "fetch!", "filter", "find", "find_value", "max", "max_by"),
        *("member?", "min", "min_by", "sum", "take"),
    },
}
_OF_KERNEL = ("elem", "hd", "length", "map_size", "tuple_size")
"""Functions whose result is smaller than what they get first."""


class WholeAgentStateCopied(ElixirRule):
    """Has an agent send its whole state, to look at a part of it here.

    What an agent returns is copied from its heap to that of the caller, all of it each time. A function that the agent
    runs sends only its result.

    The rule speaks only where the part is taken right from the result; it stays quiet where the state is returned, or
    kept in a variable.

    With the rewrite the agent does the work instead of the caller. That is right for a look at a key, and wrong for
    work that takes long: meanwhile it answers nobody. What raises there, for a key that is missing, ends the agent too.
    """

    code = "WE134"
    title = "Take the part inside the agent"
    message = "The agent copies its whole state to this process, which looks at a part of it"
    severity = "medium"
    weight = 30
    fix = "review"
    words = ("get",)
    before = """
        defmodule Prices do
          def price(agent, item) do
            agent |> Agent.get(& &1) |> Map.get(item)
          end
        end
    """
    after = """
        defmodule Prices do
          def price(agent, item) do
            agent |> Agent.get(&Map.get(&1, item))
          end
        end
    """
    more = (
        (
            """
            defmodule Prices do
              def cheap(agent) do
                Enum.filter(Agent.get(agent, fn prices -> prices end, 10_000), &(&1 < 5))
              end
            end
            """,
            """
            defmodule Prices do
              def cheap(agent) do
                Agent.get(agent, fn state -> Enum.filter(state, &(&1 < 5)) end, 10_000)
              end
            end
            """,
        ),
        (
            """
            defmodule Prices do
              def currency(agent), do: Agent.get(agent, & &1).currency
            end
            """,
            """
            defmodule Prices do
              def currency(agent), do: Agent.get(agent, & &1.currency)
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Prices do
          def all(agent), do: Agent.get(agent, & &1)
        end
        """,
        """
        defmodule Prices do
          def price(agent, item), do: Agent.get(agent, &Map.get(&1, item))
        end
        """,
        """
        defmodule Prices do
          def rows(agent), do: agent |> Agent.get(& &1) |> Enum.map(&to_string/1)
        end
        """,
        """
        defmodule Prices do
          def price(agent, item) do
            prices = Agent.get(agent, & &1)
            Map.get(prices, item) || Map.get(prices, :default)
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether all of the state is asked for, and a part taken from it."""
        call = match.call if b"Agent" in match.whole.source else None
        if call is None or not call.to("Agent", "get", 2, 3) or not _returns_all(match, call.arguments[1]):
            return False
        used = _field(call.whole) or _narrowed(match, call.whole)
        if used is None:
            return False
        match.also("used", used)
        return True

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Put what is done with the state into the function that the agent runs."""
        call, used = match.call, match.node("used")
        if call is None:
            return
        function = call.arguments[1]
        outer = match.read(used)
        if outer is None or outer.receiver == call.whole:
            rest = match.whole.source[call.whole.end_byte : used.end_byte].decode()
            state = fresh(match, "state")
            made = f"fn {state} -> {state}{rest} end" if _is_in_capture(match) else f"& &1{rest}"
        else:
            made = _function(match, outer)
        if any(node.type == "comment" for node in below(used)):
            raise Refused("a comment stands in what would be replaced")
        start, end = call.whole.start_byte, call.whole.end_byte
        asked = match.whole.source[start : function.start_byte].decode() + made
        yield match.replaced(used, asked + match.whole.source[function.end_byte : end].decode())


def _returns_all(match: Match, function: Node) -> bool:
    """Whether a function returns what it gets."""
    text = "".join(match.text(function).split())
    if text in {"&&1", "&(&1)", "&Function.identity/1"}:
        return True
    clauses = function.named_children if function.type == "anonymous_function" else []
    if len(clauses) != 1:
        return False
    left, right = clauses[0].child_by_field_name("left"), clauses[0].child_by_field_name("right")
    return left is not None and right is not None and match.text(left).strip("()") == match.text(right)


def _field(state: Node) -> Node | None:
    """Return the `state.field` that a node is the state of."""
    dot = state.parent
    around = dot.parent if dot is not None and dot.type == "dot" else None
    if dot is None or around is None or around.type != "call" or dot.child_by_field_name("left") != state:
        return None
    has_arguments = any(child.type == "arguments" for child in around.named_children)
    return None if has_arguments else around


def _narrowed(match: Match, state: Node) -> Node | None:
    """Return the call, with its pipe, that takes a part of a state."""
    around = state.parent
    if around is not None and around.type == "arguments":
        around = around.parent
    call = match.read(around) if around is not None else None
    if call is None or not call.arguments or call.arguments[0] != state:
        return None
    if call.module is not None and call.name in _NARROWING.get(call.module, ()):
        return call.whole
    return call.whole if any(match.is_kernel(call, name) for name in _OF_KERNEL) else None


def _function(match: Match, outer: Call) -> str:
    """Return the function for the agent: what is done with the state here."""
    others = outer.arguments[1:]
    texts = [match.text(node) for node in others]
    if any(match.text(node) in {"self", "self()"} for other in others for node in below(other)):
        raise Refused("`self()` is another process inside the agent")
    if any(may_have_effects(match, other) for other in others):
        raise Refused("what is done with the state calls what may do something else inside the agent")
    if any("\n" in text for text in texts):
        raise Refused("what is done with the state takes several lines; move it by hand")
    target = outer.node.child_by_field_name("target")
    name = match.text(target) if target is not None else outer.name
    has_capture = any(node.type == "unary_operator" for other in others for node in below(other))
    if has_capture or _is_in_capture(match):
        state = fresh(match, "state")
        return f"fn {state} -> {name}({', '.join([state, *texts])}) end"
    return f"&{name}({', '.join(['&1', *texts])})"


def _is_in_capture(match: Match) -> bool:
    """Whether this stands in a `&`, in which there can be no other."""
    return any(map(is_capture, match.ancestors))
