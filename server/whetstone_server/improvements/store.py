"""Where proofs are kept: one JSON file each, with everything needed to repeat it and to apply its rewrite."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from whetstone_knowledge.finding import Finding
from whetstone_knowledge.spans import Span
from whetstone_server.errors import InputError
from whetstone_server.improvements.disk import put
from whetstone_server.improvements.proof import Candidate, Proof
from whetstone_server.sandbox.verdict import Speedup, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from whetstone_codegen import Rewrite

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

    def keep(self, improvement: str, proof: Mapping[str, Any], source: bytes, rewrite: Rewrite) -> None:
        """Keep a proof about a file's text, with the rewrite that it is of, under the id of its improvement.

        Raises `InputError` when the folder cannot be written.
        """
        record = {
            "version": VERSION,
            "id": improvement,
            "proved_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            **proof,
            "edits": [[*edit.span, edit.text] for edit in rewrite.edits],
            "imports": [[each.module, each.name] for each in rewrite.imports],
            "old": base64.b64encode(source).decode(),
            "new": base64.b64encode(rewrite.text).decode(),
        }
        self._write(improvement, record)

    def proof(self, improvement: str, file: Path) -> Proof:
        """Return a proof as it was made about `file`, with what is needed to apply it; raises as `read` does."""
        kept = self.read(improvement)
        try:
            return _proof(improvement, kept, file)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"what is kept of the proof {improvement} is not a whole one; prove it again") from error

    def texts(self, improvement: str) -> tuple[bytes, bytes]:
        """Return a file's text before and after the rewrite that a proof is about; raises as `proof` does."""
        kept = self.read(improvement)
        try:
            return base64.b64decode(kept["old"]), base64.b64decode(kept["new"])
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"what is kept of the proof {improvement} is not a whole one; prove it again") from error

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
            put(self._path(improvement), json.dumps(record).encode())
        except OSError as error:
            raise InputError(
                f"{self._folder} cannot be written ({error.strerror or error}); set WHETSTONE_HOME to a folder that can"
            ) from error


def _proof(improvement: str, kept: Mapping[str, Any], file: Path) -> Proof:
    from whetstone_codegen import Edit, Rewrite  # noqa: PLC0415 -- LibCST takes half a second, and looking does without
    from whetstone_knowledge.rewriting import Import  # noqa: PLC0415

    speedup = kept["speedup"]
    edits = tuple(Edit(Span(start, end), text) for start, end, text in kept["edits"])
    imports = tuple(Import(module, name) for module, name in kept["imports"])
    rewrite = Rewrite(kept["function"], edits, base64.b64decode(kept["new"]), imports)
    finding = Finding(kept["code"], Span(0, 0), "", "low", 0, "proof-needed", kept["function"], None)
    verdict = Verdict(kept["verdict"], kept["reason"], Speedup(**speedup) if speedup else None)
    return Proof(Candidate(file, base64.b64decode(kept["old"]), finding), rewrite, verdict, improvement, "")
