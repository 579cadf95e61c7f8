"""The variants of the templates: `python -m tests.codegen.elixir.variants [TEMPLATE…]` tries them all and tells.

A variant is a template with one set of answers: its defaults, and for every two answers one in which they meet.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.codegen.elixir.beam import Job, Outcome, outcomes
from whetstone_codegen.answers import told
from whetstone_codegen.pairs import pairs
from whetstone_codegen.render import rendered
from whetstone_codegen.templates import TEMPLATES, named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from whetstone_codegen.template import Template

ELIXIR = [template for template in TEMPLATES if template.language == "elixir"]
NAMES = (
    "A",
    "Ledger",
    "LedgerOfManyAccounts2",
    "LedgerOfManyAccountsThatWereOpenedIn2026",
    "LedgerOfManyAccountsThatWereOpenedIn2026AndAreStillInUseToda",
    "Ledger.Accounts.HistoryOfBalances",
)
"""With each of them a variant's texts have to be as the formatter leaves them: 1, 6, 21, 40 and 60 long, and nested."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A template with one set of answers, under a name that no other variant has."""

    template: Template
    answers: Mapping[str, Any]
    name: str

    @property
    def id(self) -> str:
        """A name for files, too."""
        return self.name.replace(".", "_")

    def job(self) -> Job:
        """Return what has to be done in the BEAM to try it."""
        module, test = rendered(self.template, self.name, self.answers).values()
        also = [text for name in NAMES for text in rendered(self.template, name, self.answers).values()]
        return Job(self.id, module, test, [module, test, *also])

    def __str__(self) -> str:
        answers = " ".join(f"{name}={value!r}" for name, value in told(self.template, self.answers).items())
        return f"{self.template} with {answers or 'its defaults'}, as {self.name}"


def variants(template: Template) -> list[Variant]:
    """Return the variants of a template, the defaults first.

    They are named as people name modules: most in a namespace, one for what it is, so that it hides the module of
    Elixir that it is made of, and one without a namespace.
    """
    prefix = "".join(part.title() for part in template.name.split("-"))
    names = {1: f".{prefix}", 2: template.example.rpartition(".")[2]}
    return [
        Variant(template, answers, f"{prefix}{number}{names.get(number, f'.{template.example}')}")
        for number, answers in enumerate(pairs(template))
    ]


def tried(templates: Sequence[Template], folder: Path) -> list[tuple[Variant, Outcome]]:
    """Return what became of each variant of these templates, all tried in one BEAM."""
    every = [variant for template in templates for variant in variants(template)]
    found = outcomes([variant.job() for variant in every], folder)
    return [(variant, found[variant.id]) for variant in every]


def chosen(names: Sequence[str]) -> list[Template]:
    """Return the templates of these names, or all where none is named."""
    return [template for name in names if (template := named("elixir", name))] if names else ELIXIR


def main(names: Sequence[str]) -> int:
    """Print what is wrong with which variant; returns 1 when anything is."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = tried(chosen(names), Path(folder))
    wrong = [(variant, outcome) for variant, outcome in found if outcome.troubles()]
    for variant, outcome in wrong:
        print(f"\n{variant}\n" + "\n".join(outcome.troubles()))
    tests = sum(len(outcome.passed) for _, outcome in found)
    print(f"{len(found)} variants, {len(wrong)} wrong; {tests} tests passed; {time.monotonic() - began:.1f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
