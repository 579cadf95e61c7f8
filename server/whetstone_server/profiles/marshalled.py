"""Reads the plain data of a marshalled value.

`marshal.loads` is not made for files that somebody else wrote: a damaged one can bring the interpreter down. This
reader knows containers, numbers and text, no code objects, and answers anything else with `NotAProfile`.
It reads dumps of every Python 3. The format is described in CPython's `Python/marshal.c`.
"""

from __future__ import annotations

import struct
from typing import Any

from whetstone_server.profiles.profile import NotAProfile

_REFERENCED = 0x80
_DEEPEST = 64
_SINGLES = {"N": None, "T": True, "F": False}
_TEXT_SIZES = {"u": 4, "a": 4, "A": 4, "t": 4, "s": 4, "z": 1, "Z": 1}
_TEXT_CODECS = {"u": "utf-8", "t": "utf-8", "a": "ascii", "A": "ascii", "z": "ascii", "Z": "ascii", "s": "latin-1"}
_NULL = object()


def loads(content: bytes) -> Any:
    """Return the value; raises `NotAProfile` when it is cut short or holds anything but plain data."""
    try:
        value = _Reader(content).value(0)
    except (struct.error, UnicodeDecodeError, IndexError) as error:
        raise NotAProfile("it is cut short or damaged") from error
    except TypeError as error:
        raise NotAProfile("one of its keys is not a plain value") from error
    if value is _NULL:
        raise NotAProfile("it is empty")
    return value


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0
        self._seen: list[Any] = []

    def value(self, depth: int) -> Any:
        """Read one value, and remember it where the writer said that it will be referred to again."""
        if depth > _DEEPEST:
            raise NotAProfile("it is nested too deeply")
        code = self._take(1)[0]
        kind, remembered = chr(code & ~_REFERENCED), bool(code & _REFERENCED)
        if kind == "r":
            return self._seen[self._number("<I", 4)]
        place = len(self._seen)
        if remembered:
            self._seen.append(None)  # the writer numbers a container before what is in it
        value = self._of(kind, depth)
        if remembered:
            self._seen[place] = value
        return value

    def _of(self, kind: str, depth: int) -> Any:
        if kind in _SINGLES:
            return _SINGLES[kind]
        if kind == "0":
            return _NULL
        if kind == "i":
            return self._number("<i", 4)
        if kind == "g":
            return self._number("<d", 8)
        if kind == "l":
            return self._long()
        if kind in _TEXT_SIZES:
            size = self._number("<I", 4) if _TEXT_SIZES[kind] == 4 else self._take(1)[0]
            errors = "surrogatepass" if kind in "ut" else "strict"
            return self._take(size).decode(_TEXT_CODECS[kind], errors)
        if kind in "()[":
            size = self._take(1)[0] if kind == ")" else self._number("<I", 4)
            items = [self.value(depth + 1) for _ in range(size)]
            return items if kind == "[" else tuple(items)
        if kind == "{":
            return self._dict(depth)
        raise NotAProfile(f"it holds something that is not plain data ({kind!r})")

    def _dict(self, depth: int) -> dict[Any, Any]:
        found = {}
        while (key := self.value(depth + 1)) is not _NULL:
            if isinstance(key, tuple) and any(isinstance(item, tuple) for item in key):
                raise NotAProfile("one of its keys is nested")  # hashing tuples of shared tuples can take for ever
            found[key] = self.value(depth + 1)
        return found

    def _long(self) -> int:
        """Read an integer of 15-bit digits, least first; the sign is that of their count."""
        count = self._number("<i", 4)
        digits = struct.unpack(f"<{abs(count)}H", self._take(2 * abs(count)))
        value: int = sum(digit << (15 * place) for place, digit in enumerate(digits))
        return -value if count < 0 else value

    def _number(self, layout: str, size: int) -> Any:
        return struct.unpack(layout, self._take(size))[0]

    def _take(self, size: int) -> bytes:
        piece = self._content[self._at : self._at + size]
        if len(piece) < size:
            raise IndexError
        self._at += size
        return piece
