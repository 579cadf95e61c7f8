"""What values look like: read off recorded values, annotations and usage, and grown into new values of the same look.

A shape is a tuple whose first item names its kind:

    ("pool", (value, …))          one of these values, as they are
    ("atom", type, (value, …))    a number, a string or the like; the values seen are seeds for more
    ("list", element)             and likewise "set", "frozenset", "deque", "iterator", "generator", "tuple*"
    ("tuple", (shape, …))         one shape for each position; `("named", type, shapes)` for a named tuple
    ("record", type, ((key, shape), …))   a dict with these string keys, or an object with these attributes
    ("dict", type, key, value)    any other dict
    ("built", type, ((name, shape), …))   an object made by calling its class with these arguments
    ("any", (shape, …))           one of several
"""

from __future__ import annotations

import collections
import collections.abc
import dataclasses
import types
import typing
from typing import Any, Tuple

import whetstone_kinds

if typing.TYPE_CHECKING:
    from collections.abc import Iterable

Shape = Tuple[Any, ...]
ATOMS = (bool, int, float, complex, str, bytes, type(None))
SEQUENCES: dict[Any, str] = {list: "list", set: "set", frozenset: "frozenset", collections.deque: "deque"}
_EMPTY: tuple[Any, ...] = ([], (), {}, set(), "", range(0), {}.values(), {}.items())
ITERATORS = tuple(type(iter(empty)) for empty in _EMPTY)
MOST_SEEDS = 64
RECORD_KEYS = 24
"""A dict with more string keys than this is a mapping, not a record."""


def of(value: Any, depth: int = 0) -> Shape:
    """Return the shape of one value."""
    kind = type(value)
    if kind in ATOMS:
        return ("atom", kind, (value,))
    if depth > 5:
        return ("pool", (value,))
    if kind in SEQUENCES:
        return (SEQUENCES[kind], merged([of(item, depth + 1) for item in list(value)[:200]]))
    if kind is tuple:
        return (
            ("tuple", tuple(of(item, depth + 1) for item in value))
            if len(value) <= 8
            else ("tuple*", merged([of(item, depth + 1) for item in value[:200]]))
        )
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return ("named", kind, tuple(of(item, depth + 1) for item in value))
    if kind in (dict, collections.OrderedDict, collections.Counter):
        return _of_dict(value, kind, depth)
    if kind in ITERATORS:
        return ("iterator", merged([of(item, depth + 1) for item in _peeked(value)]))
    if dataclasses.is_dataclass(kind) or kind is types.SimpleNamespace or _keeps_what_it_is_given(value, kind):
        attributes = sorted(getattr(value, "__dict__", {}).items())
        if attributes:
            return ("record", kind, tuple((name, of(item, depth + 1)) for name, item in attributes), (value,))
    return ("pool", (value, *whetstone_kinds.beside(value), *whetstone_kinds.odd(kind)))


def _keeps_what_it_is_given(value: Any, kind: Any) -> bool:
    """Whether an object holds nothing but what its constructor was given, so that any such values make sense in it."""
    constructor = kind.__init__
    if type(constructor) is not types.FunctionType or not getattr(value, "__dict__", None):
        return False
    code = constructor.__code__
    return set(vars(value)) <= set(code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount])


def _of_dict(value: Any, kind: Any, depth: int) -> Shape:
    items = list(value.items())[:200]
    if kind is not collections.Counter and 0 < len(items) <= RECORD_KEYS and all(type(key) is str for key, _ in items):
        return ("record", kind, tuple((key, of(item, depth + 1)) for key, item in items), ())
    return (
        "dict",
        kind,
        merged([of(key, depth + 1) for key, _ in items]),
        merged([of(item, depth + 1) for _, item in items]),
    )


def _peeked(iterator: Any) -> list[Any]:
    """Return what an iterator over a collection would give, by way of a copy of it."""
    import copy  # rarely needed

    try:
        return [item for item, _ in zip(copy.copy(iterator), range(50))]
    except Exception:  # then nothing is known of its items
        return []


