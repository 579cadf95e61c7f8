"""One file's text in UTF-8, whatever encoding it says it has."""

from __future__ import annotations

import re

LARGEST = 8 * 1024 * 1024
"""Bytes above which a file is left alone: only programs write such files."""

_BOM = b"\xef\xbb\xbf"
_DECLARED = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_UTF_8 = frozenset({"utf-8", "utf8", "utf-8-sig", "u8", "utf_8", "utf_8_sig"})


class UnreadableError(Exception):
    """A file that cannot be read as text; the message is the rest of a sentence that begins with its name."""


def read(path: str) -> bytes:
    """Return the text of a file in UTF-8; raises `UnreadableError` with the reason when there is none."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 -- a `Path` for each of thousands of files would cost more than the reading
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise UnreadableError(f"it cannot be read: {error.strerror}") from error
    if len(raw) > LARGEST:
        raise UnreadableError(f"it is larger than {LARGEST // 1024 // 1024} MB and was left alone")
    return in_utf_8(raw)


def in_utf_8(raw: bytes) -> bytes:
    """Return the text whose bytes are `raw`, in UTF-8, decoded as PEP 263 says."""
    encoding = declared_encoding(raw)
    try:
        if encoding in _UTF_8:
            if not raw.isascii():
                raw.decode()
            return raw
        return raw.decode(encoding).encode()
    except LookupError as error:
        raise UnreadableError(f"its encoding “{encoding}” is not known") from error
    except (UnicodeError, ValueError) as error:
        raise UnreadableError(f"it is not text in {encoding}: {error}") from error


def declared_encoding(raw: bytes) -> str:
    """Return the encoding that a mark or a comment in the first two lines declares; UTF-8 when none does."""
    if raw.startswith(_BOM):
        return "utf-8"
    for line in raw[:500].splitlines()[:2]:
        if match := _DECLARED.match(line):
            return match[1].decode().lower()
        if line.strip() and not line.lstrip().startswith(b"#"):
            break
    return "utf-8"
