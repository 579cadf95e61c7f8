"""What a process keeps and what it is asked: the fields of a state, with types, and the calls that use them.

Both are typed as one line: `balance: integer = 0, entries: list` and
`balance: read balance, deposit: add balance, note: cast push entries`.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.words import RESERVED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

OPERATIONS = ("read", "write", "add", "push")
"""What a call does with its field: give it, replace it, add a number to it, put something in front of it."""

_LONGEST = 30
"""So that what is written keeps to the width of a page without knowing the name."""
_ONE = re.compile(r"""\s*([^:,"]*?)\s*:\s*([^=,"]*?)\s*(?:=\s*("[^"]*"|[^,"]*?)\s*)?(?:,|$)""")
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*")
_WHOLE, _NUMBER, _TEXT = r"-?\d+(_\d+)*", r"-?\d+(_\d+)*(\.\d+)?", r'"[^"\\#{}]*"'


class FieldRefused(ValueError):  # noqa: N818 -- reads as the sentence it is
    """A field or a call that cannot be written; the message names it."""


@dataclass(frozen=True, slots=True)
class FieldType:
    """A type of field, in the words of one language."""

    name: str
    """What one types."""
    spec: str
    """How a type is written there: `integer()`, `int`."""
    guard: str | None
    """What tells whether something is of it: `is_integer`, or for Python the class; None when everything is."""
    zero: str
    """The default where none is given."""
    samples: tuple[str, str]
    """Two values of it, different from each other and from `zero`, for tests."""
    wrong: str | None
    """A value that is not of it, for tests; None when everything is."""
    literal: str
    """A pattern of the defaults that can be given."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a state."""

    name: str
    type: FieldType
    default: str
    """As it is written in the language."""
    given: bool
    """Whether somebody typed the default, which otherwise is the zero of the type."""

    def __str__(self) -> str:
        return f"{self.name}: {self.type.name}{f' = {self.default}' if self.given else ''}"


@dataclass(frozen=True, slots=True)
class Call:
    """One function of a process's API."""

    name: str
    operation: str
    """One of `OPERATIONS`."""
    field: Field
    cast: bool
    """Whether the caller goes on without waiting for a reply."""

    def __str__(self) -> str:
        return f"{self.name}: {'cast ' if self.cast else ''}{self.operation} {self.field.name}"


_ATOM = r"nil|:(?!(?:nil|true|false)\b)[a-z_][a-z0-9_]*"
_NOTHING = "(?!)"  # matches no text: these have no default but their zero
_TYPES: Mapping[str, Mapping[str, FieldType]] = {
    language: {one.name: one for one in types}
    for language, types in {
        "elixir": (
            FieldType("integer", "integer()", "is_integer", "0", ("7", "12"), ":wrong", _WHOLE),
            FieldType("number", "number()", "is_number", "0", ("2.5", "4"), ":wrong", _NUMBER),
            FieldType("string", "String.t()", "is_binary", '""', ('"first"', '"second"'), ":wrong", _TEXT),
            FieldType("boolean", "boolean()", "is_boolean", "false", ("true", "true"), ":wrong", "true|false"),
            FieldType("atom", "atom()", "is_atom", "nil", (":first", ":second"), '"wrong"', _ATOM),
            FieldType("list", "list()", "is_list", "[]", ("[1]", "[2]"), ":wrong", _NOTHING),
            FieldType("map", "map()", "is_map", "%{}", ("%{first: 1}", "%{second: 2}"), ":wrong", _NOTHING),
            FieldType("term", "term()", None, "nil", (":first", ":second"), None, _NOTHING),
        ),
        "python": (
            FieldType("integer", "int", "int", "0", ("7", "12"), '"wrong"', _WHOLE),
            FieldType("number", "float", "(int, float)", "0.0", ("2.5", "4.0"), '"wrong"', _NUMBER),
            FieldType("string", "str", "str", '""', ('"first"', '"second"'), "1", _TEXT),
            FieldType("boolean", "bool", "bool", "False", ("True", "True"), '"wrong"', "True|False"),
            FieldType("list", "list[object]", "list", "[]", ("[1]", "[2]"), "1", _NOTHING),
            FieldType("map", "dict[str, object]", "dict", "{}", ('{"first": 1}', '{"second": 2}'), "1", _NOTHING),
            FieldType("term", "object", None, "None", ('"first"', '"second"'), None, _NOTHING),
        ),
    }.items()
}


