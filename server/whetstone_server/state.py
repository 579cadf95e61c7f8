"""Where Whetstone keeps what it remembers: outside every project, one folder for each."""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path

from whetstone_server.errors import InputError


def home() -> Path:
    """Return the folder of everything kept: `WHETSTONE_HOME`, or the platform's folder for a person's data."""
    if chosen := os.environ.get("WHETSTONE_HOME"):
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_data_path  # noqa: PLC0415 -- not needed where the variable is set

    return user_data_path("whetstone", appauthor=False)


def workspace(root: Path) -> Path:
    """Return the folder in which things about the project at `root` are kept; it may not exist yet.

    The same project always gets the same folder, whichever symbolic link it was reached by.
    """
    real = os.path.realpath(root)
    key = blake2b(os.fsencode(real), digest_size=8).hexdigest()
    name = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in Path(real).name)
    return home() / "workspaces" / f"{name[:40]}-{key}"


def events(root: Path) -> Path:
    """Return the folder of the event store of the project at `root`; it may not exist yet."""
    return workspace(root) / "store"


def history(root: Path) -> Path:
    """Return the folder of the history of improvements to the project at `root`; it may not exist yet."""
    return workspace(root) / "history"


def keys() -> Path:
    """Return the folder of what histories are signed with, and of how far each of them was signed."""
    return home() / "keys"


def opened_workspace(root: Path) -> Path:
    """Return the same folder after making sure that it exists and says which project it belongs to.

    Raises `InputError` when it cannot be made; the message says which variable to set.
    """
    folder = workspace(root)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        note = folder / "path"
        if not note.exists():
            note.write_bytes(os.fsencode(os.path.realpath(root)) + b"\n")
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"{folder} cannot be written ({reason}); set WHETSTONE_HOME to a folder that can") from error
    return folder
