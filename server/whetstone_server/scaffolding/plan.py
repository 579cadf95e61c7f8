"""From a template and what was answered to the changes that put it into a project; nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from whetstone_codegen.answers import AnswerError
from whetstone_codegen.blank import is_blank
from whetstone_codegen.mix_file import read_mix_file
from whetstone_codegen.render import child, rendered
from whetstone_server.errors import InputError
from whetstone_server.scaffolding.change import Change, What, whole
from whetstone_server.scaffolding.defined import check_undefined
from whetstone_server.scaffolding.project import Project, Read, read_file
from whetstone_server.scaffolding.supervisor import begun, started

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from whetstone_server.scaffolding.order import Order


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

    Raises `InputError` with what to do about it when the name is not one or is taken, a file with other content is in
    the way, or the children of the supervisor cannot be read.
    """
    try:
        texts = rendered(order.template, order.name, order.answers)
        specs = child(order.template, order.name, order.answers) or ""
    except AnswerError as error:
        raise InputError(str(error)) from error
    whats: tuple[What, What] = ("module", "test")
    changes = [
        _new(what, project.place(path), text, order, read)
        for what, (path, text) in zip(whats, texts.items(), strict=True)
    ]
    if order.template.language == "elixir":
        _check_not_umbrella(project, read)
        names = (order.name, f"{order.name}Test")
        check_undefined(names, [change.path for change in changes], project, read)
    lines = specs.splitlines() if order.is_supervised else ()
    children = tuple(line.strip() for line in lines if line.strip())
    if order.is_supervised and order.template.name == "application" and order.template.language == "elixir":
        changes.append(_told(partial(begun, order.name, project, read), f"mod: {{{order.name}, []}}"))
    if children:
        changes.append(_told(partial(started, children, order.supervisor, project, read), ", ".join(children)))
    return Plan(order, project, tuple(changes), children)


def _new(what: What, path: Path, text: str, order: Order, read: Read) -> Change:
    before = read(path)
    if before is not None and _lines(before) == text.encode():
        return Change(what, path, before, ())
    if before is None or is_blank(before, order.template.language, order.name):
        return whole(what, path, before, text)
    raise InputError(
        f"{path} is there and holds something else, so nothing was written; move it away, or choose another name"
    )


def _check_not_umbrella(project: Project, read: Read) -> None:
    file = project.root / "mix.exs"
    if read_mix_file(read(file) or b"").is_umbrella:
        raise InputError(f"{file} is an umbrella, whose code lies in the apps below it; name one of them with --into")


def _lines(text: bytes) -> bytes:
    return text.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")


def _told(placed: Callable[[], Change], what: str) -> Change:
    """Return the change that gives it its place; raises `InputError` with what to do by hand when there is none."""
    try:
        return placed()
    except InputError as error:
        raise InputError(
            f"{error}. With --unsupervised the module and its test are written alone; what is to be added is `{what}`"
        ) from error
