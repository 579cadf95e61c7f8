"""Where a name stands inside a function, in which role, and which scope it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

Role: TypeAlias = Literal["parameter", "bind", "walrus", "augment", "delete", "global", "nonlocal", "read"]
"""What one identifier does with its name; an augmented assignment both reads and binds."""

COMPREHENSIONS = frozenset(
    {"list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression"}
)
SCOPES = COMPREHENSIONS | {"function_definition", "lambda", "class_definition"}
BINDING_ROLES = frozenset({"parameter", "bind", "walrus", "augment", "delete"})

_WORD_BYTES = frozenset(bytes([byte]) for byte in range(256) if byte >= 0x80 or chr(byte).isalnum() or byte == 0x5F)
_BEFORE_READ = (b" in ", b"return ", b" not ", b" and ", b" or ", b" is ", b"yield ", b"await ")
"""After these a name is read; after `if` or `while` it may be bound by `:=`."""
_AFTER_READ = (b".", b"(", b"[")
_BEFORE_DEFINED = (b"def ", b"class ", b"import ", b", ", b",", b"\t", b"\n", b"\\")
"""What may stand before a name that is defined or imported although a bracket or a dot follows it."""
_TARGET_CONTAINERS = frozenset(
    {
        "pattern_list",
        "tuple_pattern",
        "list_pattern",
        "list_splat_pattern",
        "tuple",
        "list",
        "list_splat",
        "expression_list",
        "parenthesized_expression",
    }
)
_PARAMETER_PARTS = frozenset(
    {
        "identifier",
        "typed_parameter",
        "default_parameter",
        "typed_default_parameter",
        "list_splat_pattern",
        "dictionary_splat_pattern",
        "tuple_pattern",
    }
)


class Occurrence(NamedTuple):
    """One identifier of a name, with the nodes around it and the scopes they open."""

    node: Node
    chain: tuple[Node, ...]
    """From the function that was asked about down to the identifier itself."""
    role: Role
    frames: tuple[Node, ...]
    """The scopes between that function and the identifier, outermost first; empty when it stands in the function."""


def occurrences(scope: Node, places: Iterable[Span]) -> list[Occurrence]:
    """Return those of `places` under `scope` that are names of variables."""
    found = []
    for start, end in places:
        node = scope.named_descendant_for_byte_range(start, end)
        if node is None or node.type != "identifier" or node.end_byte - node.start_byte != end - start:
            continue
        chain = _chain(scope, node)
        role = _role(chain)
        if role is None:
            continue
        frames = _frames(chain, role)
        if frames is not None:
            found.append(Occurrence(node, chain, role, frames))
    return found


def owned(scope: Node, found: list[Occurrence]) -> list[Occurrence]:
    """Return those occurrences that mean the same variable as the name does directly in `scope`."""
    declared: dict[int, set[str]] = {}
    bound: set[int] = set()
    for occurrence in found:
        frame = occurrence.frames[-1].id if occurrence.frames else scope.id
        if occurrence.role in {"global", "nonlocal"}:
            declared.setdefault(frame, set()).add(occurrence.role)
        elif occurrence.role in BINDING_ROLES:
            bound.add(frame)
    is_global = scope.type == "module" or "global" in declared.get(scope.id, ()) or scope.id not in bound
    return [occurrence for occurrence in found if _reaches_scope(occurrence, declared, bound, is_global)]


def _reaches_scope(occurrence: Occurrence, declared: dict[int, set[str]], bound: set[int], is_global: bool) -> bool:
    """Whether no scope between the function and the occurrence keeps the name for itself."""
    for depth, frame in enumerate(reversed(occurrence.frames)):
        if frame.type == "class_definition" and depth:
            continue
        said = declared.get(frame.id, ())
        if "global" in said:
            return is_global
        if frame.id in bound and "nonlocal" not in said:
            return False
    return True


def places_that_may_bind(name: bytes, source: bytes, start: int, end: int) -> Iterator[Span]:
    """Yield where `name` stands, except where the bytes around it already say that it is only read there."""
    for place in words(name, source, start, end):
        before = source[max(0, place.start - 7) : place.start]
        if before.endswith(_BEFORE_READ):
            continue
        called = source[place.end : place.end + 1] in _AFTER_READ
        if called and not before.endswith(_BEFORE_DEFINED):
            continue
        yield place


def words(word: bytes, source: bytes, start: int, end: int) -> Iterator[Span]:
    """Yield where `word` stands between `start` and `end`, not as a part of a longer word."""
    at = source.find(word, start, end)
    while at >= 0:
        after = at + len(word)
        if source[at - 1 : at] not in _WORD_BYTES and source[after : after + 1] not in _WORD_BYTES:
            yield Span(at, after)
        at = source.find(word, after, end)


def _chain(scope: Node, node: Node) -> tuple[Node, ...]:
    """Return the nodes from `scope` down to `node`, both included."""
    chain = [scope]
    current = scope
    while current != node:
        below = current.child_with_descendant(node)
        if below is None:
            break
        chain.append(below)
        current = below
    return tuple(chain)


def _role(chain: tuple[Node, ...]) -> Role | None:  # noqa: C901, PLR0912 -- one line for each thing Python's grammar can do with a name
    """Return what the last node of `chain` does with its name; `None` when it is no variable's name."""
    if len(chain) == 1:
        return "read"
    node, parent = chain[-1], chain[-2]
    match parent.type:
        case "attribute":
            return "read" if node == parent.child_by_field_name("object") else None
        case "keyword_argument":
            return "read" if node == parent.child_by_field_name("value") else None
        case "keyword_pattern":
            return None
        case "global_statement":
            return "global"
        case "nonlocal_statement":
            return "nonlocal"
        case "dotted_name":
            return _dotted_role(chain)
        case "aliased_import":
            return "bind"
        case "function_definition" | "class_definition":
            return "bind" if node == parent.child_by_field_name("name") else "read"
        case "parameters" | "lambda_parameters":
            return "parameter"
        case "typed_parameter":
            return "parameter"
        case "default_parameter" | "typed_default_parameter":
            return "parameter" if node == parent.child_by_field_name("name") else "read"
        case "dictionary_splat_pattern":
            return "parameter"
        case "list_splat_pattern" if chain[-3].type in {"parameters", "lambda_parameters", "typed_parameter"}:
            return "parameter"
        case "splat_pattern":
            return "bind"
        case "as_pattern":
            return "read" if node == parent.child(0) else "bind"
        case "named_expression":
            return "walrus" if node == parent.child_by_field_name("name") else "read"
        case "type" if len(chain) > 2 and chain[-3].type == "type_alias_statement":
            return "bind" if parent == chain[-3].child_by_field_name("left") else "read"
        case _:
            return _target_role(chain)


