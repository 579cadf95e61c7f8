"""WE310: a macro that does what a function could do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import is_call_of, items, operands
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match

_FUNCTIONS_ONLY = frozenset(
    {
        *("Enum", "Stream", "Map", "MapSet", "Keyword", "List", "Tuple", "String", "Path", "File", "IO", "URI"),
        *("Date", "Time", "DateTime", "NaiveDateTime", "Base", "Float", "Version", "Regex", "Process", "System"),
        *("Agent", "GenServer", "Task"),
    }
)
"""Modules of Elixir in which everything is a function, and nothing may stand in a guard."""
_OF_KERNEL = frozenset(
    {"abs", "apply", "byte_size", "div", "elem", "hd", "inspect", "length", "map_size", "max", "min"}
)
_OF_KERNEL |= {"put_elem", "rem", "round", "self", "send", "tl", "trunc", "tuple_size"}
_OPERATORS = frozenset({"+", "-", "*", "/", "++", "--", "<>", "|>", "==", "!=", "===", "!==", "<", ">", "<=", ">="})
_HOLDERS = frozenset({"list", "tuple", "map", "map_content", "keywords", "pair", "block", "string", "interpolation"})
_LITERALS = frozenset(
    {"alias", "atom", "boolean", "char", "escape_sequence", "float", "integer", "keyword", "nil", "quoted_content"}
)


class UnnecessaryMacro(ElixirRule):
    """Defines a macro that only puts its arguments into calls of functions.

    Who uses a macro needs `require`, depends on its module while compiling, and cannot pass it to `Enum.map`. It is
    worth that when arguments have to be seen as code, or something is defined in the module of the caller; a macro that
    evaluates each argument once, and calls functions with them, does nothing that a function does not.

    The rule speaks only where all that is quoted are literals, operators and calls of functions that are known to be
    ones, each parameter is unquoted once, and one call at least could not stand in a guard, so that the macro cannot be
    meant for one. It stays quiet about variables, attributes, branches and everything else that is quoted.
    """

    code = "WE310"
    title = "Make it a function"
    message = "`{name}` only calls functions with its arguments, which a function could do"
    severity = "low"
    weight = 15
    fix = "none"
    reads_macros = True
    words = ("defmacro", "defmacrop")
    beside = ("quote",)
    before = """
        defmodule Shop.Texts do
          defmacro label(name, price) do
            quote do
              String.upcase(unquote(name)) <> ": " <> Float.to_string(unquote(price))
            end
          end
        end
    """
    after = ""
    more = (
        (
            """
            defmodule Shop.Texts do
              defmacro publish(topic, event) do
                quote(do: unquote(__MODULE__).send_all(unquote(topic), {:event, unquote(event)}))
              end

              def send_all(topic, event), do: {topic, event}
            end
            """,
            "",
        ),
        (
            """
            defmodule Shop.Texts do
              defmacro words(text), do: quote(do: unquote(text) |> String.trim() |> String.split(" "))
            end
            """,
            "",
        ),
    )
    quiet = (
        """
        defmodule Shop.Texts do
          defmacro twice(number) do
            quote do
              unquote(number) * 2
            end
          end
        end
        """,
        """
        defmodule Shop.Texts do
          defmacro shown(text) do
            quote do
              IO.puts(unquote(Macro.to_string(text)))
            end
          end
        end
        """,
        """
        defmodule Shop.Texts do
          defmacro twice(text) do
            quote do
              String.upcase(unquote(text)) <> unquote(text)
            end
          end
        end
        """,
        """
        defmodule Shop.Texts do
          defmacro named(text) do
            quote do
              Shop.Registry.put(__MODULE__, String.upcase(unquote(text)))
            end
          end
        end
        """,
        """
        defmodule Shop.Texts do
          defmacro fallback(text, other) do
            quote do
              String.first(unquote(text)) || unquote(other)
            end
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether the only clause of a macro quotes nothing but calls of functions with its parameters."""
        clause, module = match.clause, match.module
        if clause is None or module is None or match.ancestors[-1] != clause.node or len(clause.body) != 1:
            return False
        if clause.name.startswith("__") or len(module.functions.get((clause.name, clause.arity), ())) != 1:
            return False
        quoted = list(_quoted(match, clause.body[0]))
        given = [match.text(parameter) for parameter in clause.parameters if parameter.type == "identifier"]
        if not quoted or len(given) != clause.arity or module.behaviours:
            return False
        reading = _Quoted(match)
        if not all(map(reading.is_plain, quoted)) or sorted(reading.unquoted) != sorted(given):
            return False
        match.underline(clause.name_node)
        match.also("name", clause.name_node)
        return reading.is_beyond_guards


class _Quoted:
    """What is known of quoted code after it was read."""

    def __init__(self, match: Match) -> None:
        self._match = match
        self.unquoted: list[str] = []
        """What is unquoted, as often as it is."""
        self.is_beyond_guards = False
        """Whether something is called that may not stand in a guard."""

    def is_plain(self, node: Node) -> bool:
        """Whether some code consists of literals, operators and calls of functions, and of what is unquoted."""
        if node.type in _LITERALS:
            return True
        if node.type in _HOLDERS:
            return all(map(self.is_plain, items(node)))
        sides = operands(node)
        if sides is not None:
            return sides[1] in _OPERATORS and self.is_plain(sides[0]) and self.is_plain(sides[2])
        call = self._match.read(node)
        return call is not None and call.block is None and self._is_plain_call(call)

    def _is_plain_call(self, call: Call) -> bool:
        given = call.arguments[1:] if call.piped else call.arguments
        if call.is_local and call.name == "unquote":
            self.unquoted += map(self._match.text, given)
            return len(given) == 1
        if call.is_local:
            return call.name in _OF_KERNEL and all(map(self.is_plain, given))
        if call.module not in _FUNCTIONS_ONLY and not self._is_own(call):
            return False
        self.is_beyond_guards = True
        return all(map(self.is_plain, given))

    def _is_own(self, call: Call) -> bool:
        """Whether a call reaches a function of the module that the macro stands in."""
        module, receiver = self._match.module, call.receiver
        if module is None or receiver is None:
            return False
        if call.module != module.name and self._match.text(receiver) != "unquote(__MODULE__)":
            return False
        return any(clause.kind == "def" for clause in module.reached_by(call.name, call.arity))


def _quoted(match: Match, node: Node) -> Iterator[Node]:
    """Yield the expressions of a `quote` without options; nothing for any other node."""
    call = match.read(node) if is_call_of(node, "quote") else None
    if call is None:
        return
    value = call.option("do")
    if call.block is not None and not call.arguments:
        yield from items(call.block)
    elif value is not None and len(call.arguments) == 1 and len(items(call.arguments[0])) == 1:
        yield value
