"""From what somebody wants to have written, as `whetstone.new` takes it, to the changes that write it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from whetstone_server.errors import InputError
from whetstone_server.features import scaffolded
from whetstone_server.features.scaffold_here import project_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from whetstone_server.scaffolding.change import Change
    from whetstone_server.scaffolding.plan import Plan
    from whetstone_server.session import Session


def changes(session: Session, wanted: Mapping[str, Any]) -> Sequence[Change]:
    """Return what writes a template, or what `{add, module, uri}` adds to a module; raises `InputError`."""
    if wanted.get("add") is None:
        return _planned(session, wanted).changes
    from whetstone_server.scaffolding import existing  # noqa: PLC0415 -- an editor's start does not wait for it

    file = session.file(str(wanted.get("uri")))
    project = project_of(file) if file else None
    module = _word(wanted, "module")
    if file is None or file.path is None:
        raise InputError(f"{module} is not open any more; open its file and try again")
    if wanted["add"] == "callbacks":
        return existing.completed(module, file.path, file.source)
    if project is None:
        raise InputError(f"{file.path} is not in a Mix project, so nothing was written")
    read = partial(scaffolded.read, session)
    if wanted["add"] == "test":
        return existing.tested(module, file.path, project, read)
    if wanted["add"] == "child":
        return existing.supervised(module, project, read)
    raise InputError(f"whetstone.new adds callbacks, a test or a child, not {wanted['add']}")


def _planned(session: Session, wanted: Mapping[str, Any]) -> Plan:
    """Return what writes what is wanted, in the project of the document `uri` or the first folder that is open.

    Raises `InputError` with what to do about it when that cannot be done.
    """
    from whetstone_server.scaffolding.order import only_language, ordered  # noqa: PLC0415 -- nor does a list
    from whetstone_server.scaffolding.plan import plan  # noqa: PLC0415
    from whetstone_server.scaffolding.project import find_project, language_of  # noqa: PLC0415

    template, name = (_word(wanted, key) for key in ("template", "name"))
    folder = _folder(session, wanted)
    language = wanted.get("language") or language_of(folder, name, only_language(template))
    order = ordered(
        template,
        name,
        str(language),
        _answers(wanted),
        is_supervised=wanted.get("supervised") is not False,
        supervisor=_word(wanted, "supervisor") if wanted.get("supervisor") else None,
    )
    project = find_project(folder, order.template.language)
    return plan(order, project, partial(scaffolded.read, session))


def _folder(session: Session, wanted: Mapping[str, Any]) -> Path:
    """Return the folder whose project is meant."""
    file = session.file(str(wanted.get("uri")))
    if file and file.path:
        around = file.path.parent
        return file.root if file.language == "python" and file.root else around
    if session.folders:
        return session.folders[0]
    raise InputError("Whetstone has no project open: open a folder, or a file of the project that is meant.")


def _word(wanted: Mapping[str, Any], key: str) -> str:
    word = wanted.get(key)
    if not isinstance(word, str) or not word:
        raise InputError(f"whetstone.new wants a {key}, such as {{template: 'gen-server', name: 'Ledger.Store'}}")
    return word


def _answers(wanted: Mapping[str, Any]) -> dict[str, Any]:
    answers = wanted.get("answers") or {}
    if not isinstance(answers, dict):
        raise InputError("whetstone.new takes its answers as an object, such as {shutdown: 5000}")
    return answers
