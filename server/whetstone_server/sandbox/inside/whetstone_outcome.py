"""What a call did, in a form that two runs can be compared by: strictly, aspect by aspect.

Types are compared exactly, floats bit for bit with NaN equal to NaN, dicts and lists in order, sets as sets, and every
mutable object by identity: each gets a number when it is first met, so that a result that *is* an argument, or the same
list twice, describes itself otherwise than a copy does.
"""

from __future__ import annotations

import collections
import copyreg
import functools
import hashlib
import io
import itertools
import struct
import types
import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Write = Callable[[bytes], None]

MOST_TOKENS = 400_000
"""Parts of a description beyond which it is given up."""
MOST_ITEMS_DRAINED = 2_000
"""An iterator is asked for at most this many items, since some never end."""

_PLAIN = (int, str, bytes, bool, complex, type(None), type(Ellipsis), type(NotImplemented), range)
_CODE = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodDescriptorType)
_CONTAINERS = (list, tuple, dict, set, frozenset, str, bytes, int, float, complex, bytearray)


class Incomparable(Exception):  # noqa: N818  (it is an answer as much as an error)
    """Something whose behaviour cannot be read off, such as a function made by the call; the message names it."""


class Description:
    """A growing description of values that share one numbering of objects."""

    def __init__(self, made_by: tuple[str, str] = ("", "")) -> None:
        """`made_by` is the file and dotted name of the function under trial: functions it makes cannot be compared."""
        self._numbers: dict[int, int] = {}
        self._kept: list[Any] = []
        self._made_by = made_by
        self._tokens = 0
        self._outer: Description | None = None
        self._drain = False
        self._lenient = False

    def met(self) -> list[Any]:
        """Return the objects met so far, in the order in which they were, without classes, functions and modules."""
        return [value for value in self._kept if not isinstance(value, _CODE)]

    def of(self, value: Any, drain: bool = False, leniently: bool = False) -> str:
        """Return a digest of `value`, numbering the objects it reaches after those already met.

        With `drain`, an iterator is described by what it gives, which uses it up; otherwise by how far it has come.
        With `leniently`, what cannot be compared counts by its type.
        """
        self._drain = drain
        self._lenient = leniently
        digest = hashlib.blake2b(digest_size=16)
        self._walk(value, digest.update)
        return digest.hexdigest()

    def _walk(self, value: Any, write: Write) -> None:
        """Depth first without recursion, since data may nest deeper than the interpreter's stack."""
        stack = [iter((value,))]
        while stack:
            if self._tokens >= MOST_TOKENS:
                if self._lenient:
                    return
                raise Incomparable("a value of more parts than can be compared")
            for child in stack[-1]:
                inner = self._opened(child, write)
                if inner is not None:
                    stack.append(inner)
                    break
            else:
                write(b")")
                stack.pop()

    def tokens(self) -> int:
        """Return of how many parts the descriptions so far consist."""
        return self._tokens

    def _opened(self, value: Any, write: Write) -> Iterator[Any] | None:
        try:
            return self._open(value, write)
        except Incomparable:
            if not self._lenient:
                raise
            write(b"?" + type(value).__qualname__.encode())
            return None

    def _open(self, value: Any, write: Write) -> Iterator[Any] | None:
        """Write what is told of `value` itself, and return an iterator over what is told of its parts."""
        self._tokens += 1
        kind = type(value)
        if kind is float:
            write(b"f" + (b"nan" if value != value else struct.pack(">d", value)))
            return None
        if kind is int:
            write(b"i%x;" % value if value >= 0 else b"i-%x;" % -value)
            return None
        if kind is str:
            write(b"s%d:" % len(value) + value.encode("utf-8", "surrogatepass"))
            return None
        if kind is complex:
            return iter((value.real, value.imag, "complex"))
        if kind in _PLAIN:
            write(b"p" + repr(value).encode("utf-8", "surrogatepass") + b";")
            return None
        if kind is tuple:
            write(b"(%d" % len(value))
            items: tuple[Any, ...] = value
            return iter(items)
        if kind is frozenset:
            write(b"z%d" % len(value))
            return self._members(value)
        if self._numbered(value, write):
            return None
        return self._parts(value, kind, write)

    def _numbered(self, value: Any, write: Write) -> bool:
        """Whether `value` was met before, in which case its number says it all."""
        place = self.place(value)
        if place is not None:
            write(place)
            return True
        self._numbers[id(value)] = len(self._numbers)
        self._kept.append(value)
        return False

    def place(self, value: Any) -> bytes | None:
        """Return where `value` was met, here or in the descriptions around this one; `None` when it was not."""
        number = self._numbers.get(id(value))
        if number is not None:
            return b"@%d;" % number
        around = self._outer.place(value) if self._outer else None
        return around and b"^" + around

    def _parts(self, value: Any, kind: Any, write: Write) -> Iterator[Any]:
        if kind is list:
            write(b"[%d" % len(value))
            return iter(value[:])
        if kind is dict:
            write(b"{%d" % len(value))
            return (part for item in list(value.items()) for part in item)
        if kind is set:
            write(b"u%d" % len(value))
            return self._members(value)
        return self._named(value) or self._instance(value, kind)

    def _named(self, value: Any) -> Iterator[Any] | None:
        """Return what is told of code and of what stands for something else; `None` for data."""
        if isinstance(value, type):
            return iter(("type", value.__module__, value.__qualname__))
        if isinstance(value, types.ModuleType):
            return iter(("module", value.__name__))
        if isinstance(value, types.FunctionType):
            return self._function(value)
        if isinstance(value, types.MethodType):
            return iter(("method", value.__self__, value.__func__))
        if isinstance(value, (types.BuiltinFunctionType, types.WrapperDescriptorType, types.MethodDescriptorType)):
            return iter(("builtin", value.__qualname__, getattr(value, "__self__", None)))
        if isinstance(value, weakref.ref):
            return iter(("weakref", value()))
        if isinstance(value, types.CodeType):
            return iter(_code(value))
        if isinstance(value, types.CoroutineType):
            raise Incomparable("a coroutine that nobody awaited")
        return None

    def _members(self, value: Any) -> Iterator[Any]:
        """Return what is told of a set: its members in an order of their own, by their digests.

        Members that are objects come again as what they are, so that they are known when they are met elsewhere; those
        that no digest tells apart stay unknown, and so do those of a set within a set.
        """
        apart = sorted([(self._apart(member), index) for index, member in enumerate(value)])
        texts = [text for text, _ in apart]
        members = list(value) if self._outer is None else []
        alone = collections.Counter(texts)
        known = [members[index] for text, index in apart if members and alone[text] == 1 and _is_object(members[index])]
        return iter([*texts, *known])

    def _apart(self, member: Any) -> str:
        """Return the digest of a set's member on its own: members are in no order, so they take no numbers."""
        alone = Description(self._made_by)
        alone._outer, alone._tokens = self, self._tokens
        try:
            text = alone.of(member)
        except RecursionError as error:
            raise Incomparable("sets of objects that hold sets, too deeply nested") from error
        if alone._tokens >= MOST_TOKENS:
            raise Incomparable("sets of objects that refer to each other")
        self._tokens = alone._tokens
        return text

    def _function(self, value: Any) -> Iterator[Any]:
        path, name = self._made_by
        if name and value.__code__.co_filename == path and value.__qualname__.startswith(f"{name}.<locals>."):
            raise Incomparable(f"a function that the call made (“{value.__name__}”)")
        cells = [_cell(cell) for cell in value.__closure__ or ()]
        return iter(
            (
                "function",
                value.__module__,
                value.__qualname__,
                *_code(value.__code__),
                value.__defaults__,
                value.__kwdefaults__,
                *cells,
            )
        )

    def _instance(self, value: Any, kind: Any) -> Iterator[Any]:
        name = ("instance", kind.__module__, kind.__qualname__)
        if isinstance(value, BaseException):
            return iter((*name, value.args, _attributes(value)))
        if isinstance(value, io.IOBase):
            return iter((*name, *_file(value)))
        if hasattr(kind, "__next__"):
            return itertools.chain(name, _drained(value) if self._drain else _position(value, kind))
        base = next((base for base in _CONTAINERS if isinstance(value, base)), None)
        if base is not None:
            made = getattr(value, "default_factory", None)
            return iter((*name, _contents(value, base), made, _attributes(value)))
        return iter((*name, *self._state(value, kind)))

    @staticmethod
    def _state(value: Any, kind: Any) -> tuple[Any, ...]:
        """Return what an object holds: by its attributes, or by how a compiled type says that it is pickled."""
        if kind is slice:
            return value.start, value.stop, value.step
        if isinstance(
            value, (type({}.keys()), type({}.values()), type({}.items()), types.MappingProxyType, memoryview)
        ):
            return (list(value.items()) if isinstance(value, types.MappingProxyType) else list(value),)
        if isinstance(value, (staticmethod, classmethod)):
            return (value.__func__,)
        if isinstance(value, property):
            return value.fget, value.fset, value.fdel
        try:
            reduce = copyreg.dispatch_table.get(kind) or _compiled_reduce(kind)
            if reduce is None:
                object.__reduce_ex__(value, 4)  # raises where attributes are not all that there is
                return (_attributes(value),)
            reduced = reduce(value)
        except Exception as error:
            raise Incomparable(f"a value of type {kind.__qualname__}") from error
        if isinstance(reduced, str):
            return (reduced,)
        parts = list(reduced) + [None] * (5 - len(reduced))
        return parts[0], parts[1], parts[2], list(parts[3] or ()), list(parts[4] or ())


