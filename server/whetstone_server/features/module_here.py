"""What the Elixir module at the cursor lacks: callbacks that it owes, a test, a supervisor that starts it.

It is offered where the module says what it is: on its first line, and where it names a behaviour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.features.scaffold_here import Offer, is_code, project_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_knowledge.elixir.modules import Module
    from whetstone_knowledge.spans import Span
    from whetstone_server.session import OpenFile

_STARTED = frozenset({"Agent", "DynamicSupervisor", "GenServer", "Supervisor", "Task"})
"""What gives a module a child specification."""


def offers(file: OpenFile, span: Span) -> Iterator[Offer]:
    """Yield what could be added to the module that the cursor is at the head of."""
    if file.language != "elixir" or not is_code(file) or not _may_be_a_head(file, span):
        return
    from whetstone_codegen.callbacks import missing_callbacks  # noqa: PLC0415 -- an editor's start does not wait for it
    from whetstone_knowledge.elixir.reading import read  # noqa: PLC0415

    text = read(file.source)
    module = next((each for each in text.modules if _is_at_head(each, file, span)), None)
    if module is None or module.is_test:
        return
    wanted = {"uri": file.uri, "module": module.name}
    if missing := missing_callbacks(file.source, module.name):
        names = [str(callback) for callback in missing]
        listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
        yield Offer(f"Implement {listed}", wanted | {"add": "callbacks"})
    yield from _in_project(file, module, wanted)


def _in_project(file: OpenFile, module: Module, wanted: dict[str, str]) -> Iterator[Offer]:
    from whetstone_codegen.elixir_test import test_of  # noqa: PLC0415 -- an editor's start does not wait for it
    from whetstone_server.scaffolding.project import test_place  # noqa: PLC0415

    project = project_of(file)
    if project is None or file.path is None or not file.path.is_relative_to(project.root / "lib"):
        return
    if not test_place(file.path, project).exists() and test_of(file.source, module.name):
        yield Offer(f"Create the test of {module.name}", wanted | {"add": "test"})
    if module.uses.keys() & _STARTED or module.defines("child_spec", 1):
        yield Offer(f"Supervise {module.name}", wanted | {"add": "child"})


def _may_be_a_head(file: OpenFile, span: Span) -> bool:
    """Whether the line of the cursor names a module or a behaviour; most do not, and are not looked at closer."""
    start = file.source.rfind(b"\n", 0, span.start) + 1
    line = file.source[start : file.text.line_end(span.start)].lstrip()
    return line.startswith((b"defmodule", b"use ", b"@behaviour"))


def _is_at_head(module: Module, file: OpenFile, span: Span) -> bool:
    line = file.text.position(span.start).line
    heads = [module.node, *module.uses.values(), *module.attributes.get("behaviour", ())]
    return any(head.start_point.row == line for head in heads)
