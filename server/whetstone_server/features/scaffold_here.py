"""What could be written where somebody is: a template into an empty file, a child among those of a supervisor.

Titles are cheap; the edit behind one is made when it is picked, by the same code as `whetstone new`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from whetstone_knowledge import BY_CODE
from whetstone_knowledge.rule import ElixirRule
from whetstone_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_knowledge import Finding
    from whetstone_knowledge.spans import Span
    from whetstone_server.scaffolding.project import Project
    from whetstone_server.session import OpenFile

KIND = "refactor.whetstone.new"
_BLANK = re.compile(rb"\s*|\s*defmodule\s+[\w.]+\s+do\s+(@moduledoc\s+false\s+)?end\s*")
"""What may be blank, seen without an import; `whetstone_codegen.blank` knows which module it is."""
_LONGEST_BLANK = 1_000
"""Bytes that the empty module with the longest name may take."""
_ENDINGS = {"elixir": ".ex", "python": ".py"}


class Offer(NamedTuple):
    """Something that could be written."""

    title: str
    wanted: dict[str, Any]
    """The object that `whetstone.new` takes for it."""


def offers(file: OpenFile, span: Span) -> Iterator[Offer]:
    """Yield what could be written at a place of a document."""
    if not is_code(file):
        return
    if len(file.source) <= _LONGEST_BLANK and _BLANK.fullmatch(file.source):
        yield from _for_blank(file, file.source)
    elif file.language == "elixir" and b"Supervisor." in file.source:
        yield from _for_children(file, span)


def offers_instead(file: OpenFile, finding: Finding) -> Iterator[Offer]:
    """Yield the template that writes what should stand in the place of a finding that no rewrite can put right."""
    rule = BY_CODE[finding.code]
    if not isinstance(rule, ElixirRule) or not rule.template or not is_code(file):
        return
    from whetstone_codegen.templates import named  # noqa: PLC0415 -- an editor's start does not wait for it

    template, project = named(file.language, rule.template), project_of(file)
    if template is None or project is None:
        return
    module = (finding.function or "").rpartition(".")[0]
    name = _free_name(project, module, template.name)
    yield Offer(f"New {name} instead: {template.title}", _wanted(file, template.name, name))


def offers_while_typing(file: OpenFile, word: Span) -> Iterator[Offer]:
    """Yield what could be written into a document that holds nothing but the word that is being typed."""
    if is_code(file) and len(file.source) <= _LONGEST_BLANK:
        rest = file.source[: word.start] + file.source[word.end :]
        if _BLANK.fullmatch(rest):
            yield from _for_blank(file, rest)


def is_code(file: OpenFile) -> bool:
    """Whether a document lies on the disk as code of its language, scripts and tests left out."""
    return file.path is not None and file.path.suffix == _ENDINGS.get(file.language)


def _for_blank(file: OpenFile, content: bytes) -> Iterator[Offer]:
    from whetstone_codegen.blank import empty_module  # noqa: PLC0415 -- an editor's start does not wait for it
    from whetstone_codegen.templates import TEMPLATES  # noqa: PLC0415

    project = project_of(file)
    if project is None or file.path is None:
        return
    name = empty_module(content.decode("utf-8", "replace")) or project.name_at(file.path)
    if name is None or not project.is_at(name, file.path):
        return
    for template in TEMPLATES:
        if template.language == file.language:
            yield Offer(f"New: {template.title}", _wanted(file, template.name, name))


def _for_children(file: OpenFile, span: Span) -> Iterator[Offer]:
    from whetstone_codegen.templates import TEMPLATES  # noqa: PLC0415 -- an editor's start does not wait for it
    from whetstone_knowledge.elixir.children import supervisor_at  # noqa: PLC0415

    supervisor = supervisor_at(file.source, span.start)
    project = project_of(file) if supervisor else None
    if supervisor is None or project is None:
        return
    for template in TEMPLATES:
        if template.language == "elixir" and template.child:
            name = _free_name(project, supervisor, template.name)
            wanted = _wanted(file, template.name, name) | {"supervisor": supervisor}
            yield Offer(f"New child {name}: {template.title}", wanted)


def _wanted(file: OpenFile, template: str, name: str) -> dict[str, Any]:
    return {"template": template, "name": name, "language": file.language, "uri": file.uri}


def project_of(file: OpenFile) -> Project | None:
    """Return the project around a document, None when there is none of its language."""
    from whetstone_server.scaffolding.project import Project, find_project  # noqa: PLC0415 -- see above

    if file.path is None:
        return None
    if file.language == "python":
        return Project(file.root or file.path.parent, "python")
    try:
        return find_project(file.path.parent, file.language)
    except InputError:
        return None


def _free_name(project: Project, supervisor: str, template: str) -> str:
    """Return a name beside the supervisor's for which there is no module yet."""
    from whetstone_codegen.names import camel_cased  # noqa: PLC0415 -- see above

    around = supervisor.rpartition(".")[0] or supervisor
    name = f"{around}.{camel_cased(template.replace('-', '_'))}"
    number = 1
    while project.file_of(name if number == 1 else f"{name}{number}").exists():
        number += 1
    return name if number == 1 else f"{name}{number}"
