"""From a template and what was answered to the changes that put it into a project; nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from whetstone_codegen.answers import AnswerError
from whetstone_codegen.blank import is_blank
from whetstone_codegen.edits import Edit, applied
from whetstone_codegen.render import child, rendered
from whetstone_codegen.supervise import Child, supervised
from whetstone_knowledge.rule import Refused
from whetstone_knowledge.spans import Span
from whetstone_server.errors import InputError
from whetstone_server.improvements.changes import edits_between
from whetstone_server.scaffolding.project import Project, Read, read_file
from whetstone_server.scaffolding.supervisor import application_module, file_of_module

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from whetstone_server.scaffolding.order import Order

What: TypeAlias = Literal["module", "test", "supervisor"]


@dataclass(frozen=True, slots=True)
class Change:
    """What one file is to become."""

    what: What
    path: Path
    before: bytes | None
    """None when there is no such file."""
    edits: tuple[Edit, ...]

    @property
    def after(self) -> bytes:
        """Its bytes afterwards."""
        return applied(self.before or b"", self.edits)

    @property
    def status(self) -> Literal["created", "changed", "unchanged"]:
        """What becomes of it."""
        if self.before is None:
            return "created"
        return "changed" if self.edits else "unchanged"


@dataclass(frozen=True, slots=True)
class Plan:
    """Every file that an order is about; those that exist already and are changed come last."""

    order: Order
    project: Project
    changes: tuple[Change, ...]
    children: tuple[str, ...]
    """What was put under a supervisor, as child specifications."""


def plan(order: Order, project: Project, read: Read = read_file) -> Plan:
    """Return the changes that put what was ordered into a project, as far as they are still to be made.

    Raises `InputError` with what to do about it when the name is not one, a file with other content is in the way, or
    the children of the supervisor cannot be read.
    """
    try:
        texts = rendered(order.template, order.name, order.answers)
        specs = child(order.template, order.name, order.answers) or ""
    except AnswerError as error:
        raise InputError(str(error)) from error
    whats: tuple[What, What] = ("module", "test")
    changes = [
        _new(what, project.place(path), text.encode(), order, read)
        for what, (path, text) in zip(whats, texts.items(), strict=True)
    ]
    lines = specs.splitlines() if order.is_supervised else ()
    children = tuple(line.strip() for line in lines if line.strip())
    if children:
        changes.append(_supervised(children, order, project, read))
    return Plan(order, project, tuple(changes), children)


def _new(what: What, path: Path, text: bytes, order: Order, read: Read) -> Change:
    before = read(path)
    if before is None:
        return Change(what, path, None, (_whole(b"", text),))
    if _lines(before) == _lines(text):
        return Change(what, path, before, ())
    if is_blank(before, order.template.language, order.name):
        return Change(what, path, before, (_whole(before, text),))
    raise InputError(
        f"{path} is there and holds something else, so nothing was written; move it away, or choose another name"
    )


def _whole(before: bytes, after: bytes) -> Edit:
    return Edit(Span(0, len(before)), after.decode())


def _lines(text: bytes) -> bytes:
    return text.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")


def _supervised(children: Sequence[str], order: Order, project: Project, read: Read) -> Change:
    """Return the change to the supervisor that is to start it."""
    module = order.supervisor or application_module(project, read)
    path, before = file_of_module(module, project, read)
    edits: Sequence[Edit] = ()
    after = before
    try:
        for spec in children:
            edits = supervised(after, Child(spec), module)
            after = applied(after, tuple(edits))
    except Refused as refusal:
        raise InputError(
            f"{path}: {refusal}; nothing was written. With --unsupervised the module and its test are written alone, "
            f"and what is to be started is `{', '.join(children)}`"
        ) from refusal
    return Change("supervisor", path, before, tuple(edits if len(children) == 1 else edits_between(before, after)))
