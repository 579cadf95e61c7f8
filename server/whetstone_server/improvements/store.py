"""Where proofs are kept: one JSON file each, with everything needed to repeat it and to take an application back."""

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


class ProofStore:
    """The proofs of one workspace; safe for several processes, since every file is written aside and moved in place."""

    def __init__(self, workspace: Path) -> None:
        """`workspace` is the state folder of the project; folders below it are made when the first proof is kept."""
        self._folder = workspace / "improvements"

    def keep(self, proof: Mapping[str, Any], old: bytes, new: bytes) -> str:
        """Keep a proof with the file's text before and after the rewrite, and return the id to ask for it by.

        The same proof of the same texts gets the same id. Raises `InputError` when the folder cannot be written.
        """
        name = f"{proof['path']}|{proof['function']}|{proof['python']}".encode()
        improvement = blake2b(b"\0".join((name, old, new)), digest_size=6).hexdigest()
        record = {
            "version": VERSION,
            "id": improvement,
            "proved_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            **proof,
            "old": base64.b64encode(old).decode(),
            "new": base64.b64encode(new).decode(),
            "applied": [],
        }
        self._write(improvement, record)
        return improvement

    def read(self, improvement: str) -> dict[str, Any]:
        """Return what was kept under an id; raises `InputError` when there is no such proof or it cannot be read."""
        try:
            record: dict[str, Any] = json.loads(self._path(improvement).read_bytes())
        except FileNotFoundError as error:
            raise InputError(f"there is no proof {improvement} in {self._folder}") from error
        except (OSError, ValueError) as error:
            raise InputError(f"the proof {improvement} cannot be read: {error}") from error
        return record

    def applied(self, improvement: str, path: Path, before: bytes, after: bytes) -> None:
        """Keep that a proof's rewrite turned the file's bytes from `before` into `after`, and when."""
        record = self.read(improvement)
        record["applied"].append(
            {
                "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "path": str(path),
                "before": base64.b64encode(before).decode(),
                "after": base64.b64encode(after).decode(),
            }
        )
        self._write(improvement, record)

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
