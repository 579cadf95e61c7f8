"""The project that something new goes into."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from whetstone_codegen.names import NameRefused, camel_cased, name_in, places
from whetstone_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Read: TypeAlias = "Callable[[Path], bytes | None]"
"""Hands out a file's bytes, from an editor where that has it open; None when there is no such file."""
_PYTHON = ("pyproject.toml", "setup.py", "setup.cfg")


@dataclass(frozen=True, slots=True)
class Project:
    """Where the files of something new belong."""

    root: Path
    language: str

    def place(self, relative: str) -> Path:
        """Return where a file of a template lies; a Python module goes under `src/` where its package is there."""
        top = relative.partition("/")[0]
        is_in_src = self.language == "python" and "/" in relative and (self.root / "src" / top).is_dir()
        return self.root / "src" / relative if is_in_src else self.root / relative

    def file_of(self, name: str) -> Path:
        """Return where the module of a name lies; raises `NameRefused` when it is no name of the language."""
        return self.place(places(self.language, name_in(self.language, name))[0])

    def name_at(self, path: Path) -> str | None:
        """Return the name of the module that lies at `path`; None where none can lie that a template writes."""
        code = self.root / ("lib" if self.language == "elixir" else "src")
        start = code if self.language == "elixir" or path.is_relative_to(code) else self.root
        if not path.is_relative_to(start) or path.name.startswith(("test_", "conftest.", "__")):
            return None
        parts = path.relative_to(start).with_suffix("").parts
        name = ".".join(map(camel_cased, parts) if self.language == "elixir" else parts)
        return name if self.is_at(name, path) else None

    def is_at(self, name: str, path: Path) -> bool:
        """Whether the module of a name lies at `path`, as `Shop.API` and `Shop.Api` both do at `lib/shop/api.ex`."""
        try:
            return self.file_of(name) == path
        except NameRefused:
            return False


def test_place(path: Path, project: Project) -> Path:
    """Return where the test of an Elixir module below `lib/` lies."""
    inside = path.relative_to(project.root / "lib")
    return (project.root / "test" / inside).with_name(f"{inside.stem}_test.exs")


def read_file(path: Path) -> bytes | None:
    """Return the bytes of a file on disk, None when there is none; raises `InputError` when it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}; nothing was written") from error


def find_project(folder: Path, language: str) -> Project:
    """Return the project of a language that `folder` lies in; one of Python is where it is said to be.

    Raises `InputError` when there is none.
    """
    if not os.path.isdir(folder):  # noqa: PTH112 -- a Path raises where it may not look
        raise InputError(f"{folder} is not a folder; make it, or name another with --into")
    if not os.access(folder, os.X_OK):
        raise InputError(f"{folder} cannot be read; make it readable, or name another with --into")
    if language == "python":
        return Project(folder, language)
    root = _above(folder, ("mix.exs",))
    if root is None:
        raise InputError(
            f"{folder} is not in a Mix project: no mix.exs there or above; "
            "make one with `mix new NAME --sup`, or name one with --into"
        )
    return Project(root, language)


def language_of(folder: Path, name: str, only: str | None = None) -> str:
    """Return the language of the project that `folder` lies in; where none shows, the one the name looks like.

    A template that there is for `only` one is written in it, unless that is Python in a project of Elixir alone: who
    asks for `server` there may mean `gen-server`.
    """
    shown = [language for language, files in (("elixir", ("mix.exs",)), ("python", _PYTHON)) if _above(folder, files)]
    if only and (only in shown or only == "elixir" or not shown):
        return only
    if shown:
        return shown[0]
    return "elixir" if all(part[:1].isupper() for part in name.split(".")) else "python"


def _above(folder: Path, names: tuple[str, ...]) -> Path | None:
    """Return the nearest folder, `folder` or one above it, that holds one of the files."""
    near = (folder, *(each for each in folder.absolute().parents if each != folder.absolute()))
    return next((each for each in near if any(map(os.path.isfile, map(each.joinpath, names)))), None)
