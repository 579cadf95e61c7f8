"""What an expression or a name is proven to hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias

from whetstone_knowledge.syntax.scopes import BINDING_ROLES

if TYPE_CHECKING:
    from tree_sitter import Node

    from whetstone_knowledge.syntax.facts import Facts
    from whetstone_knowledge.syntax.scopes import Occurrence

Kind: TypeAlias = Literal[
    "list", "dict", "set", "frozenset", "tuple", "str", "bytes", "int", "float", "bool", "deque", "none", "unknown"
]
"""What a name is proven to hold in the whole scope; `unknown` whenever any binding leaves a doubt."""

IMMUTABLE: frozenset[Kind] = frozenset({"frozenset", "tuple", "str", "bytes", "int", "float", "bool", "none"})
"""Kinds whose objects nobody can change, whoever else holds them."""

_LITERALS: dict[str, Kind] = {
    "true": "bool",
    "false": "bool",
    "none": "none",
    "list": "list",
    "list_comprehension": "list",
    "dictionary": "dict",
    "dictionary_comprehension": "dict",
    "set": "set",
    "set_comprehension": "set",
    "tuple": "tuple",
    "expression_list": "tuple",
    "not_operator": "bool",
}
_CALLS: dict[str, Kind] = {
    "list": "list",
    "sorted": "list",
    "dict": "dict",
    "set": "set",
    "frozenset": "frozenset",
    "tuple": "tuple",
    "str": "str",
    "repr": "str",
    "bytes": "bytes",
    "int": "int",
    "len": "int",
    "float": "float",
    "bool": "bool",
    "deque": "deque",
}
_ANNOTATIONS: dict[str, Kind] = {
    "list": "list",
    "List": "list",
    "dict": "dict",
    "Dict": "dict",
    "set": "set",
    "Set": "set",
    "frozenset": "frozenset",
    "FrozenSet": "frozenset",
    "tuple": "tuple",
    "Tuple": "tuple",
    "str": "str",
    "bytes": "bytes",
    "int": "int",
    "bool": "bool",
    "deque": "deque",
    "Deque": "deque",
    "None": "none",
}
"""`float` is left out: where it is asked for, type checkers let an `int` pass."""

_STR_METHODS = frozenset(
    {"join", "format", "lower", "upper", "strip", "lstrip", "rstrip", "replace", "title", "capitalize", "zfill"}
)
_COPIED = frozenset({"list", "dict", "set", "deque"})
_AUGMENTED: dict[Kind, frozenset[str]] = {
    "str": frozenset({"+=", "*=", "%="}),
    "bytes": frozenset({"+=", "*="}),
    "tuple": frozenset({"+=", "*="}),
    "list": frozenset({"+=", "*="}),
    "deque": frozenset({"+="}),
    "dict": frozenset({"|="}),
    "set": frozenset({"|=", "&=", "-=", "^="}),
    "frozenset": frozenset({"|=", "&=", "-=", "^="}),
}
"""Augmented assignments that leave a name what it was, whatever stands on their right."""

_WHOLE = frozenset({"+", "-", "*", "//", "%", "&", "|", "^", "<<", ">>"})
_ANNOTATION = re.compile(r"(?:(?P<module>[A-Za-z_][\w.]*)\.)?(?P<name>[A-Za-z]\w*)(?:\[.*\])?", re.DOTALL)


class Kinds:
    """The kinds of the names and expressions of one scope."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._known: dict[str, Kind] = {}

    def of_name(self, name: str) -> Kind:
        """Return what every binding of a local name agrees on."""
        if name not in self._known:
            self._known[name] = "unknown"  # what a name says of itself while it is being worked out
            self._known[name] = self._of_bindings(name)
        return self._known[name]

    def _of_bindings(self, name: str) -> Kind:
        parameter = self._facts.parameter(name)
        if parameter is not None and self._of_parameter(parameter) == "unknown":
            return "unknown"
        if not self._facts.is_local(name):
            return "unknown"
        bound = [found for found in self._facts.binders(name) if found.role in BINDING_ROLES - {"delete"}]
        plain = {self._at_binding(found) for found in bound if found.role != "augment"}
        if len(plain) != 1:
            return "unknown"
        kind = plain.pop()
        augmented = (found for found in bound if found.role == "augment")
        return kind if all(self._survives(kind, found) for found in augmented) else "unknown"

    def _at_binding(self, found: Occurrence) -> Kind:
        """Return what one binding puts into its name."""
        node, parent = found.chain[-1], found.chain[-2]
        if found.role == "parameter":
            return self._of_parameter(found)
        match parent.type:
            case "list_splat_pattern" | "list_splat":
                return "list"
            case "assignment" if (annotation := parent.child_by_field_name("type")) is not None:
                return self._annotated(annotation)
            case "assignment":
                right = _final_right(parent)
                return self.of_expression(right) if right is not None else "unknown"
            case "named_expression":
                value = parent.child_by_field_name("value")
                return self.of_expression(value) if value is not None else "unknown"
            case "for_statement" | "for_in_clause":
                right = parent.child_by_field_name("right")
                return self._item(right) if right is not None else "unknown"
            case "pattern_list" | "tuple_pattern" if found.chain[-3].type == "for_statement":
                right = found.chain[-3].child_by_field_name("right")
                counted = right is not None and self._called(right) == "enumerate" and node == parent.named_child(0)
                return "int" if counted else "unknown"
            case "pattern_list" | "tuple_pattern" if found.chain[-3].type == "assignment":
                return self._unpacked(node, parent, found.chain[-3])
        return "unknown"

    def _of_parameter(self, found: Occurrence) -> Kind:
        splat = next((part.type for part in reversed(found.chain) if part.type.endswith("splat_pattern")), None)
        if splat is not None:
            return "tuple" if splat == "list_splat_pattern" else "dict"
        annotation = self.annotation_at(found)
        if annotation is None:
            return "unknown"
        kind = self._annotated(annotation)
        default = found.chain[-2].child_by_field_name("value")
        return kind if default is None or self.of_expression(default) == kind else "unknown"

    def _unpacked(self, node: Node, pattern: Node, assignment: Node) -> Kind:
        """Return the kind of one of several targets, when the right side shows each value."""
        right = assignment.child_by_field_name("right")
        if right is None or right.type not in {"expression_list", "tuple", "list"}:
            return "unknown"
        targets, values = _elements(pattern), _elements(right)
        splats = any(part.type.startswith("list_splat") for part in (*targets, *values))
        if splats or len(targets) != len(values):
            return "unknown"
        return self.of_expression(values[targets.index(node)])

    def _survives(self, kind: Kind, found: Occurrence) -> bool:
        """Whether an augmented assignment leaves a name of this kind what it was."""
        statement = found.chain[-2]
        operator = statement.child_by_field_name("operator")
        right = statement.child_by_field_name("right")
        if operator is None or right is None:
            return False
        sign = self._facts.text(operator)
        if sign in _AUGMENTED.get(kind, ()):
            return True
        if kind == "int":
            return sign[:-1] in _WHOLE and self.of_expression(right) in {"int", "bool"}
        return kind == "float" and sign in {"+=", "-=", "*=", "/="} and self.of_expression(right) in {"int", "float"}

    def annotation_at(self, found: Occurrence) -> Node | None:
        """Return the annotation that stands beside a binding."""
        for parent in reversed(found.chain[-3:-1]):
            if parent.type in {"typed_parameter", "typed_default_parameter"}:
                return parent.child_by_field_name("type")
            if parent.type == "assignment" and found.chain[-2] == parent and found.role == "bind":
                return parent.child_by_field_name("type")
        return None

    def _annotated(self, annotation: Node) -> Kind:
        """Return the one kind that an annotation allows."""
        text = self._facts.text(annotation).strip()
        if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
            text = text[1:-1].strip()
        match = _ANNOTATION.fullmatch(text)
        if match is None or match["module"] not in {None, "typing", "t", "collections", "builtins"}:
            return "unknown"
        name = match["name"]
        # `Set` may also be the abstract one of `collections.abc`, which dictionary views are too.
        if name == "Set" and match["module"] not in {"typing", "t"}:
            return "unknown"
        plain = match["module"] is None
        return _ANNOTATIONS.get(name, "unknown") if not plain or self._facts.is_builtin(name) else "unknown"

    # -- expressions -------------------------------------------------------------------------------------------------

    def of_expression(self, node: Node) -> Kind:  # noqa: C901 -- one return for each form of expression
        """Return what an expression evaluates to."""
        if node.type in _LITERALS:
            return _LITERALS[node.type]
        match node.type:
            case "identifier":
                found = self._facts.occurrence_at(node)
                return self.of_name(self._facts.text(node)) if found is not None else "unknown"
            case "integer" | "float":
                text = self._facts.text(node)
                complex_number = text[-1] in "jJ"
                return "unknown" if complex_number else ("int" if node.type == "integer" else "float")
            case "string":
                start = node.child(0)
                return "bytes" if start is not None and "b" in self._facts.text(start).lower() else "str"
            case "concatenated_string" | "parenthesized_expression":
                inner = node.named_child(0)
                return self.of_expression(inner) if inner is not None else "unknown"
            case "named_expression":
                value = node.child_by_field_name("value")
                return self.of_expression(value) if value is not None else "unknown"
            case "conditional_expression":
                return self._agreed(_elements(node)[::2])
            case "boolean_operator":
                return self._agreed(_elements(node))
            case "unary_operator":
                kind = self._agreed(_elements(node))
                return kind if kind in {"int", "float"} else "unknown"
            case "binary_operator":
                return self._of_operation(node)
            case "call":
                return self._of_call(node)
            case "subscript":
                return self._of_slice(node)
        return "unknown"

    def _agreed(self, nodes: list[Node]) -> Kind:
        kinds = {self.of_expression(node) for node in nodes}
        return kinds.pop() if len(kinds) == 1 else "unknown"

    def _of_operation(self, node: Node) -> Kind:
        parts = [node.child_by_field_name(field) for field in ("left", "operator", "right")]
        left, operator, right = parts
        if left is None or operator is None or right is None:
            return "unknown"
        sign = self._facts.text(operator)
        kind, other = self.of_expression(left), self.of_expression(right)
        if kind == "str" and sign == "%":
            return "str"
        if kind == other == "int":
            return "int" if sign in _WHOLE else "float" if sign == "/" else "unknown"
        if kind == other and sign == "+" and kind in {"str", "bytes", "list", "tuple", "float", "deque"}:
            return kind
        if kind == other and kind in {"set", "frozenset"} and sign in {"|", "&", "-", "^"}:
            return kind
        return kind if sign == "*" and other == "int" and kind in {"str", "bytes", "list", "tuple"} else "unknown"

    def _of_call(self, node: Node) -> Kind:
        function = node.child_by_field_name("function")
        if function is None:
            return "unknown"
        if function.type == "identifier":
            name = self._facts.text(function)
            return _CALLS[name] if name in _CALLS and self._facts.is_builtin(name) else "unknown"
        if function.type != "attribute":
            return "unknown"
        receiver, method = function.child_by_field_name("object"), function.child_by_field_name("attribute")
        if receiver is None or method is None:
            return "unknown"
        return self._of_method(receiver, self._facts.text(method))

    def _of_method(self, receiver: Node, method: str) -> Kind:
        if method == "deque" and self._facts.text(receiver) == "collections":
            return "unknown" if self._facts.is_local("collections") else "deque"
        kind = self.of_expression(receiver)
        if kind == "str" and method in {"split", "rsplit", "splitlines"}:
            return "list"
        if kind == "str" and method in _STR_METHODS:
            return "str"
        return kind if method == "copy" and kind in _COPIED else "unknown"

    def _of_slice(self, node: Node) -> Kind:
        value, index = node.child_by_field_name("value"), node.child_by_field_name("subscript")
        if value is None or index is None:
            return "unknown"
        kind = self.of_expression(value)
        sliced = index.type == "slice" and kind in {"list", "tuple", "str", "bytes"}
        return kind if sliced or kind == "str" else "unknown"

    def _item(self, iterated: Node) -> Kind:
        """Return what a loop over `iterated` gives its target."""
        if self._called(iterated) == "range":
            return "int"
        kind = self.of_expression(iterated)
        return "str" if kind == "str" else "int" if kind == "bytes" else "unknown"

    def _called(self, node: Node) -> str | None:
        """Return the name of the built-in that a call calls."""
        function = node.child_by_field_name("function") if node.type == "call" else None
        if function is None or function.type != "identifier":
            return None
        name = self._facts.text(function)
        return name if self._facts.is_builtin(name) else None

    # -- new objects -------------------------------------------------------------------------------------------------

    def binds_new_object(self, found: Occurrence) -> bool:
        """Whether a binding gives its name an object that nothing else holds."""
        parent = found.chain[-2]
        if found.role in {"augment", "delete"} or parent.type in {"list_splat_pattern", "list_splat"}:
            return found.role != "parameter"
        if found.role != "bind" or parent.type != "assignment":
            return False
        right = parent.child_by_field_name("right")
        chained = len(found.chain) > 2 and found.chain[-3].type == "assignment"
        return right is None or (not chained and self._is_new(right))

    def _is_new(self, node: Node) -> bool:
        if node.type in {"parenthesized_expression", "conditional_expression"}:
            inner = _elements(node)[::2]
            return all(self._is_new(part) for part in inner)
        makes = node.type in _LITERALS or node.type in {"binary_operator", "subscript", "call"}
        return makes and self.of_expression(node) != "unknown"


def _final_right(assignment: Node) -> Node | None:
    """Return the value at the end of `a = b = value`."""
    right = assignment.child_by_field_name("right")
    while right is not None and right.type == "assignment":
        right = right.child_by_field_name("right")
    return right


def _elements(node: Node) -> list[Node]:
    """Return the named children of a node without the comments among them."""
    return [child for child in node.named_children if child.type != "comment"]
