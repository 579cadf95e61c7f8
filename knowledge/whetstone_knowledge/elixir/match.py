"""One place in an Elixir text at which a rule begins to look, with what it may ask about the surroundings."""

from __future__ import annotations

import itertools
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from whetstone_knowledge.elixir.brackets import is_close, is_open
from whetstone_knowledge.elixir.calls import Call, arguments_of, call_of, is_call_of, items, operands
from whetstone_knowledge.elixir.modules import DEFINITIONS, clause_of
from whetstone_knowledge.rule import Refused
from whetstone_knowledge.spans import Span
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tree_sitter import Node

    from whetstone_knowledge.elixir.modules import Clause, Module
    from whetstone_knowledge.elixir.text import Text

LOOPING = frozenset({"Enum", "Stream", "Task", "Task.Supervisor", "Flow", ":lists", "Map", "Keyword", "MapSet"})
"""Modules whose functions call the function they are given again and again."""
_ONCE = frozenset(
    {
        *("async", "async_nolink", "start", "start_link", "start_child"),
        *("update", "update!", "get_and_update", "get_lazy", "pop_lazy", "put_new_lazy", "replace_lazy"),
    }
)
"""Those of their functions that call it once."""
_BLOCKS = frozenset({"source", "body", "do_block", "block", "after_block", "catch_block", "else_block", "rescue_block"})
"""What statements stand in."""
_RUN_ELSEWHERE = frozenset({"Agent", "Task", "Task.Supervisor"})
"""Modules that have the function they are given run by another process."""


class Replacement(NamedTuple):
    """A stretch of the text and what is to stand there instead."""

    span: Span
    text: str