def _dotted_role(chain: tuple[Node, ...]) -> Role | None:
    """Return the role of a name in an import or in a pattern of `match`."""
    node, dotted, around = chain[-1], chain[-2], chain[-3]
    if node != dotted.child(0):
        return None
    match around.type:
        case "import_statement" | "future_import_statement":
            return "bind"
        case "import_from_statement":
            return None if dotted == around.child_by_field_name("module_name") else "bind"
        case "aliased_import" | "relative_import":
            return None
        case "class_pattern" if dotted == around.named_child(0):
            return "read"
        case "dict_pattern" if dotted in around.children_by_field_name("key"):
            return "read"
    return "read" if dotted.named_child_count > 1 else "bind"


def _target_role(chain: tuple[Node, ...]) -> Role:
    """Return the role of a name that is, or is part of, the target of a statement; a plain name is read."""
    depth = len(chain) - 2
    while depth > 0 and chain[depth].type in _TARGET_CONTAINERS:
        depth -= 1
    statement, part = chain[depth], chain[depth + 1]
    match statement.type:
        case "assignment" if part != chain[-1] and statement.child_by_field_name("right") is None:
            return "read"  # `(x): int` makes no local of x, as `x: int` does
        case "assignment" | "for_statement" | "for_in_clause":
            return "bind" if part == statement.child_by_field_name("left") else "read"
        case "augmented_assignment":
            return "augment" if part == statement.child_by_field_name("left") else "read"
        case "as_pattern_target":
            return "bind"
        case "delete_statement":
            return "delete"
    return "read"


def _frames(chain: tuple[Node, ...], role: Role) -> tuple[Node, ...] | None:
    """Return the scopes around the last node of `chain`; `None` when it stands in the header of the whole function."""
    frames: list[Node] = []
    for depth, node in enumerate(chain[:-1]):
        if node.type not in SCOPES or (depth == 0 and node.type in COMPREHENSIONS):
            continue
        inside = _inside(chain, depth, role)
        if depth == 0 and not inside:
            return None
        if depth and inside:
            frames.append(node)
    if role == "walrus":
        while frames and frames[-1].type in COMPREHENSIONS:
            frames.pop()
    return tuple(frames)


def _inside(chain: tuple[Node, ...], depth: int, role: Role) -> bool:
    """Whether the last node of `chain` belongs to the scope that `chain[depth]` opens, not to the one around it."""
    node, below = chain[depth], chain[depth + 1]
    if node.type in COMPREHENSIONS:
        first = next((child for child in node.named_children if child.type == "for_in_clause"), None)
        if first is None or below != first:
            return True
        return depth + 2 >= len(chain) or chain[depth + 2] != first.child_by_field_name("right")
    if below == node.child_by_field_name("body"):
        return True
    if below == node.child_by_field_name("parameters"):
        return role == "parameter" and all(part.type in _PARAMETER_PARTS for part in chain[depth + 2 :])
    return False
