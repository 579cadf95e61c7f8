"""What was found in each file, kept for as long as neither the file nor a rule changes."""

from __future__ import annotations

import json
import os
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import whetstone_knowledge
from whetstone_server.scan.rows import revived, rows_of

if TYPE_CHECKING:
    from whetstone_server.choice import Choice
    from whetstone_server.scan.file_findings import FileFindings
    from whetstone_server.scan.walk import File

_LAYOUT = 3
_FOLDERS = {"python": ("syntax", "rules/python"), "elixir": ("elixir", "rules/elixir")}
"""Where the code stands that decides what is found, by language."""
_MOST = 200_000
"""Files above which the cache starts again, so that it does not grow with every folder ever scanned."""


class Cache:
    """The findings of earlier scans with the same rules, by path; a broken file of them counts as none."""

    def __init__(self, folder: Path, choice: Choice) -> None:
        self._folder = folder
        self._file = folder / f"findings-{_version(choice)}.json"
        self._entries = _read(self._file)
        self._changed = False

    def get(self, file: File) -> FileFindings | None:
        """Return what was found in `file`, if it has not been touched since."""
        entry = self._entries.get(_key(file.path))
        if not isinstance(entry, list) or entry[:2] != [file.mtime_ns, file.size]:
            return None
        try:
            return revived(file.path, *entry[2:])
        except (TypeError, ValueError, IndexError, AttributeError):
            return None

    def put(self, file: File, found: FileFindings) -> None:
        """Keep what was found in `file`."""
        self._entries[_key(file.path)] = [file.mtime_ns, file.size, found.error, rows_of(found), found.strangers]
        self._changed = True

    def save(self) -> None:
        """Write everything back in one step; a folder that cannot be written to leaves things as they were."""
        if not self._changed:
            return
        if len(self._entries) > _MOST:
            self._entries = {}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh = self._file.with_suffix(f".{os.getpid()}")
            fresh.write_text(json.dumps({"layout": _LAYOUT, "files": self._entries}, separators=(",", ":")))
            fresh.replace(self._file)
            for other in self._folder.glob("findings-*.json"):
                if other != self._file:
                    other.unlink(missing_ok=True)
        except OSError:
            return
        self._changed = False


def _key(path: str) -> str:
    return os.path.abspath(path)  # noqa: PTH100 -- thousands of times in a run


def _read(file: Path) -> dict[str, Any]:
    try:
        kept = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(kept, dict) or kept.get("layout") != _LAYOUT or not isinstance(kept.get("files"), dict):
        return {}
    files: dict[str, Any] = kept["files"]
    return files


def _version(choice: Choice) -> str:
    """Return a hash of all that decides what is found: the rules asked, the code that reads, the grammar."""
    digest = blake2b(digest_size=12)
    digest.update(repr(choice).encode())
    for module in ("tree_sitter", *(f"tree_sitter_{language}" for language in _FOLDERS)):
        spec = find_spec(module)
        origin = Path((spec and spec.origin) or "")
        for file in sorted(origin.parent.glob("*.so")) or [origin]:
            status = file.stat()
            digest.update(f"{status.st_mtime_ns} {status.st_size}".encode())
    root = Path(whetstone_knowledge.__file__).parent
    sources = [*root.glob("*.py"), *(root / "rules").glob("*.py")]
    sources += [each for folders in _FOLDERS.values() for folder in folders for each in (root / folder).rglob("*.py")]
    for source in sorted(sources):
        digest.update(source.read_bytes())
    return digest.hexdigest()