def merged(shapes: Iterable[Shape]) -> Shape:
    """Return one shape that allows what each of `shapes` allows."""
    groups: dict[tuple[Any, ...], list[Shape]] = {}
    for shape in shapes:
        for part in shape[1] if shape[0] == "any" else (shape,):
            groups.setdefault(_group(part), []).append(part)
    parts = tuple(_together(group) for group in groups.values())
    return parts[0] if len(parts) == 1 else ("any", parts)


def _group(shape: Shape) -> tuple[Any, ...]:
    """Return what two shapes must share to be merged into one of their kind."""
    if shape[0] == "atom":
        return shape[:2]
    if shape[0] == "tuple":
        return ("tuple", len(shape[1]))
    if shape[0] == "named":
        return shape[:2]
    if shape[0] == "record":
        return ("record", shape[1], frozenset(key for key, _ in shape[2]))
    if shape[0] == "built":
        return ("built", shape[1], frozenset(name for name, _ in shape[2]))
    if shape[0] == "dict":
        return shape[:2]
    return shape[:1]


def _together(group: list[Shape]) -> Shape:
    first = group[0]
    if len(group) == 1:
        return first
    name = first[0]
    if name == "atom":
        seeds: dict[str, Any] = {}
        for shape in group:
            for seed in shape[2]:
                seeds.setdefault(repr(seed), seed)
        return ("atom", first[1], tuple(seeds.values())[:MOST_SEEDS])
    if name == "pool":
        return ("pool", tuple(value for shape in group for value in shape[1])[:MOST_SEEDS])
    if name in ("tuple", "named"):
        columns = tuple(merged(list(column)) for column in zip(*(shape[-1] for shape in group)))
        return (*first[:-1], columns)
    if name == "built":
        tables = [dict(shape[2]) for shape in group]
        return (name, first[1], tuple((key, merged([table[key] for table in tables])) for key, _ in first[2]))
    if name == "record":
        tables = [dict(shape[2]) for shape in group]
        merged_fields = tuple((key, merged([table[key] for table in tables])) for key, _ in first[2])
        return (name, first[1], merged_fields, first[3])
    if name == "dict":
        return (name, first[1], merged([shape[2] for shape in group]), merged([shape[3] for shape in group]))
    return (name, merged([shape[1] for shape in group]))


INTS = ("atom", int, ())
FLOATS = ("atom", float, ())
STRINGS = ("atom", str, ())
NOTHING = ("any", ())

_ANNOTATED = {
    int: INTS,
    float: FLOATS,
    str: STRINGS,
    bool: ("atom", bool, ()),
    bytes: ("atom", bytes, ()),
    complex: ("atom", complex, ()),
    type(None): ("atom", type(None), ()),
}
_ONE_ELEMENT = {
    list: "list",
    set: "set",
    frozenset: "frozenset",
    collections.deque: "deque",
    collections.abc.Sequence: "list",
    collections.abc.MutableSequence: "list",
    collections.abc.Collection: "list",
    collections.abc.Iterable: "list",
    collections.abc.Set: "set",
    collections.abc.MutableSet: "set",
    collections.abc.Reversible: "list",
    collections.abc.Container: "list",
    collections.abc.Iterator: "generator",
    collections.abc.Generator: "generator",
}
_MAPPINGS = {
    dict: dict,
    collections.abc.Mapping: dict,
    collections.abc.MutableMapping: dict,
    collections.OrderedDict: collections.OrderedDict,
    collections.defaultdict: dict,
}


def annotated(hint: Any, depth: int = 0) -> Shape | None:
    """Return the shape that a type annotation allows, or `None` when it says nothing that values can be made from."""
    if hint in _ANNOTATED:
        return _ANNOTATED[hint]
    if depth > 5:
        return None
    origin = typing.get_origin(hint) or hint
    arguments = typing.get_args(hint)
    if origin is typing.Union or origin is getattr(types, "UnionType", ()):
        return _union([annotated(argument, depth + 1) for argument in arguments])
    if getattr(typing, "Literal", None) is origin:
        return ("pool", arguments)
    if origin is tuple:
        return _annotated_tuple(arguments, depth)
    if origin in _ONE_ELEMENT:
        return _one_element(origin, arguments, depth)
    if origin in _MAPPINGS:
        key, value = (
            [annotated(argument, depth + 1) for argument in arguments] if len(arguments) == 2 else (STRINGS, INTS)
        )
        return ("dict", _MAPPINGS[origin], key, value) if key and value else None
    if isinstance(hint, typing.TypeVar):
        return annotated(hint.__bound__, depth + 1) if hint.__bound__ else INTS
    if isinstance(hint, type):
        return _annotated_class(hint, depth)
    return None


