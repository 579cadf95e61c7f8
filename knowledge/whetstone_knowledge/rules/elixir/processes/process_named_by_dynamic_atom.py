"""WE132: processes whose names are atoms made at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import items
from whetstone_knowledge.elixir.children import set_to
from whetstone_knowledge.elixir.match import below, variables
from whetstone_knowledge.rule import ElixirRule, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match, Replacement

_STARTS = frozenset({"start", "start_child", "start_link", "start_supervised", "start_supervised!", "child_spec"})
_FEW = frozenset(
    {
        *("__MODULE__", "app", "base", "base_name", "env", "i", "idx", "index", "mod", "module", "n", "name", "node"),
        *("otp_app", "partition", "pool", "pool_name", "prefix", "registry", "repo", "shard", "suffix", "supervisor"),
    }
)
"""Variables that are called so take few values: names that somebody chose, and numbers up to a number of processes."""


class ProcessNamedByDynamicAtom(ElixirRule):
    """Names processes by atoms that are made at run time.

    Atoms are never collected, and there can be 1,048,576 of them by default: with one for each user or session the node
    is gone one day, all of it. A `Registry` takes any term as a name, and forgets it with the process.

    The rule stays quiet where the atom is made of names alone, such as `name` or `__MODULE__`, or of a number of a
    partition, for `String.to_existing_atom`, and where nothing is named by it.

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
    """Whether an atom is made of something that may take any number of values."""
    call = match.read(value) if value.type == "call" else None
    if value.type == "quoted_atom":
        parts = [child for child in value.named_children if child.type == "interpolation"]
    elif call is not None and (call.to("String", "to_atom", 1) or call.to("Module", "concat", 1, 2)):
        parts = list(call.arguments)
    else:
        return False
    names = {match.text(node) for part in parts for node in variables(part)}
    return bool(names - _FEW) and not any(_is_settled(match, node) for part in parts for node in below(part))


def _is_settled(match: Match, node: Node) -> bool:
    """Whether a part is the name of something that was chosen: an option, or a field that is called so."""
    text = match.text(node)
    return text == ":name" if node.type == "atom" else node.type == "dot" and text.endswith(".name")


def _key(match: Match, made: Node) -> str:
    """Return the term that an atom is made of."""
    call = match.read(made) if made.type == "call" else None
    if call is None:
        return match.text(made).removeprefix(":")
    texts = [match.text(node) for node in call.arguments]
    return texts[0] if len(texts) == 1 else f"{{{', '.join(texts)}}}"
