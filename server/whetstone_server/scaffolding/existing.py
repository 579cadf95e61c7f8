"""What a module that is there lacks in its project: a supervisor that starts it, and a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_codegen.callbacks import with_callbacks
from whetstone_codegen.elixir_test import test_of
from whetstone_server.errors import InputError
from whetstone_server.scaffolding.change import Change, whole
from whetstone_server.scaffolding.project import Project, Read, test_place
from whetstone_server.scaffolding.supervisor import started

if TYPE_CHECKING:
    from pathlib import Path


def completed(module: str, path: Path, text: bytes) -> tuple[Change, ...]:
    """Return the change that adds the callbacks that a module owes; raises `InputError` when it owes none."""
    edits = with_callbacks(text, module)
    if not edits:
        raise InputError(f"{module} owes no callback any more; nothing was changed")
    return (Change("module", path, text, edits),)


def supervised(module: str, project: Project, read: Read) -> tuple[Change, ...]:
    """Return the change that has the application start a module; raises `InputError` where that cannot be."""
    change = started((module,), None, project, read)
    if not change.edits:
        raise InputError(f"{change.path} starts {module} already; nothing was changed")
    return (change,)


def tested(module: str, path: Path, project: Project, read: Read) -> tuple[Change, ...]:
    """Return the change that makes a test for a module in the file `path`; raises `InputError` where there is one."""
    if not path.is_relative_to(project.root / "lib"):
        raise InputError(f"{path} is not below {project.root / 'lib'}, so its test has no place; nothing was written")
    place = test_place(path, project)
    if read(place) is not None:
        raise InputError(f"{place} is there already, so nothing was written")
    text = test_of(read(path) or b"", module)
    if text is None:
        raise InputError(f"{module} has no function that others call, so there is nothing to be tested")
    return (whole("test", place, None, text),)
