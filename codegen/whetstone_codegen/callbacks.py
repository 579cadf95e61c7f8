"""The callbacks that an Elixir module owes its behaviours, and those for the messages it sends itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from whetstone_codegen.edits import Edit
from whetstone_knowledge.elixir.calls import call_of, items
from whetstone_knowledge.elixir.reading import read
from whetstone_knowledge.spans import Span
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from whetstone_knowledge.elixir.modules import Module
    from whetstone_knowledge.elixir.text import Text

_WIDTH = 98
"""Columns of a line, as `mix format` breaks it."""
_PLAIN = frozenset({"tuple", "atom", "identifier", "integer", "float", "boolean", "nil", "alias"})
"""What may stand in a message for it to be a pattern as well."""
_VARIABLE = re.compile(r"(?<![:\w.])(?!(?:true|false|nil|__\w+__)\b)[a-z_]\w*")
"""A variable in the text of a pattern."""


class Callback(NamedTuple):
    """A function that is missing."""

    name: str
    arity: int
    clauses: tuple[str, ...]
    """Each from `def` to `end`, with lines that end in `\\n`."""

    def __str__(self) -> str:
        return f"{self.name}/{self.arity}"


_HEADS = {
    ("handle_continue", 2): "def handle_continue(%s, _state) do",
    ("handle_call", 3): "def handle_call(%s, _from, _state) do",
    ("handle_cast", 2): "def handle_cast(%s, _state) do",
    ("handle_info", 2): "def handle_info(%s, _state) do",
}
"""The callbacks for messages, in the order in which they are written."""
_SUPERVISOR = """\
def init(_init_arg) do
  children = []

  Supervisor.init(children, strategy: :one_for_one)
end
"""
_APPLICATION = """\
def start(_type, _args) do
  children = []

  Supervisor.start_link(children, strategy: :one_for_one, name: %(around)s.Supervisor)
end
"""
_STATE_MACHINE = """\
def handle_event(type, event, state, _data) do
  raise "this is still to be written: #{inspect({type, event, state})}"
end
"""
_OWED = {
    "GenServer": (Callback("init", 1, ("def init(init_arg) do\n  {:ok, init_arg}\nend\n",)),),
    "Supervisor": (Callback("init", 1, (_SUPERVISOR,)),),
    "DynamicSupervisor": (
        Callback("init", 1, ("def init(_init_arg) do\n  DynamicSupervisor.init(strategy: :one_for_one)\nend\n",)),
    ),
    "Application": (Callback("start", 2, (_APPLICATION,)),),
    ":gen_statem": (
        Callback("callback_mode", 0, ("def callback_mode, do: :handle_event_function\n",)),
        Callback("init", 1, ("def init(init_arg) do\n  {:ok, :started, init_arg}\nend\n",)),
        Callback("handle_event", 4, (_STATE_MACHINE,)),
    ),
}
"""What OTP calls in any case, by behaviour."""


def missing_callbacks(source: bytes, module: str) -> tuple[Callback, ...]:
    """Return the callbacks that a module in `source` owes and has not."""
    text = read(source)
    found = _found(module, text)
    return tuple(_missing(found, text)) if found else ()


def with_callbacks(source: bytes, module: str) -> tuple[Edit, ...]:
    """Return the edit that adds the missing callbacks behind the last public function; none when none is missing.

    What they are to do is not known here, so that of messages they say when they are called that this is to be written.
    """
    text = read(source)
    found = _found(module, text)
    missing = tuple(_missing(found, text)) if found else ()
    if found is None or not missing:
        return ()
    private = {clause.node.id for clause in found.clauses if clause.kind in {"defp", "defmacrop"}}
    last = [node for node in found.statements if node.id not in private][-1]
    newline = "\r\n" if b"\r\n" in source else "\n"
    end = source.find(b"\n", last.end_byte)
    end = end - source[:end].endswith(b"\r") if end >= 0 else len(source)
    mark = "" if _goes_without_impl(found) else "@impl true\n"
    functions = (mark + "\n".join(callback.clauses) for callback in missing)
    indent = " " * last.start_point.column
    written = "\n" + "\n".join(functions).rstrip()
    lines = "".join(f"\n{indent}{line}" if line else "\n" for line in written.split("\n"))
    goes_on = re.match(rb"\r?\n[ \t]*(?!end\b)[^\s]", source[end:])
    lines += "\n" if goes_on else ""
    return (Edit(Span(end, end), lines.replace("\n", newline)),)


def _found(module: str, text: Text) -> Module | None:
    """Return the module, if it is whole and has lines that something could be put between."""
    named = (each for each in text.modules if each.name == module and text.is_whole(each.node))
    return next((each for each in named if each.node.start_point.row < each.node.end_point.row), None)


def _goes_without_impl(module: Module) -> bool:
    """Whether it has callbacks that are not marked; one that is would have the compiler ask for the others' marks."""
    owed = {(each.name, each.arity) for behaviour in module.behaviours & _OWED.keys() for each in _OWED[behaviour]}
    has_some = any(module.is_callback(each) or (each.name, each.arity) in owed for each in module.clauses)
    return has_some and not module.attributes.get("impl")


