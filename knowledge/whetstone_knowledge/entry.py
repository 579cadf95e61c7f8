"""What an entry is: a page of the knowledge base, Markdown under a head of TOML, and checked when it is read."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from whetstone_knowledge.need import FACETS, Clause

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = {
    "behaviour": "Behaviours",
    "concurrency": "Concurrency",
    "fault-tolerance": "Fault tolerance",
    "performance": "Performance",
    "distribution": "Distribution",
    "practice": "Practices",
    "anti-pattern": "Anti-patterns",
}
"""Every kind of entry with its heading, in the order of the catalogue."""
ANTI_PATTERN = "anti-pattern"

_SECTIONS = ("What it is", "When to use it", "When not to", "What it costs", "What is lost on a crash")
_ANTI_PATTERN_SECTIONS = (
    "What it is",
    "When it is right",
    "What to do instead",
    "What it costs",
    "What is lost on a crash",
)
_HEAVIEST = 6
_TEXTS, _LISTS, _CLAUSES = (
    {"title", "summary", "no_rule"},
    {"keywords", "templates", "rules", "sources"},
    {"meets", "ruled_out"},
)
_FENCE = "+++\n"
_HEADING = re.compile(r"^## (.+)\n", re.MULTILINE)


class PageError(ValueError):
    """A page that is not as an entry's page must be; the message names the page and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to know: what it is, when to use it and when not, what it costs, and what a crash takes with it."""

    name: str
    kind: str
    """One of `KINDS`."""
    title: str
    summary: str
    """One sentence."""
    keywords: tuple[str, ...]
    """What people call it who do not know its title."""
    sections: Mapping[str, str]
    """Markdown by heading; the headings are those of `headings(kind)`, in order."""
    templates: tuple[str, ...]
    """Names of the templates that write it."""
    rules: tuple[str, ...]
    """Names of the rules that find it, or, for what is not an anti-pattern, that guard it."""
    no_rule: str | None
    """Why no rule can find it; set for an anti-pattern without rules, and for nothing else."""
    sources: tuple[str, ...]
    """Addresses of what the page was checked against."""
    meets: tuple[Clause, ...]
    """The needs it is an answer to."""
    ruled_out: tuple[Clause, ...]
    """The needs it is no answer to, although somebody might think so."""

    @property
    def body(self) -> str:
        """The whole text in Markdown, without the title."""
        return "\n\n".join(f"## {heading}\n\n{text}" for heading, text in self.sections.items())


def headings(kind: str) -> tuple[str, ...]:
    """Return the headings that every page of this kind has, in order."""
    return _ANTI_PATTERN_SECTIONS if kind == ANTI_PATTERN else _SECTIONS


def read(name: str, kind: str, text: str) -> Entry:
    """Return the entry that a page holds; raises `PageError` when anything is missing, unknown or out of place."""
    try:
        head, body = _parted(text)
        return Entry(
            name=name,
            kind=kind,
            title=head["title"],
            summary=_sentence(head["summary"]),
            keywords=tuple(head["keywords"]),
            sections=_sections(body, headings(kind)),
            templates=tuple(head.get("templates", ())),
            rules=tuple(head.get("rules", ())),
            no_rule=_reason_for_no_rule(head, kind),
            sources=_sources(head["sources"]),
            meets=tuple(map(_clause, head.get("meets", ()))),
            ruled_out=tuple(map(_clause, head.get("ruled_out", ()))),
        )
    except KeyError as missing:
        raise PageError(f"{name}: its head has no {missing.args[0]}") from missing
    except ValueError as error:
        raise PageError(f"{name}: {error}") from error


def _parted(text: str) -> tuple[dict[str, Any], str]:
    """Return the head and what follows; raises `ValueError` when the head is not one."""
    if not text.startswith(_FENCE) or text.count(f"\n{_FENCE}") != 1:
        raise ValueError("a page begins with a head in TOML between two lines of +++")
    head, _, body = text[len(_FENCE) :].partition(f"\n{_FENCE}")
    values = tomllib.loads(head)
    for key, value in values.items():
        if not _fits(key, value):
            raise ValueError(f"{key} is unknown or not of its type")
    return values, body


def _fits(key: str, value: Any) -> bool:
    if key in _TEXTS:
        return isinstance(value, str) and bool(value.strip())
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(item, str if key in _LISTS else dict) for item in value) and key in _LISTS | _CLAUSES


def _sentence(text: Any) -> str:
    if not isinstance(text, str) or not text.endswith(".") or "\n" in text:
        raise ValueError(f"{text!r} is not one sentence on one line that ends with a full stop")
    return text


def _sections(body: str, wanted: tuple[str, ...]) -> dict[str, str]:
    before, *parts = _HEADING.split(body)
    sections = {heading: text.strip() for heading, text in zip(parts[::2], parts[1::2], strict=True)}
    if before.strip() or tuple(sections) != wanted or len(parts) != 2 * len(wanted) or not all(sections.values()):
        raise ValueError(f"its sections are {', '.join(wanted)}, in this order, each with a text")
    return sections


def _reason_for_no_rule(head: Mapping[str, Any], kind: str) -> str | None:
    if ("no_rule" in head) != (kind == ANTI_PATTERN and "rules" not in head):
        raise ValueError("an anti-pattern has either rules or the sentence no_rule; nothing else has no_rule")
    return _sentence(head["no_rule"]) if "no_rule" in head else None


def _sources(addresses: list[str]) -> tuple[str, ...]:
    if not all(address.startswith("https://") for address in addresses):
        raise ValueError("sources are addresses that begin with https://")
    return tuple(addresses)


def _clause(written: Mapping[str, Any]) -> Clause:
    if not {"need", "because"} <= set(written) <= {"need", "because", "weight"} or not written["need"]:
        raise ValueError("a clause has a need, a because and, where it speaks for the entry, a weight")
    weight = written.get("weight", 1)
    if not isinstance(weight, int) or not 1 <= weight <= _HEAVIEST:
        raise ValueError(f"a weight is a whole number from 1 to {_HEAVIEST}, not {weight}")
    for facet, words in written["need"].items():
        if facet not in FACETS or not isinstance(words, list) or not words or set(words) - FACETS[facet].keys():
            raise ValueError(f"{facet} = {words} is no list of words that a need can be stated in")
    need = {facet: frozenset(words) for facet, words in written["need"].items()}
    return Clause(need, _sentence(written["because"]), weight)
