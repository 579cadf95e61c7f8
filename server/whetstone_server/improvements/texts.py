"""Whole texts of files, kept for as long as the history that names them: compressed, under the hash of their bytes."""

from __future__ import annotations

import os
import tempfile
from hashlib import sha256
from pathlib import Path

import zstandard

from whetstone_server.errors import InputError
from whetstone_server.folders import sync_folder

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
        new = {name_of(text): text for text in texts if not self._path(name_of(text)).exists()}
        if not new:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, text in new.items():
            self._write(name, zstandard.ZstdCompressor(LEVEL, write_checksum=True).compress(text))
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

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.zst"

    def _write(self, name: str, content: bytes) -> None:
        handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(self._path(name))
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
