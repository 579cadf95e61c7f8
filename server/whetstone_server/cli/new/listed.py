"""The templates that there are, and what each asks."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from whetstone_codegen.answers import typed
from whetstone_codegen.templates import TEMPLATES
from whetstone_server.cli.terminal import console, styled
from whetstone_server.scaffolding.described import described
from whetstone_server.scaffolding.order import template_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_codegen.template import Question, Template

_LINE = 100
"""Columns that a sentence may fill, as a page of a book does."""


def show(name: str | None, language: str | None, shape: str) -> None:
    """Print the templates, or those of one name or language; raises `InputError` when there is none of that name."""
    wanted = [each for each in TEMPLATES if language in {None, each.language}]
    if name:
        known = [each for each in wanted if each.name == name.replace("_", "-")]
        wanted = known or [template_named(name, language or "elixir")]
    if shape == "json":
        import json  # noqa: PLC0415 -- only this format needs it

        document = {"version": 1, "templates": [described(each) for each in wanted]}
        print(json.dumps(document, indent=2, ensure_ascii=False))  # noqa: T201
    else:
        _show(wanted)


def _show(wanted: Sequence[Template]) -> None:
    out = console()
    for template in wanted:
        out.print(styled((template.name, "bold"), (f"  {template.language}", "dim"), f"  {template.title}"))
        for question in template.questions:
            _show_question(question)
        out.print()
    out.print(
        styled("Write one: whetstone new TEMPLATE NAME --set KEY=VALUE; when to use it: whetstone knowledge show")
    )


def _show_question(question: Question) -> None:
    """Print a question with its default, and what it means below it."""
    bounds = (question.minimum, question.maximum)
    words = [question.help]
    if question.choices:
        words.append(f"One of: {', '.join(question.choices)}.")
    if question.unit:
        span = f", {bounds[0]} to {bounds[1]}" if None not in bounds else ""
        words.append(f"In {question.unit}{span}.")
    for other, values in question.needs.items():
        words.append(f"Asked when {other} is {' or '.join(map(typed, values))}.")
    out = console()
    out.print(styled("    --set ", (f"'{question.name}={typed(question.default)}'", "cyan")))
    out.print(styled((fill(" ".join(words), _LINE, initial_indent=" " * 8, subsequent_indent=" " * 8), "dim")))