def fields(language: str, typed: str, reserved: Collection[str] = ()) -> tuple[Field, ...]:
    """Return the fields that were typed; raises `FieldRefused`, also for a name among `reserved`."""
    found: list[Field] = []
    for name, type_name, default in _parted(typed, "a field is written like balance: integer = 0"):
        _check_name(language, name, [field.name for field in found], reserved)
        type_ = _TYPES[language].get(type_name)
        if type_ is None:
            raise FieldRefused(f"{name} is of no type {type_name!r}: there are {', '.join(_TYPES[language])}")
        if default is not None and default != type_.zero and not re.fullmatch(type_.literal, default):
            raise FieldRefused(f"{default} is no default for {name}, which is of type {type_.name}")
        written = type_.zero if default is None else _as_written(default)
        found.append(Field(name, type_, written, given=default is not None))
    return tuple(found)


def calls(language: str, typed: str, known: Sequence[Field], reserved: Collection[str] = ()) -> tuple[Call, ...]:
    """Return the calls that were typed, which use the fields that are `known`; raises `FieldRefused`."""
    by_name = {field.name: field for field in known}
    found: list[Call] = []
    for name, deed, rest in _parted(typed, "a call is written like deposit: add balance"):
        _check_name(language, name, [call.name for call in found], reserved)
        words = deed.split()
        cast = words[:1] == ["cast"]
        if rest is not None or len(words[cast:]) != 2 or words[cast] not in OPERATIONS:
            raise FieldRefused(
                f"{name} does nothing that is known: say {', '.join(OPERATIONS)} and a field, after cast or not"
            )
        operation, field_name = words[cast:]
        if field_name not in by_name:
            raise FieldRefused(f"{name} uses the field {field_name}, which there is not")
        found.append(_call(name, operation, by_name[field_name], cast=cast))
    return tuple(found)


def _call(name: str, operation: str, field: Field, *, cast: bool) -> Call:
    """Return the call, when its field allows what it does."""
    if operation == "read" and cast:
        raise FieldRefused(f"{name} reads, and a cast has no reply to read from")
    if operation == "add" and field.type.name not in {"integer", "number"}:
        raise FieldRefused(f"{name} adds to {field.name}, which is no number")
    if operation == "push" and field.type.name != "list":
        raise FieldRefused(f"{name} pushes to {field.name}, which is no list")
    return Call(name, operation, field, cast)


def _as_written(default: str) -> str:
    """Return a default as a formatter leaves it: `007` is written 7, and 100000 as `100_000`."""
    if not re.fullmatch(_NUMBER, default):
        return default
    sign, digits = ("-", default[1:]) if default.startswith("-") else ("", default)
    whole, point, fraction = digits.partition(".")
    number = f"{int(whole):_}{point}{fraction}"
    return number if number == "0" else sign + number


def _parted(typed: str, shape: str) -> Iterator[tuple[str, str, str | None]]:
    """Yield the parts of each item of a list; raises `FieldRefused` with the `shape` of one."""
    position, typed = 0, typed.strip()
    if not typed:
        raise FieldRefused(f"there is nothing in it; {shape}")
    while position < len(typed):
        one = _ONE.match(typed, position)
        if one is None:
            raise FieldRefused(f"{typed[position:].strip()!r} is not understood; {shape}")
        yield one[1], one[2], one[3]
        position = one.end()


def _check_name(language: str, name: str, taken: Collection[str], reserved: Collection[str]) -> None:
    word = name in RESERVED if language == "elixir" else keyword.iskeyword(name)
    if word:
        raise FieldRefused(f"{name} is a word of the language itself")
    if not _IDENTIFIER.fullmatch(name) or name.startswith("__") or not name.strip("_"):
        raise FieldRefused(f"{name!r} is no name: small letters, digits and _ make one, like opened_at")
    if len(name) > _LONGEST:
        raise FieldRefused(f"{name} is longer than {_LONGEST} characters")
    if name in taken:
        raise FieldRefused(f"{name} is there twice")
    if name in reserved:
        raise FieldRefused(f"{name} is what the module itself uses")