class Match:
    """A word that stands in a text, and the code around it."""

    def __init__(self, leaf: Node, text: Text) -> None:
        self.leaf = leaf
        """The word itself."""
        self.whole = text
        """The text that it stands in."""
        self._here: Node | None = None
        self._captures: dict[str, list[Node]] = {}
        self.asks_for_review = False
        """Whether the rewrite has to be looked at here although the rule's usual one need not be."""

    def again(self) -> Match:
        """Return the same place for another rule: what is known of it stays, what a rule named does not."""
        other = Match.__new__(Match)
        other.__dict__ = {**self.__dict__, "_here": None, "_captures": {}, "asks_for_review": False}
        return other

    # -- what stands here --------------------------------------------------------------------------------------------

    @cached_property
    def call(self) -> Call | None:
        """The call of the function that the word names; `None` where it names none."""
        for node in reversed(self.ancestors[-2:]):
            call = self.read(node) if node.type == "call" else None
            if call is not None:
                target = node.child_by_field_name("target")
                named = target.child_by_field_name("right") if target is not None and target.type == "dot" else target
                return call if named == self.leaf else None
        return None

    @cached_property
    def operation(self) -> Node | None:
        """The expression whose operator the word is; `None` where it is none."""
        around = self.ancestors[-1] if self.ancestors else None
        if around is None or around.type not in {"binary_operator", "unary_operator"} or self.leaf.is_named:
            return None
        return around

    @cached_property
    def definition(self) -> Clause | None:
        """The clause whose name the word is; `None` where it is none."""
        clause = self.clause
        return clause if clause is not None and clause.name_node == self.leaf else None

    @property
    def here(self) -> Node:
        """What will be underlined."""
        if self._here is not None:
            return self._here
        if self.call is not None:
            return self.call.node
        return self.operation or self.leaf

    @property
    def span(self) -> Span:
        """Where that lies."""
        return self.span_of(self.here)

    def underline(self, node: Node) -> None:
        """Have another node underlined."""
        self._here = node

    def review(self) -> None:
        """Have the rewrite looked at before it is made, here, whatever the rule's `fix` says."""
        self.asks_for_review = True

    def also(self, name: str, *nodes: Node) -> None:
        """Name nodes for the message, which shows their text, and for `mend`."""
        if nodes:
            self._captures.setdefault(name, []).extend(nodes)

    def node(self, name: str) -> Node:
        """Return the first node that `applies` named so; raises `KeyError` where it named none."""
        return self._captures[name][0]

    @property
    def captures(self) -> Mapping[str, Sequence[Node]]:
        """Every named node, and `here`."""
        return {"here": [self.here], **self._captures}

    # -- around it ---------------------------------------------------------------------------------------------------

    @cached_property
    def ancestors(self) -> Sequence[Node]:
        """From the whole text down to the parent of the word."""
        return self.whole.path_to(self.leaf)

    @cached_property
    def module(self) -> Module | None:
        """The innermost module around; `None` outside of any."""
        return self.whole.module_around(self.ancestors)

    @cached_property
    def clause(self) -> Clause | None:
        """The innermost `def`, `defp` or macro around, or whose head this is in; `None` outside of any."""
        for node in reversed(self.ancestors):
            clause = clause_of(node, self.whole)
            if clause is not None:
                return clause
        return None

    @cached_property
    def in_callback(self) -> bool:
        """Whether this runs in the process of a GenServer, as part of one of its callbacks."""
        if self.module is None or self.clause is None or not self.module.is_callback(self.clause):
            return False
        return not self.in_other_process

    @cached_property
    def in_other_process(self) -> bool:
        """Whether this stands in a function that another process runs: given to a task, an agent or `spawn`."""
        path = [*self.ancestors, self.leaf]
        return any(
            call.module in _RUN_ELSEWHERE or call.name.startswith("spawn")
            for depth, node in enumerate(path)
            if (node.type == "anonymous_function" or is_capture(node))
            and (call := self._given_to(path[:depth])) is not None
        )

    @cached_property
    def runs_here(self) -> bool:
        """Whether the function around runs this itself, and now: in no `fn` but those that `Enum` and its like call."""
        path = [*self.ancestors, self.leaf]
        return all(
            (call := self._given_to(path[:depth])) is not None and call.module in LOOPING - _RUN_ELSEWHERE
            for depth, node in enumerate(path)
            if node.type == "anonymous_function" or is_capture(node)
        )

    @cached_property
    def in_guard(self) -> bool:
        """Whether this stands behind a `when`, where an error is only a no."""
        path = [*self.ancestors, self.leaf]
        for outer, inner in itertools.pairwise(path):
            sides = operands(outer)
            if sides is not None and sides[1] == "when" and sides[2] == inner:
                return True
        return False

    @cached_property
    def in_rescue(self) -> bool:
        """Whether an error that is raised here is looked at by the same function, which may count on it."""
        return any(
            child.type in {"rescue_block", "catch_block"}
            for node in self.ancestors
            if node.type == "do_block"
            for child in node.named_children
        )

    @cached_property
    def in_generated_code(self) -> bool:
        """Whether this stands in a macro or in `quote`: code of another module, of which nothing is known here."""
        clause = self.clause
        if clause is not None and clause.kind in {"defmacro", "defmacrop"}:
            return True
        return any(is_call_of(node, "quote") for node in self.ancestors)

    @cached_property
    def loops(self) -> tuple[Node, ...]:
        """What repeats this place within its function, innermost first.

        Each is a function given to `Enum`, `Stream` and their like, or a `for` whose body (or filter) this is in.
        """
        found = []
        path = [*self.ancestors, self.leaf]
        for depth in range(len(path) - 2, -1, -1):
            node = path[depth]
            if node.type == "anonymous_function" or is_capture(node):
                if self._is_called_often(path[:depth]):
                    found.append(node)
            elif is_call_of(node, *DEFINITIONS):
                break
            elif is_call_of(node, "for") and not self._is_first_source(node, path[depth + 1 :]):
                found.append(node)
        return tuple(found)

    # -- reading -----------------------------------------------------------------------------------------------------

    def text(self, node: Node) -> str:
        """Return the source text of a node."""
        return self.whole.text(node)

    def read(self, node: Node) -> Call | None:
        """Return what a call says, aliases resolved; `None` for any other node.

        The last step of a chain of pipes counts as the call of that step.
        """
        if node.type == "binary_operator" and (right := node.child_by_field_name("right")) is not None:
            operator = node.child_by_field_name("operator")
            if operator is None or operator.type != "|>":
                return None
            node = right
        return call_of(node, self.whole.resolved, self.whole.text)

    def resolved(self, node: Node) -> str:
        """Return the full name of the module that an alias stands for."""
        return self.whole.resolved(node)

    def is_kernel(self, call: Call, name: str, *arities: int) -> bool:
        """Whether a call reaches this function of `Kernel`, and none of the module's own or an imported one."""
        if call.name != name or (arities and call.arity not in arities):
            return False
        if call.module is not None:
            return call.module == "Kernel"
        return call.is_local and self.means_kernel(name, call.arity)

    def means_kernel(self, name: str, arity: int) -> bool:
        """Whether a name without a module means this function of `Kernel` here."""
        module = self.module
        return module is None or not (module.defines(name, arity) or "Kernel" in module.imports)

    # -- rewriting ---------------------------------------------------------------------------------------------------

    def replaced(self, node: Node, text: str) -> Replacement:
        """Return that `text` is to stand where a node stands."""
        return Replacement(Span(node.start_byte, node.end_byte), text)

    def replaced_by_call(self, node: Node, text: str) -> Replacement:
        """Return the same for a call with parentheses of its own: it needs none around it."""
        around = node.parent
        if around is not None and around.type in {"block", "unary_operator"}:
            opened, closed = node.prev_sibling, node.next_sibling
            if opened is not None and closed is not None and opened.type == "(" and closed.type == ")":
                before = self.whole.source[opened.start_byte - 1 : opened.start_byte]
                gap = " " if before.isalnum() else ""  # as in `not(…)`
                return Replacement(Span(opened.start_byte, closed.end_byte), f"{gap}{text}")
        return self.replaced(node, text)

    def replaced_by_operation(self, node: Node, text: str) -> Replacement:
        """Return the same for an expression with an operator: right behind a `&` it needs parentheses around it."""
        opened = node.prev_sibling
        return self.replaced(node, f"({text})" if opened is not None and opened.type == "&" else text)

    def replaced_from(self, first: Node, last: Node, text: str) -> Replacement:
        """Return that `text` is to stand where two nodes and all between them stand."""
        return Replacement(Span(first.start_byte, last.end_byte), text)

    def inserted(self, at: int, text: str) -> Replacement:
        """Return that `text` is to stand before the byte at `at`."""
        return Replacement(Span(at, at), text)

    def appended(self, call: Call, argument: str) -> Replacement:
        """Return that a call gets one argument more, behind those it has.

        Raises `Refused` where it would need brackets for that.
        """
        self.check_may_grow(call)
        given = arguments_of(call.node)
        if given is None:
            return self.inserted(call.node.end_byte, f"({argument})")
        present = items(given)
        if not present:
            return self.inserted(given.end_byte - 1, argument)
        return self.followed_by(present[-1], argument)

    def check_may_grow(self, call: Call) -> None:
        """Raise `Refused` where a call without brackets stands in something else: with a second argument it cannot."""
        around = call.node.parent
        while around is not None and (operands(around) or ("", ""))[1] == "=":
            around = around.parent
        if is_open(call.node) and around is not None and around.type not in _BLOCKS:
            raise Refused("it is called without brackets in the middle of something else; write them first")

    def followed_by(self, node: Node, argument: str) -> Replacement:
        """Return that one more argument is to stand behind another."""
        if node.type == "keywords" or is_open(node):
            return self.replaced(node, f"{self.argument(node)}, {argument}")
        return self.inserted(node.end_byte, f", {argument}")

    def up_to(self, call: Call) -> str:
        """Return the text of a pipe up to the call that ends it, its operator included."""
        return self.whole.source[call.whole.start_byte : call.node.start_byte].decode()

    def behind_sign(self, binding: Node) -> int:
        """Return where the text behind the `=` of a binding begins."""
        sign = binding.child_by_field_name("operator")
        return sign.end_byte if sign is not None else binding.start_byte

    def behind(self, node: Node) -> int:
        """Return where a line ends in which a node and a comment behind it end, or else where the node does."""
        end = self.whole.source.find(b"\n", node.end_byte)
        rest = self.whole.source[node.end_byte : end if end >= 0 else None].rstrip()
        return node.end_byte + len(rest) if rest.lstrip().startswith(b"#") else node.end_byte

    def named(self, module: str) -> str:
        """Return how a module has to be named here, where an alias may have taken its name."""
        return self.whole.written(module, self.leaf.start_byte)

    def operand(self, node: Node) -> str:
        """Return the text of a node as one side of a comparison, in parentheses where it might fall apart."""
        text = self.text(node)
        return text if is_close(node) else f"({text})"

    def argument(self, node: Node) -> str:
        """Return the text of a node as one of several arguments, in brackets where it would take in the others."""
        return bracketed(node, self.text(node))

    def string_of(self, atom: Node) -> str:
        """Return an atom without its colon, which is a string where the atom has quotes; raises `Refused` for `'`."""
        text = self.text(atom).removeprefix(":")
        if text.startswith("'"):
            raise Refused("in single quotes it would be a charlist; write the atom with double quotes first")
        return text

    def moved(self, node: Node, to: Node) -> str:
        """Return the text of a node as it looks in the line in which another begins.

        Raises `Refused` where that would change a string of several lines.
        """
        old, new = self.indent(node), self.indent(to)
        text = self.text(node)
        if old == new or "\n" not in text:
            return text
        if any(is_text_over_lines(each) for each in below(node)):
            raise Refused("moving the lines would change a string in them")
        first, *others = text.split("\n")
        return "\n".join([first, *(new + line.removeprefix(old) if line.strip() else line for line in others)])

    def spare_comments(self, around: Node, span: Span, kept: Sequence[Node] = ()) -> None:
        """Raise `Refused` where a comment in a stretch of `around` is in none of the nodes that are kept."""
        for node in below(around):
            if node.type != "comment" or not span.start <= node.start_byte < span.end:
                continue
            if not any(each.start_byte <= node.start_byte < each.end_byte for each in kept):
                raise Refused("a comment stands in what would be replaced")

    def span_of(self, node: Node) -> Span:
        """Return where a node lies."""
        return Span(node.start_byte, node.end_byte)

    def indent(self, node: Node) -> str:
        """Return the white space that the line of a node begins with."""
        start = self.whole.source.rfind(b"\n", 0, node.start_byte) + 1
        line = self.whole.source[start : node.start_byte]
        return line[: len(line) - len(line.lstrip(b" \t"))].decode()

    def indented(self, text: str, node: Node) -> str:
        """Return lines written for a module at the margin, as they look beside a node in such a module."""
        deeper = self.indent(node).removeprefix("  ")
        return text.replace("\n", f"\n{deeper}").replace(f"\n{deeper}\n", "\n\n")

    # -- helpers -----------------------------------------------------------------------------------------------------

    def _is_called_often(self, path: Sequence[Node]) -> bool:
        """Whether the function at the end of a path is an argument of something that calls it again and again."""
        call = self._given_to(path)
        return call is not None and call.module in LOOPING and call.name not in _ONCE

    def _given_to(self, path: Sequence[Node]) -> Call | None:
        """Return the call whose argument stands at the end of a path; `None` where it stands in something else."""
        for node in reversed(path[-2:]):
            call = self.read(node) if node.type == "call" else None
            if call is not None:
                return call
            if node.type != "arguments":
                return None
        return None

    def _is_first_source(self, loop: Node, path: Sequence[Node]) -> bool:
        """Whether a path leads into what a `for` takes first: evaluated once."""
        if len(path) < 3 or path[0].type != "arguments":
            return False
        first = path[0].named_children[0]
        return path[1] == first and path[2] == first.child_by_field_name("right") and loop.type == "call"


