"""Templates as programs read them: what each writes, and what it asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from whetstone_codegen.template import Question, Template


def described(template: Template) -> dict[str, Any]:
    """Return a template as JSON has it."""
    return {
        "name": template.name,
        "language": template.language,
        "title": template.title,
        "summary": template.summary,
        "entry": template.entry,
        "example": template.example,
        "supervised": template.child is not None,
        "questions": [_asked(question) for question in template.questions],
    }


def _asked(question: Question) -> dict[str, Any]:
    return {
        "name": question.name,
        "type": question.type,
        "default": question.default,
        "help": question.help,
        "choices": list(question.choices),
        "minimum": question.minimum,
        "maximum": question.maximum,
        "unit": question.unit,
        "needs": {name: list(values) for name, values in question.needs.items()},
    }
