"""Where proofs are kept: one JSON file each, with everything needed to repeat it and to apply its rewrite."""

from __future__ import annotations

import base64
import json
import os
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whetstone_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1


def id_of(proof: Mapping[str, Any], old: bytes, new: bytes, attempt: int) -> str:
    """Return the id of an improvement: the same for the same texts in the same place and attempt, from 1 on."""
    name = f"{proof['path']}|{proof['function']}|{proof['python']}".encode()
    again = [] if attempt == 1 else [str(attempt).encode()]
    return blake2b(b"\0".join((name, old, new, *again)), digest_size=6).hexdigest()


class ProofStore:
    """The proofs of one workspace; safe for several processes, since every file is written aside and moved in place."""

    def __init__(self, workspace: Path) -> None:
        """`workspace` is the state folder of the project; folders below it are made when the first proof is kept."""
        self._folder = workspace / "improvements"

    def keep(self, improvement: str, proof: Mapping[str, Any], old: bytes, new: bytes) -> None:
        """Keep a proof, with the file's text before and after the rewrite, under the id of its improvement.

        Raises `InputError` when the folder cannot be written.
        """
        record = {
            "version": VERSION,
            "id": improvement,
            "proved_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            **proof,
            "old": base64.b64encode(old).decode(),
            "new": base64.b64encode(new).decode(),
        }
        self._write(improvement, record)

    def read(self, improvement: str) -> dict[str, Any]:
        """Return what was kept under an id; raises `InputError` when there is no such proof or it cannot be read."""
        try:
            record: dict[str, Any] = json.loads(self._path(improvement).read_bytes())
        except FileNotFoundError as error:
            raise InputError(f"there is no proof {improvement} in {self._folder}") from error
        except (OSError, ValueError) as error:
            raise InputError(f"the proof {improvement} cannot be read: {error}") from error
        return record

    def _path(self, improvement: str) -> Path:
        return self._folder / f"{improvement}.json"

    def _write(self, improvement: str, record: Mapping[str, Any]) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, prefix=".", suffix=".json")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump(record, file)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(self._path(improvement))
            except BaseException:
                with suppress(OSError):
                    Path(name).unlink()
                raise
        except OSError as error:
            raise InputError(
                f"{self._folder} cannot be written ({error.strerror or error}); set WHETSTONE_HOME to a folder that can"
            ) from error
