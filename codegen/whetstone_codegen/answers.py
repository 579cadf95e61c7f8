"""What a person answers, checked against what a template asks."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from whetstone_codegen import fields
from whetstone_codegen.fields import Field, FieldRefused
from whetstone_codegen.names import is_name
from whetstone_codegen.transitions import TransitionRefused, transitions
from whetstone_knowledge.elixir.words import VALUES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from whetstone_codegen.template import Question, Template

_SWITCH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_ATOM = re.compile(r"[a-z_][A-Za-z0-9_]*[?!]?")


class AnswerError(ValueError):
    """An answer that does not fit its question; the message is one sentence that names the question."""


def checked(template: Template, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer to every question that is asked, in order, the default where nothing was typed.

    An answer is text as somebody typed it, or a value as `template.toml` writes it. Raises `AnswerError` for an
    answer that does not fit, to no question, or to one that is not asked because of another answer.
    """
    for name in typed:
        if template.question(name) is None:
            known = ", ".join(question.name for question in template.questions)
            raise AnswerError(f"{template.name} asks nothing that is called {name}: it asks {known}")
    answers: dict[str, Any] = {}
    for question in template.questions:
        if missing := _unmet(question, answers):
            if question.name in typed:
                raise AnswerError(f"{question.name} is asked only when {missing}")
            continue
        answers[question.name] = _checked(template, question, typed.get(question.name, question.default), answers)
    return answers


def told(template: Template, answers: Mapping[str, Any]) -> dict[str, str]:
    """Return those answers that differ from what the defaults would make of them, as one would type them."""
    usual = checked(template, {})
    return {name: typed(value) for name, value in answers.items() if name not in usual or usual[name] != value}


def typed(value: Any) -> str:
    """Return an answer as one would type it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(map(typed, value))
    return str(value)


def asked(question: Question, answers: Mapping[str, Any]) -> bool:
    """Tell whether a question is asked after these answers to those before it."""
    return not _unmet(question, answers)


def _unmet(question: Question, answers: Mapping[str, Any]) -> str:
    """Return what would have to be answered otherwise for the question to be asked; empty when nothing."""
    for name, values in question.needs.items():
        if name not in answers or answers[name] not in values:
            return f"{name} is {' or '.join(map(typed, values))}"
    return ""


def _checked(template: Template, question: Question, value: Any, before: Mapping[str, Any]) -> Any:
    if question.type == "boolean":
        return _switch(question, value)
    if question.type in {"integer", "number"}:
        return _number(question, value)
    text = str(value).strip()
    if question.type == "choice":
        if text not in question.choices:
            raise AnswerError(f"{question.name} is {' or '.join(question.choices)}, not {text!r}")
        return text
    if question.type == "text":
        return _line(question, text)
    if question.type in {"atom", "atoms"}:
        atoms = _atoms(question, text)
        return atoms if question.type == "atoms" else atoms[0]
    if question.type == "modules":
        return _modules(template, question, text)
    return _described(template, question, text, before)


def _described(template: Template, question: Question, text: str, before: Mapping[str, Any]) -> Any:
    """Return what was described in a small language of its own."""
    try:
        if question.type == "transitions":
            return transitions(text, question.reserved)
        if question.type == "fields":
            return fields.fields(template.language, text, question.reserved)
        return fields.calls(template.language, text, _known(before), question.reserved)
    except (FieldRefused, TransitionRefused) as refused:
        raise AnswerError(f"{question.name}: {refused}") from refused


def _switch(question: Question, value: Any) -> bool:
    answer = value if isinstance(value, bool) else _SWITCH.get(str(value).strip().lower())
    if answer is None:
        raise AnswerError(f"{question.name} is true or false, not {value!r}")
    return answer


def _number(question: Question, value: Any) -> int | float:
    wanted, kind = (int, "a whole number") if question.type == "integer" else (float, "a number")
    try:
        number = wanted(str(value).strip())
    except ValueError as error:
        raise AnswerError(f"{question.name} is {kind}, not {value!r}") from error
    low, high = question.minimum, question.maximum
    if not math.isfinite(number) or (low is not None and number < low) or (high is not None and number > high):
        bounds = [f"at least {low}"] * (low is not None) + [f"at most {high}"] * (high is not None)
        raise AnswerError(f"{question.name} is {kind} of {' and '.join(bounds) or 'some size'}, not {value}")
    return number


def _line(question: Question, text: str) -> str:
    if not text or not text.isprintable():
        raise AnswerError(f"{question.name} is a line of text, not {text!r}")
    return text


def _atoms(question: Question, text: str) -> tuple[str, ...]:
    """Return the atoms that were typed, with or without their colons."""
    atoms = tuple(part.strip().removeprefix(":") for part in text.split(","))
    if question.type == "atom" and len(atoms) != 1:
        raise AnswerError(f"{question.name} is one name, not {text!r}")
    for atom in atoms:
        if not _ATOM.fullmatch(atom):
            raise AnswerError(f"{question.name}: {atom!r} is no name: small letters, digits and _ make one")
        if atom in VALUES:
            raise AnswerError(f"{question.name}: {atom} is a word of the language itself")
        if atom in question.reserved:
            raise AnswerError(f"{question.name}: {atom} is what the module itself uses")
    if len(set(atoms)) != len(atoms):
        raise AnswerError(f"{question.name} names something twice: {text}")
    return atoms


def _modules(template: Template, question: Question, text: str) -> tuple[str, ...]:
    """Return the names of modules that were typed, in order; there may be none."""
    modules = tuple(part.strip() for part in text.split(",")) if text else ()
    for module in modules:
        if not is_name(template.language, module):
            raise AnswerError(f"{question.name}: {module!r} is no name of a module")
    if len(set(modules)) != len(modules):
        raise AnswerError(f"{question.name} names something twice: {text}")
    return modules


def _known(before: Mapping[str, Any]) -> tuple[Field, ...]:
    """Return the fields among the answers so far."""
    return tuple(
        one for value in before.values() if isinstance(value, tuple) for one in value if isinstance(one, Field)
    )
