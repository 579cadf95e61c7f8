"""What a template is: a folder that says what it asks and what it writes, read when somebody first looks at it.

A folder holds `template.toml`, the texts to be filled in, `mutants.toml`, and `example/`, which is exactly what it
writes with its defaults. `codegen/README.md` tells how to add one.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parent / "templates"
LANGUAGES = ("elixir", "python")
TYPES = ("boolean", "integer", "number", "choice", "text", "atom", "atoms", "modules", "fields", "calls", "transitions")
"""Every type of question; `answers.py` says what each takes."""

_HEAD = {"title", "summary", "entry", "example", "common", "question", "child", "after"}
_QUESTION = {"name", "type", "default", "help", "choices", "minimum", "maximum", "unit", "tries", "needs", "reserved"}


class TemplateError(ValueError):
    """A template's folder that is not as it must be; the message names the template and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that a template asks: a name for `--set`, a type, a default, and what is a right answer."""

    name: str
    type: str
    """One of `TYPES`."""
    default: Any
    help: str
    """One sentence."""
    choices: tuple[str, ...] = ()
    """The answers there are, for a `choice`."""
    minimum: float | None = None
    maximum: float | None = None
    unit: str | None = None
    """What a number counts: `milliseconds`, `calls`."""
    tries: tuple[Any, ...] = ()
    """The answers that are tried against those of every other question; the default is always among them."""
    needs: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """Asked only when each of these questions, which stand before it, has one of these answers."""
    reserved: tuple[str, ...] = ()
    """Names that the module itself uses, and that are no answer to `fields`, `calls`, `atom` or `atoms`."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module that lacks one safety feature; the template's own test has to notice."""

    feature: str
    """What is lost, as a short sentence without a full stop."""
    answers: Mapping[str, Any]
    """The answers that bring the feature; the others are the defaults."""
    find: str
    """Stands in the rendered module exactly once."""
    replace: str


@dataclass(frozen=True)
class Template:
    """One template of one language; everything but its name is read from its folder when first asked for.

    Every attribute raises `TemplateError` when the folder is not as it must be.
    """

    language: str
    """One of `LANGUAGES`."""
    name: str
    """In kebab-case, the same in every language."""
    templates: Path = field(default=FOLDER, repr=False)
    """The folder of all templates."""

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return self.templates / self.language / self.name.replace("-", "_")

    @property
    def title(self) -> str:
        """What it writes, as a menu shows it."""
        return str(self._head["title"])

    @property
    def summary(self) -> str:
        """One sentence."""
        return str(self._head["summary"])

    @property
    def entry(self) -> str:
        """The name of the entry of the knowledge base that says when to use it."""
        return str(self._head["entry"])

    @property
    def example(self) -> str:
        """The name that its `example/` is written with."""
        return str(self._head["example"])

    @property
    def child(self) -> str | None:
        """Its place among a supervisor's children, to be filled in like its texts; None when it has none."""
        return self._head.get("child")

    @property
    def after(self) -> tuple[str, ...]:
        """The templates whose processes have to be started before its own."""
        return tuple(self._head.get("after", ()))

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """What it asks, in order: its own questions first, then those it has in common with other templates."""
        shared = _shared(self.templates / self.language)
        for name in (common := self._head.get("common", [])):
            if name not in shared:
                raise TemplateError(f"{self}: common.toml has no question {name}")
        written = [*self._head.get("question", []), *(shared[name] for name in common)]
        questions: dict[str, Question] = {}
        for one in written:
            question = self._question(one, questions)
            questions[question.name] = question
        return tuple(questions.values())

    @cached_property
    def mutants(self) -> tuple[Mutant, ...]:
        """Its safety features, each with the mutant that its test has to kill."""
        written = _toml(self.folder / "mutants.toml").get("mutant", [])
        for one in written:
            if set(one) != {"feature", "answers", "find", "replace"}:
                raise TemplateError(f"{self}: a mutant has a feature, answers, find and replace")
        return tuple(Mutant(**one) for one in written)

    def question(self, name: str) -> Question | None:
        """Return the question of that name; None when there is none."""
        return next((question for question in self.questions if question.name == name), None)

    def __str__(self) -> str:
        return f"{self.language}/{self.name}"

    @cached_property
    def _head(self) -> dict[str, Any]:
        head = _toml(self.folder / "template.toml")
        if unknown := head.keys() - _HEAD:
            raise TemplateError(f"{self}: template.toml knows no {min(unknown)}")
        for key in ("title", "summary", "entry", "example"):
            if not isinstance(head.get(key), str):
                raise TemplateError(f"{self}: template.toml has no {key}")
        return head

    def _question(self, written: Mapping[str, Any], before: Mapping[str, Question]) -> Question:
        """Return a question as it is written; `before` are those that stand before it."""
        name = written.get("name", "a question")
        if missing := {"name", "type", "default", "help"} - written.keys():
            raise TemplateError(f"{self}: {name} has no {min(missing)}")
        if unknown := written.keys() - _QUESTION:
            raise TemplateError(f"{self}: {name} knows no {min(unknown)}")
        if name in before:
            raise TemplateError(f"{self}: {name} is asked twice")
        if written["type"] not in TYPES:
            raise TemplateError(f"{self}: {name} is of no type {written['type']}")
        if (written["type"] == "choice") != ("choices" in written):
            raise TemplateError(f"{self}: a choice, and nothing else, has choices; see {name}")
        for other in written.get("needs", {}):
            if other not in before:
                raise TemplateError(f"{self}: {name} needs {other}, which is not asked before it")
        needs = {other: tuple(values) for other, values in written.get("needs", {}).items()}
        lists = {key: tuple(written.get(key, ())) for key in ("choices", "reserved")}
        return Question(**{**written, **lists, "needs": needs, "tries": _tries(written)})


def _tries(written: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the answers to be tried, the default first."""
    every = {"boolean": [True, False], "choice": written.get("choices", [])}
    others = written.get("tries", every.get(written["type"], []))
    return (written["default"], *(value for value in others if value != written["default"]))


def _shared(folder: Path) -> dict[str, Mapping[str, Any]]:
    return {one["name"]: one for one in _toml(folder / "common.toml").get("question", [])}


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TemplateError(f"{path} cannot be read: {error}") from error
