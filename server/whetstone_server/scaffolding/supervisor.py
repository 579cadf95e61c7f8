"""The supervisor of a Mix project that is to start something new: where it stands, and how it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_codegen.edits import applied
from whetstone_codegen.mix_file import read_mix_file, starting
from whetstone_codegen.names import camel_cased
from whetstone_codegen.supervise import Child, supervised
from whetstone_knowledge.elixir.reading import read as read_elixir
from whetstone_knowledge.rule import Refused
from whetstone_server.errors import InputError
from whetstone_server.improvements.changes import edits_between
from whetstone_server.scaffolding.change import Change
from whetstone_server.scaffolding.defined import definition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_codegen import Edit
    from whetstone_server.scaffolding.project import Project, Read


def started(children: Sequence[str], supervisor: str | None, project: Project, read: Read) -> Change:
    """Return the change to `supervisor`, or the application's where none is named, that has it start children.

    Each is a child specification. Raises `InputError` with a sentence, its full stop left out, when that cannot be.
    """
    module = supervisor or _application_module(project, read)
    found = definition(module, project, read)
    if found is None:
        lib = project.root / "lib"
        raise InputError(f"no file under {lib} defines {module}, which is to start this; name another supervisor")
    path, before = found
    edits: Sequence[Edit] = ()
    after = before
    try:
        for spec in children:
            edits = supervised(after, Child(spec), module)
            after = applied(after, tuple(edits))
    except Refused as refusal:
        raise InputError(f"{path}: {refusal}; nothing was written") from refusal
    return Change("supervisor", path, before, tuple(edits if len(children) == 1 else edits_between(before, after)))


def begun(module: str, project: Project, read: Read) -> Change:
    """Return the change to `mix.exs` that has the application start with a module; raises `InputError` when it cannot.

    Its sentence has no full stop.
    """
    file = project.root / "mix.exs"
    before = read(file) or b""
    try:
        return Change("project", file, before, starting(before, module))
    except Refused as refusal:
        raise InputError(f"{file}: {refusal}; nothing was written") from refusal


def _application_module(project: Project, read: Read) -> str:
    """Return the module that the application of a project starts; raises `InputError` when it starts none."""
    file = project.root / "mix.exs"
    source = read(file) or b""
    mix = read_mix_file(source)
    if mix.starts is None and (broken := read_elixir(source).broken):
        line = source.count(b"\n", 0, broken[0].start) + 1
        raise InputError(f"{file} does not parse just now around line {line}; put that right first")
    if mix.starts is None:
        app = camel_cased(mix.app or "my_app")
        raise InputError(
            f"{file} names no module that starts the application, so there is no supervisor for this; `whetstone "
            f"new application {app}.Application` writes one"
        )
    return mix.starts