def _is_object(value: Any) -> bool:
    """Whether a value is more than its content: it can be met again, and be another one of equal content."""
    if type(value) is tuple:
        return any(map(_is_object, value))
    return type(value) not in (*_PLAIN, float, frozenset)


def _compiled_reduce(kind: Any) -> Callable[[Any], Any] | None:
    """Return how a compiled base says its instances are pickled; `None` for a class written in Python all the way."""
    for base in kind.__mro__[:-1]:
        for name in ("__reduce_ex__", "__reduce__"):
            method = base.__dict__.get(name)
            if method is not None and not isinstance(method, types.FunctionType):
                return functools.partial(_reduced, method) if name == "__reduce_ex__" else method
    return None


def _reduced(method: Callable[[Any, int], Any], value: Any) -> Any:
    return method(value, 4)


def _contents(value: Any, base: Any) -> Any:
    """Return the built-in content of an instance of a subclass, past any method the subclass overrides."""
    if base is list:
        return list.__getitem__(value, slice(None))
    if base is tuple:
        return tuple.__getitem__(value, slice(None))
    if base is dict:
        ordered = type(value).__mro__[-2] is not dict and hasattr(value, "move_to_end")
        return list(value.items()) if ordered else list(dict.items(value))
    if base in (set, frozenset):
        return base(base.__iter__(value))
    if base is bytearray:
        return bytes(value)
    return base.__add__(value, base()) if base in (str, bytes) else base.__pos__(value)


