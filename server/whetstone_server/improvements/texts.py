"""Whole texts of files, kept for as long as the history that names them: compressed, under the hash of their bytes."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import zstandard

from whetstone_server.errors import InputError
from whetstone_server.folders import sync_folder
from whetstone_server.improvements.disk import put

if TYPE_CHECKING:
    from pathlib import Path

LEVEL = 9
"""Of compression: source code shrinks to a quarter, at a millisecond per file."""


def name_of(text: bytes) -> str:
    """Return the name that a text is kept under: its SHA-256, in hexadecimal."""
    return sha256(text).hexdigest()


class Texts:
    """The texts in one folder."""

    def __init__(self, folder: Path) -> None:
        """Nothing is made here."""
        self._folder = folder

    def keep(self, *texts: bytes) -> None:
        """Keep texts, and return when they are on disk. Raises `OSError` when there is no room for them."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, text in {name_of(text): text for text in texts}.items():
            if not self._holds(name):
                put(self._path(name), _packed(text), last=False)
        sync_folder(self._folder)

    def read(self, name: str) -> bytes:
        """Return the text of that name; raises `InputError` when it is gone, or is not what it was."""
        path = self._path(name)
        try:
            text = zstandard.ZstdDecompressor().decompress(path.read_bytes())
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
        except zstandard.ZstdError as error:
            raise InputError(f"{path} was altered and cannot be unpacked") from error
        if name_of(text) != name:
            raise InputError(f"{path} was altered: it does not hold the text that it is named after")
        return text

    def _holds(self, name: str) -> bool:
        try:
            self.read(name)
        except InputError:
            return False
        return True

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.zst"


def _packed(text: bytes) -> bytes:
    return zstandard.ZstdCompressor(LEVEL, write_checksum=True).compress(text)