def _union(parts: list[Shape | None]) -> Shape | None:
    known = [part for part in parts if part]
    return merged(known) if known else None


def _one_element(origin: Any, arguments: tuple[Any, ...], depth: int) -> Shape | None:
    element = annotated(arguments[0], depth + 1) if arguments else INTS
    if element is None:
        return None
    shape = (_ONE_ELEMENT[origin], element)
    if origin is collections.abc.Iterable:
        return ("any", (shape, ("generator", element), ("tuple*", element)))
    if origin is collections.abc.Sequence:
        return ("any", (shape, ("tuple*", element)))
    return shape


def _annotated_tuple(arguments: tuple[Any, ...], depth: int) -> Shape | None:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        element = annotated(arguments[0], depth + 1)
        return element and ("tuple*", element)
    parts = [annotated(argument, depth + 1) for argument in arguments if argument != ()]
    return ("tuple", tuple(parts)) if all(parts) else None


def _annotated_class(kind: Any, depth: int) -> Shape | None:
    """Return the shape of a class whose instances can be put together from annotated fields."""
    import enum  # rarely needed

    if issubclass(kind, enum.Enum):
        return ("pool", tuple(kind))
    known = whetstone_kinds.odd(kind)
    if known:
        return ("pool", known)
    fields = None
    if dataclasses.is_dataclass(kind):
        fields = [field.name for field in dataclasses.fields(kind) if field.init]
    elif issubclass(kind, tuple) and hasattr(kind, "_fields"):
        fields = list(kind._fields)
    elif issubclass(kind, dict) and hasattr(kind, "__total__"):
        fields = list(kind.__annotations__)
    if fields is None:
        return family(kind, depth)
    hints = hints_of(kind)
    shapes = [annotated(hints.get(name), depth + 1) for name in fields]
    if not all(shapes):
        return None
    if hasattr(kind, "_fields"):
        return ("named", kind, tuple(shapes))
    return ("record", dict if issubclass(kind, dict) else kind, tuple(zip(fields, shapes)), ())


def family(kind: Any, depth: int = 0) -> Shape | None:
    """Return the shape of objects made by calling a class, or a subclass that its own module defines."""
    own = built(kind, depth)
    heirs = [heir for heir in kind.__subclasses__() if heir.__module__ == kind.__module__] if own else []
    shapes = [own, *(built(heir, depth) for heir in heirs[:4])]
    return _union(shapes)


def built(kind: Any, depth: int = 0) -> Shape | None:
    """Return the shape of objects made by calling a class whose required arguments are all annotated."""
    import inspect  # rarely needed

    if kind.__init__ is object.__init__:
        return ("built", kind, ()) if kind.__module__ != "builtins" and kind.__new__ is object.__new__ else None
    try:
        parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]
    except (TypeError, ValueError):
        return None
    hints = hints_of(kind.__init__)
    arguments = []
    for parameter in parameters:
        shape = annotated(hints.get(parameter.name), depth + 1)
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if shape is None and parameter.default is parameter.empty:
            return None
        if shape is not None:
            arguments.append((parameter.name, shape))
    return ("built", kind, tuple(arguments))


def hints_of(owner: Any) -> dict[str, Any]:
    """Return an owner's annotations as types; those that name what is not there are left out."""
    try:
        return typing.get_type_hints(owner)
    except Exception:  # evaluating somebody's annotation can raise anything
        return {name: hint for name, hint in getattr(owner, "__annotations__", {}).items() if not isinstance(hint, str)}
