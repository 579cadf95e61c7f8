"""What somebody wants to have written: a template, a name, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from whetstone_codegen.answers import AnswerError, checked
from whetstone_codegen.template import LANGUAGES
from whetstone_codegen.templates import TEMPLATES, named
from whetstone_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from whetstone_codegen.template import Template


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written; its answers are checked."""

    template: Template
    name: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    is_supervised: bool = True
    """Whether it gets its place among the children of a supervisor, where it has one."""
    supervisor: str | None = None
    """The module of that supervisor; the application's when none is named."""


def ordered(
    template: str,
    name: str,
    language: str,
    typed: Mapping[str, Any],
    *,
    is_supervised: bool = True,
    supervisor: str | None = None,
) -> Order:
    """Return an order from what somebody typed; raises `InputError` when a word of it is none that is known."""
    wanted = template_named(template, language)
    try:
        return Order(wanted, name, checked(wanted, typed), is_supervised, supervisor)
    except AnswerError as error:
        raise InputError(f"{error}; `whetstone new {wanted.name}` says what it asks") from error


def only_language(template: str) -> str | None:
    """Return the language of a template that there is for one only."""
    languages = [each for each in LANGUAGES if named(each, template)]
    return languages[0] if len(languages) == 1 else None


def template_named(name: str, language: str) -> Template:
    """Return the template of a language that is called so; raises `InputError` with what may have been meant."""
    if template := named(language, name):
        return template
    if elsewhere := only_language(name):
        raise InputError(
            f"{name} is a template for {elsewhere} only, not for {language}; "
            f"say --language {elsewhere} where that is meant"
        )
    names = dict.fromkeys(each.name for each in TEMPLATES)
    meant = get_close_matches(name.replace("_", "-"), names, n=1)
    hint = f"did you mean {meant[0]}?" if meant else "`whetstone new` lists them all"
    raise InputError(f"no template is called {name}; {hint}")
