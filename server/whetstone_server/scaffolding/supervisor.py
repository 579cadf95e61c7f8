"""Where the supervisor of a Mix project stands that is to start something new."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from whetstone_codegen.mix_file import read_mix_file
from whetstone_codegen.names import name_in
from whetstone_knowledge.elixir.reading import read as read_elixir
from whetstone_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_server.scaffolding.project import Project, Read


def application_module(project: Project, read: Read) -> str:
    """Return the module that the application of a project starts; raises `InputError` when it starts none."""
    file = project.root / "mix.exs"
    mix = read_mix_file(read(file) or b"")
    if mix.is_umbrella:
        raise InputError(f"{file} is an umbrella, whose code lies in the apps below it; name one of them with --into")
    if mix.starts is None:
        app = "".join(part.capitalize() for part in (mix.app or "my_app").split("_"))
        raise InputError(
            f"{file} names no module that starts the application, so there is no supervisor for this; write one with "
            f"`whetstone new application {app}.Application`, add `mod: {{{app}.Application, []}}` to `application` in "
            "it, and try again, or add --unsupervised"
        )
    return mix.starts


def file_of_module(module: str, project: Project, read: Read) -> tuple[Path, bytes]:
    """Return the file under `lib/` that defines a module, and its bytes; raises `InputError` when none does."""
    for path in _candidates(module, project.root / "lib"):
        text = read(path)
        if (
            text
            and module.rpartition(".")[2].encode() in text
            and any(each.name == module for each in read_elixir(text).modules)
        ):
            return path, text
    raise InputError(
        f"no file under {project.root / 'lib'} defines {module}, which is to start this; "
        "name the supervisor with --supervisor, or add --unsupervised"
    )


def _candidates(module: str, lib: Path) -> Iterator[Path]:
    """Yield the files that may define a module, the one that is named for it first."""
    usual = lib / f"{name_in('elixir', module).path}.ex"
    yield usual
    for folder, _, names in sorted(os.walk(lib)):
        for name in sorted(names):
            if name.endswith(".ex") and (path := Path(folder, name)) != usual:
                yield path