def _attributes(value: Any) -> tuple[tuple[str, Any], ...]:
    """Return an instance's attributes sorted by name, its slots among them."""
    found = dict(getattr(value, "__dict__", None) or {})
    for base in type(value).__mro__:
        slots = base.__dict__.get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else slots:
            private = (
                "_{}{}".format(base.__name__.lstrip("_"), slot) if slot[:2] == "__" and slot[-2:] != "__" else slot
            )
            if slot not in ("__dict__", "__weakref__"):
                try:
                    found[private] = object.__getattribute__(value, private)
                except AttributeError:
                    continue
    return tuple((name, found[name]) for name in sorted(found, key=str))


def _drained(iterator: Any) -> Iterator[Any]:
    """Yield what an iterator still holds, and how it ended."""
    for _ in range(MOST_ITEMS_DRAINED):
        try:
            yield next(iterator)
        except StopIteration as end:
            yield ("ended", end.value)
            return
        except Exception as error:  # whatever it raises is part of what it does
            yield ("raised", type(error), error.args)
            return


def _position(iterator: Any, kind: Any) -> Iterator[Any]:
    """Yield how far an iterator has come, without asking it for anything."""
    frame = getattr(iterator, "gi_frame", None)
    if isinstance(iterator, types.GeneratorType):
        yield from (frame and frame.f_lasti, frame and list(frame.f_locals.values()), iterator.gi_yieldfrom)
        return
    reduce = _compiled_reduce(kind)
    if reduce is not None:
        yield list(reduce(iterator))


def _file(file: Any) -> tuple[Any, ...]:
    """Return what a file in memory holds; any other one is a matter of the machine."""
    if not isinstance(file, (io.StringIO, io.BytesIO)):
        raise Incomparable("an open file")
    return (True,) if file.closed else (False, file.getvalue(), file.tell(), _attributes(file))


def _code(code: types.CodeType) -> tuple[Any, ...]:
    return (
        "code",
        code.co_code,
        code.co_names,
        code.co_varnames,
        code.co_freevars,
        tuple(_code(const) if isinstance(const, types.CodeType) else const for const in code.co_consts),
    )


def _cell(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return "an empty cell"
