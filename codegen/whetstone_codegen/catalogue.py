"""Templates as pages for people: `python -m whetstone_codegen.catalogue [--check]` writes them.

`TEMPLATES.md` says what each template asks and what its test holds it to; the `example/` of each is exactly what it
writes with its defaults.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from whetstone_codegen.answers import checked, typed
from whetstone_codegen.render import rendered
from whetstone_codegen.template import LANGUAGES
from whetstone_codegen.templates import TEMPLATES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_codegen.template import Question, Template

PAGE = Path(__file__).parents[1] / "TEMPLATES.md"
"""Where the templates are listed."""

_LANGUAGES = {"elixir": "Elixir", "python": "Python"}
_INTRODUCTION = """\
# Templates

<!-- Written by `python -m whetstone_codegen.catalogue` from the templates themselves; change those instead. -->

What `whetstone new TEMPLATE NAME` writes: a module, and a test that proves what the module says of itself.
Every question has a default, and `--set QUESTION=ANSWER` gives another answer.

- For Elixir, each is tried with its defaults and with every two answers that can meet: form, warnings, tests.
- One text serves Elixir 1.14 and everything later: it uses nothing that is newer, and nothing that later ones warn of.
- Python is written for 3.11 and later, with types that mypy takes in its strict mode.
- Each page lists safety features: when any one of them is taken out of the module, the module's own test fails.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write `TEMPLATES.md` and every example, or with `--check` only say what is not current; returns the status."""
    options = argparse.ArgumentParser(prog="python -m whetstone_codegen.catalogue", description=main.__doc__)
    options.add_argument("--check", action="store_true", help="write nothing; fail when something is not current")
    check = options.parse_args(arguments).check
    stale = False
    for path, text in {PAGE: catalogue(TEMPLATES), **examples(TEMPLATES)}.items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale = True
        if check:
            sys.stderr.write(f"{path.name} is not current: run `python -m whetstone_codegen.catalogue`\n")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return 1 if check and stale else 0


def examples(templates: Sequence[Template]) -> dict[Path, str]:
    """Return what each template writes with its defaults, by where that lies in its `example/`."""
    return {
        template.folder / "example" / path: text
        for template in templates
        for path, text in rendered(template, template.example, checked(template, {})).items()
    }


def catalogue(templates: Sequence[Template]) -> str:
    """Return the whole of `TEMPLATES.md`: a table for each language, then a page for each template."""
    parts = [_INTRODUCTION]
    for language in LANGUAGES:
        mine = [template for template in templates if template.language == language]
        parts.append(f"## {_LANGUAGES[language]}\n\n{_index(mine)}")
        parts += [page(template) for template in mine]
    return "\n".join(parts)


def page(template: Template) -> str:
    """Return the page of one template in Markdown: what it writes, what it asks, and what its test holds it to."""
    files = (path.relative_to(PAGE.parent).as_posix() for path in examples([template]))
    features = "\n".join(f"- {mutant.feature}" for mutant in template.mutants)
    parts = [
        f"### {_heading(template)}",
        f"`{template.name}` · {template.title}",
        template.summary,
        f"Written with its defaults: {', '.join(f'[{Path(file).name}]({file})' for file in files)}.",
        _questions(template).rstrip(),
        f"Its test notices when one of these is lost:\n\n{features}",
    ]
    return "\n\n".join(parts) + "\n"


def _index(templates: Sequence[Template]) -> str:
    rows = [("template", "writes")]
    rows += [(f"[{template.name}](#{_heading(template)})", template.summary) for template in templates]
    return _table(rows)


def _heading(template: Template) -> str:
    """Return the heading of a template's page, which is its anchor as well: no two are alike."""
    return f"{template.name}-in-{template.language}"


def _questions(template: Template) -> str:
    rows = [("question", "answer", "default", "asks")]
    rows += [(f"`{one.name}`", _answer(one), f"`{typed(one.default)}`", _asked(one)) for one in template.questions]
    return _table(rows)


def _answer(question: Question) -> str:
    """Return what an answer looks like."""
    if question.type == "choice":
        return ", ".join(f"`{choice}`" for choice in question.choices)
    if question.type == "boolean":
        return "`true`, `false`"
    return question.unit or question.type


def _asked(question: Question) -> str:
    """Return what is asked, and when."""
    if not question.needs:
        return question.help
    needed = " and ".join(
        f"{name} is {' or '.join(f'`{typed(value)}`' for value in values)}" for name, values in question.needs.items()
    )
    return f"{question.help} Asked only when {needed}."


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    heading, *rest = rows
    lines = [heading, tuple("---" for _ in heading), *rest]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
