"""Which file of a Mix project defines a module."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from whetstone_codegen.names import NameRefused, name_in
from whetstone_knowledge.elixir.reading import read as read_elixir
from whetstone_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from whetstone_server.scaffolding.project import Project, Read


def definition(module: str, project: Project, read: Read) -> tuple[Path, bytes] | None:
    """Return the file under `lib/` that defines a module, and its bytes; raises `InputError` when it cannot be read."""
    lib = project.root / "lib"
    try:
        usual = [lib / f"{name_in('elixir', module).path}.ex"]
    except NameRefused as refused:
        raise InputError(str(refused)) from refused
    for path in dict.fromkeys([*usual, *_files(lib, (".ex",))]):
        if (text := read(path)) and _first_defined([module], text):
            return path, text
    return None


def check_undefined(modules: Sequence[str], places: Sequence[Path], project: Project, read: Read) -> None:
    """Raise `InputError` for a file other than the one at its place that defines one of the new modules already."""
    files = [project.root / "mix.exs", *_files(project.root / "lib", (".ex",))]
    files += _files(project.root / "test", (".ex", ".exs"))
    for path in files:
        if path in places:
            continue
        try:
            text = read(path) or b""
        except InputError:  # what cannot be read here cannot be compiled either
            continue
        if module := _first_defined(modules, text):
            raise InputError(f"{path} defines {module} already, so nothing was written; choose another name")


def _first_defined(modules: Sequence[str], text: bytes) -> str | None:
    """Return the first of some modules that a text defines."""
    if not any(module.rpartition(".")[2].encode() in text for module in modules):
        return None  # parsing takes a thousand times as long
    defined = {module.name for module in read_elixir(text).modules}
    return next((module for module in modules if module in defined), None)


def _files(folder: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    for around, _, names in sorted(os.walk(folder)):
        yield from (Path(around, name) for name in sorted(names) if name.endswith(endings))