def is_capture(node: Node) -> bool:
    """Whether a node is a function written with `&`."""
    return node.type == "unary_operator" and (node.text or b"").startswith(b"&")


def bracketed(node: Node, text: str) -> str:
    """Return the text of a node, in brackets where it would take in an argument behind it, or is options without."""
    if node.type == "keywords":
        return f"[{text}]"
    return f"({text})" if is_open(node) else text


def is_text_over_lines(node: Node) -> bool:
    """Whether a node is a string of several lines in which white space at their begin counts."""
    if node.type not in {"string", "charlist", "sigil", "quoted_atom"} or node.start_point.row == node.end_point.row:
        return False
    return b'"""' not in (node.text or b"") and b"'''" not in (node.text or b"")


def variables(node: Node) -> Iterator[Node]:
    """Yield the identifiers in `node` that may stand for a variable, not the names of calls, fields and attributes."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if current.type == "identifier":
            yield current
            continue
        children = current.named_children
        if current.type == "call":
            target = current.child_by_field_name("target")
            children = [child for child in children if child != target or child.type != "identifier"]
        elif current.type == "dot":
            right = current.child_by_field_name("right")
            children = [child for child in children if child != right or child.type != "identifier"]
        elif current.type == "unary_operator" and current.children[0].type == "@":
            continue
        waiting.extend(reversed(children))
