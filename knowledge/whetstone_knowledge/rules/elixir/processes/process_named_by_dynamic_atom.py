"""WE132: processes whose names are atoms made at run time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import items
from whetstone_knowledge.elixir.children import set_to
from whetstone_knowledge.rule import ElixirRule, Refused
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match, Replacement

_STARTS = frozenset({"start", "start_child", "start_link", "start_supervised", "start_supervised!", "child_spec"})
_MANY = re.compile(
    r"(?:^|_)(?:account|address|channel|client|conn|customer|email|game|host|id|ip|key|order|player|ref|room|session"
    r"|token|topic|unique_integer|user|username|uuid)s?$"
)
"""What things are called of which there may be any number; settings, partitions and chosen names are few."""


class ProcessNamedByDynamicAtom(ElixirRule):
    """Names processes by atoms that are made at run time.

    Atoms are never collected, and there can be 1,048,576 of them by default: with one for each user or session the node
    is gone one day, all of it. A `Registry` takes any term as a name, and forgets it with the process.

    The rule speaks only where the atom is made of what is called like something there may be any number of: an id, a
    user, a session, a token and the like. It stays quiet about names that somebody chose and numbers of partitions, for
    `String.to_existing_atom`, and where no process is named by it.

    The rewrite names the process in a registry that is called after the first part of the module's name. Start that in
    the supervision tree, as `{Registry, keys: :unique, name: …}`, and have who calls the process name it in the same
    way.
    """

    code = "WE132"
    title = "Name it in a Registry"
    message = "Each name made here is one more atom, and atoms are never collected"
    severity = "high"
    weight = 45
    fix = "review"
    words = ("name:",)
    before = """
        defmodule Shop.Carts do
          def start_cart(user) do
            GenServer.start_link(Cart, user, name: :"cart_#{user.id}")
          end
        end
    """
    after = """
        defmodule Shop.Carts do
          def start_cart(user) do
            GenServer.start_link(Cart, user, name: {:via, Registry, {Shop.Registry, "cart_#{user.id}"}})
          end
        end
    """
    more = (
        (
            """
            defmodule Carts do
              def open(user) do
                name = String.to_atom(user)
                DynamicSupervisor.start_child(Carts.Supervisor, {Carts.Cart, name: name})
              end
            end
            """,
            """
            defmodule Carts do
              def open(user) do
                name = {:via, Registry, {Carts.Registry, user}}
                DynamicSupervisor.start_child(Carts.Supervisor, {Carts.Cart, name: name})
              end
            end
            """,
        ),
        (
            """
            defmodule Carts do
              def open(user) do
                Agent.start_link(Cart, :new, [user], name: Module.concat(Cart, user))
              end
            end
            """,
            """
            defmodule Carts do
              def open(user) do
                Agent.start_link(Cart, :new, [user], name: {:via, Registry, {Carts.Registry, {Cart, user}}})
              end
            end
            """,
        ),
    )
    quiet = (
        """
        defmodule Carts do
          def start_link(options) do
            name = Keyword.fetch!(options, :name)
            Agent.start_link(fn -> [] end, name: :"#{name}.Carts")
          end
        end
        """,
        """
        defmodule Carts do
          def start_link(user) do
            Agent.start_link(fn -> [] end, name: {:via, Registry, {Carts.Registry, user}})
          end
        end
        """,
        """
        defmodule Carts do
          def start_link(user) do
            Agent.start_link(fn -> [] end, name: String.to_existing_atom(user))
          end
        end
        """,
        """
        defmodule Carts do
          def start_link(graph, options) do
            Agent.start_link(fn -> [] end, name: :"carts_#{options[:provider]}_#{options[:shard]}")
            Supervisor.start_link([], strategy: :one_for_one, name: Module.concat(graph, Supervisor))
          end
        end
        """,
        """
        defmodule Carts do
          def field(user), do: %{name: :"cart_#{user}", type: :cart}
        end
        """,
        """
        defmodule Carts do
          def start_link(_), do: Agent.start_link(fn -> [] end, name: Module.concat(__MODULE__, Agent))
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether a process is started under an atom that is made of something other than names."""
        pair = match.ancestors[-1]
        value = pair.child_by_field_name("value") if pair.type == "pair" else None
        if value is None or not _names_a_process(match):
            return False
        made = _made(match, value)
        if made is None:
            return False
        match.underline(made)
        return True

    def mend(self, match: Match) -> Iterator[Replacement]:
        """Name it in a registry by what the atom is made of."""
        made, module = match.here, match.module
        if module is None:
            raise Refused("it stands in no module that a registry could be called after")
        if (module.node.text or b"").count(made.text or b"") > 1:
            raise Refused("the same atom is made elsewhere in the module, where the name has to change as well")
        registry = f"{module.name.partition('.')[0]}.Registry"
        new = f"{{:via, Registry, {{{registry}, {_key(match, made)}}}}}"
        yield match.replaced(made, new)


def _names_a_process(match: Match) -> bool:
    """Whether the option is one of a call that starts a process, or of a child specification."""
    for node in reversed(match.ancestors[:-1]):
        if node.type == "tuple":
            first = items(node)[0]
            return first.type == "alias" or match.text(first) == "__MODULE__"
        call = match.read(node) if node.type == "call" else None
        if call is not None:
            return call.name in _STARTS and not call.is_local
        if node.type not in {"keywords", "list", "arguments"}:
            return False
    return False


def _made(match: Match, value: Node) -> Node | None:
    """Return what makes the atom: the value itself, or what the variable is set to that the value is."""
    if value.type == "identifier" and match.clause is not None:
        values = list(set_to(match.text(value), match.clause))
        if len(values) != 1:
            return None
        value = values[0]
    return value if _is_unbounded(match, value) else None


def _is_unbounded(match: Match, value: Node) -> bool:
    """Whether an atom is made of something of which there may be any number."""
    call = match.read(value) if value.type == "call" else None
    if value.type == "quoted_atom":
        parts = [child for child in value.named_children if child.type == "interpolation"]
    elif call is not None and call.to("String", "to_atom", 1):
        parts = list(call.arguments)
    elif call is not None and call.to("Module", "concat", 2):
        parts = [call.arguments[1]]  # the first is the name that it goes on from
    else:
        return False
    words = (match.text(node).lstrip(":") for node in below(*parts))
    return any(_MANY.search(word) for word in words)


def _key(match: Match, made: Node) -> str:
    """Return the term that an atom is made of."""
    call = match.read(made) if made.type == "call" else None
    if call is None:
        return match.string_of(made)
    texts = [match.text(node) for node in call.arguments]
    return texts[0] if len(texts) == 1 else f"{{{', '.join(texts)}}}"