def _missing(module: Module, text: Text) -> Iterator[Callback]:
    for behaviour in sorted(module.behaviours & _OWED.keys()):
        for callback in _OWED[behaviour]:
            if not module.defines(callback.name, callback.arity):
                yield callback._replace(clauses=tuple(clause % _names(module) for clause in callback.clauses))
    if module.is_server:
        messages = _messages(module, text)
        for (name, arity), head in _HEADS.items():
            if messages[name] and not module.defines(name, arity):
                yield Callback(name, arity, tuple(_clause(head, message) for message in messages[name]))


def _names(module: Module) -> dict[str, str]:
    return {"around": module.name.rpartition(".")[0] or module.name}


def _messages(module: Module, text: Text) -> dict[str, list[str]]:
    """Return the messages that a server's own functions send it, by the callback that gets them."""
    found: dict[str, list[str]] = {name: [] for name, _ in _HEADS}
    for node in below(*module.statements):
        for callback, message in _sent(node, text):
            found[callback].append(_pattern(message, text))
    return {name: _distinct(patterns) for name, patterns in found.items()}


def _sent(node: Node, text: Text) -> Iterator[tuple[str, Node]]:
    """Yield the callback and the message where a node sends one."""
    call = call_of(node, text.resolved, text.text)
    if call and call.to("GenServer", "call", 2, 3):
        yield "handle_call", call.arguments[1]
    elif call and call.to("GenServer", "cast", 2):
        yield "handle_cast", call.arguments[1]
    elif call and (call.to("Process", "send_after", 3, 4) or (call.is_local and call.name == "send")):
        if call.arity >= 2 and text.text(call.arguments[0]) == "self()":
            yield "handle_info", call.arguments[1]
    elif node.type == "tuple" and len(inside := items(node)) == 2 and text.text(inside[0]) == ":continue":
        yield "handle_continue", inside[1]


def _distinct(patterns: Sequence[str]) -> list[str]:
    """Return one pattern of each shape, in an order in which none takes the messages of one behind it."""
    shapes: dict[str, str] = {}
    for pattern in patterns:
        shapes.setdefault(_shape(pattern), pattern)
    ordered: list[str] = []
    for pattern in shapes.values():
        takes_it = (place for place, other in enumerate(ordered) if re.fullmatch(_taking(other), pattern))
        ordered.insert(next(takes_it, len(ordered)), pattern)
    return ordered


def _shape(pattern: str) -> str:
    """Return a pattern with its variables numbered, the same for `{:add, n, n}` and `{:add, x, x}`."""
    numbers: dict[str, str] = {}
    return _VARIABLE.sub(lambda found: numbers.setdefault(found[0], f"?{len(numbers)}"), pattern)


def _taking(pattern: str) -> str:
    """Return what matches the patterns whose messages this one takes as well."""
    return ".+".join(map(re.escape, _VARIABLE.split(pattern)))


def _pattern(message: Node, text: Text) -> str:
    """Return what matches a message: the message as it is sent, where it can be a pattern."""
    written = text.text(message)
    plain = all(node.type in _PLAIN for node in below(message)) and message.type != "identifier"
    return written if plain and "\n" not in written else "message"


def _clause(head: str, message: str) -> str:
    """Return a clause that is to be written."""
    line = head % message
    says = f'  raise "this is still to be written: #{{inspect({message})}}"'
    if max(len(line), len(says)) + 4 > _WIDTH and message != "message":
        return _clause(head, "message")
    return f"{line}\n{says}\nend\n"
