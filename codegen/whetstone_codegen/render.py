"""From a template and answers to texts; the only place that knows Jinja."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import jinja2

from whetstone_codegen.answers import AnswerError
from whetstone_codegen.elixir_names import taken
from whetstone_codegen.fields import Call
from whetstone_codegen.names import Name, NameRefused, name_in, places
from whetstone_codegen.python_names import is_taken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from whetstone_codegen.template import Template

_MODULES = {"elixir": "module.ex.jinja", "python": "module.py.jinja"}
_TESTS = {"elixir": "test.exs.jinja", "python": "test.py.jinja"}


def rendered(template: Template, name: str, answers: Mapping[str, Any]) -> dict[str, str]:
    """Return the text of every file that the template writes, by path: the module first, then its test.

    `name` is the name of the new module, and `answers` are checked ones; raises `AnswerError` when the language does
    not allow such a name, or when what is written needs it for something else.
    """
    called = _called(template, name)
    if own := next((each for each, value in answers.items() if isinstance(value, tuple) and name in value), None):
        raise AnswerError(f"{own}: {name} would start itself; name other modules")
    module, test = places(template.language, called)
    texts = {
        module: _filled(template, _MODULES[template.language], called, answers),
        test: _filled(template, _TESTS[template.language], called, answers),
    }
    if template.language == "python" and any(is_taken(called.name, text) for text in texts.values()):
        raise AnswerError(f"{called.name} is what {template.name} itself uses: choose another name")
    if template.language == "elixir" and (clash := taken(_calls(answers), texts[module])):
        raise AnswerError(f"calls: {clash} is what {template.name} itself uses: choose another name")
    return texts


def child(template: Template, name: str, answers: Mapping[str, Any]) -> str | None:
    """Return what stands in a supervisor's list of children for it; None when it has none.

    That is when the template has no process to start, or when it cannot be started without what only a person knows.
    """
    if template.child is None:
        return None
    # The bracket of a tuple before an expression, as in `{{{ module }}, limit: 8}`, would be taken for a part of it.
    written = template.child.replace("{{{", "{{ '{' }}{{")
    text = _environment(template.folder.parent).from_string(written)
    return text.render(_context(_called(template, name), answers)).strip() or None


def _calls(answers: Mapping[str, Any]) -> list[str]:
    """Return what the functions are called that somebody asked for."""
    lists = (value for value in answers.values() if isinstance(value, tuple))
    return [each.name for value in lists for each in value if isinstance(each, Call)]


def _called(template: Template, name: str) -> Name:
    try:
        return name_in(template.language, name)
    except NameRefused as refused:
        raise AnswerError(str(refused)) from refused


def _filled(template: Template, file: str, called: Name, answers: Mapping[str, Any]) -> str:
    text = _environment(template.folder.parent).get_template(f"{template.folder.name}/{file}")
    return text.render(_context(called, answers))


def _context(called: Name, answers: Mapping[str, Any]) -> dict[str, Any]:
    return {"module": called.module, "name": called.name, "path": called.path, **answers}


@cache
def _environment(folder: Path) -> jinja2.Environment:
    """Return how the templates of one language are filled in; they may include texts that lie beside their folders."""
    environment = jinja2.Environment(  # noqa: S701 -- what is written is code, not HTML
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["literal"] = _elixir_literal if folder.name == "elixir" else _python_literal
    return environment


def _elixir_literal(value: Any) -> str:
    """Return a value as Elixir writes it: `30_000`, `0.5`, `true`, `"text"`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:_}"
    if isinstance(value, float):
        digits, _, exponent = repr(value).partition("e")
        return digits if not exponent else f"{digits if '.' in digits else digits + '.0'}e{int(exponent)}"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("#{", "\\#{")
    return f'"{escaped}"'


def _python_literal(value: Any) -> str:
    """Return a value as Python writes it, text in double quotes."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return f"{value:_}"
    if isinstance(value, float):
        return repr(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
