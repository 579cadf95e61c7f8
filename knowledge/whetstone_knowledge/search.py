"""Words in, entries out, the best first: BM25F over a page's name and title, keywords, summary and text.

Own code because it is short: the established libraries either score one field only or bring an index on disk or a
numeric stack along, for some hundred pages that are read in less time than either takes to import. BM25F sums a word's
occurrences over weighted fields, each relative to the field's usual length, before they saturate: Zaragoza, Craswell,
Taylor, Saria and Robertson, "Microsoft Cambridge at TREC-13: Web and HARD tracks" (2004), section 2.1, with the inverse
document frequency of Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), plus one
so that it stays positive.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from whetstone_knowledge.entry import Entry

_SATURATION = 1.2
"""k1 of BM25: how soon a further occurrence of a word stops counting. Both constants are the usual ones."""
_LENGTH = 0.75
"""b of BM25: how much a field's length counts against it, from 0, not at all, to 1, in proportion."""
_WEIGHTS = {"title": 8.0, "keywords": 5.0, "summary": 2.0, "text": 1.0}
"""What an occurrence in each field counts: a page is about its title, and only speaks of what is in its text."""
_COMPOUND = re.compile(r"[A-Za-z0-9]+(?:_[A-Za-z0-9]+)*")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_CODE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
"""Examples: they name what they are about, and a dozen other things."""
_VOCABULARY = 10_000
"""Words that are taken apart only once; all pages together have fewer."""
_SHORTEST_BEGINNING = 3
_TOO_SHORT_TO_SHORTEN = 3
"""Letters up to which a word is left alone: ETS is one of a kind."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that was found, how well it fits, and where each word was found."""

    entry: Entry
    score: float
    reasons: tuple[str, ...]


class Index:
    """Entries prepared for being searched."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._counts = [{field: Counter(tokens(text)) for field, text in _fields(entry)} for entry in entries]
        self._usual = {
            field: sum(counts[field].total() for counts in self._counts) / max(1, len(entries)) for field in _WEIGHTS
        }
        self._frequency = Counter(word for counts in self._counts for word in set().union(*counts.values()))

    def search(self, words: str) -> list[Hit]:
        """Return the entries that hold any of the words, the best first, ties in catalogue order.

        A word that no page holds stands for those that begin with it.
        """
        wanted = list(dict.fromkeys(meant for token in tokens(words) for meant in self._meant(token)))
        hits = [
            Hit(entry, score, tuple(_reasons(wanted, counts)))
            for entry, counts in zip(self._entries, self._counts, strict=True)
            if (score := sum(self._score(word, counts) for word in wanted)) > 0
        ]
        return sorted(hits, key=lambda hit: -hit.score)

    def nearest(self, word: str) -> str | None:
        """Return the word of the pages that is spelt most like `word`, for somebody who found nothing."""
        close = get_close_matches(word.lower(), self._frequency, n=1)
        return close[0] if close else None

    def _meant(self, token: str) -> Iterable[str]:
        if token in self._frequency or len(token) < _SHORTEST_BEGINNING:
            return (token,)
        return sorted(word for word in self._frequency if word.startswith(token))

    def _score(self, word: str, counts: Mapping[str, Counter[str]]) -> float:
        weighted = 0.0
        for field, weight in _WEIGHTS.items():
            if found := counts[field][word]:
                length = 1 - _LENGTH + _LENGTH * counts[field].total() / self._usual[field]
                weighted += weight * found / length
        if not weighted:
            return 0.0
        holding = self._frequency[word]
        rarity = math.log(1 + (len(self._entries) - holding + 0.5) / (holding + 0.5))
        return rarity * weighted / (_SATURATION + weighted)


def tokens(text: str) -> Iterable[str]:
    """Return the words of a text in lower case and the singular; `GenServer` and `gen_server` are each three words."""
    for compound in _COMPOUND.findall(text):
        yield from _words(compound)


@lru_cache(maxsize=_VOCABULARY)
def _words(compound: str) -> tuple[str, ...]:
    """Return a compound and its parts, or the one word that it is."""
    parts = _PART.findall(compound)
    words = ["".join(parts), *parts] if len(parts) > 1 else parts
    return tuple(_singular(word.lower()) for word in words)


def _singular(word: str) -> str:
    """Return a word in the singular, after the S stemmer of Harman, "How Effective Is Suffixing?" (1991)."""
    if len(word) <= _TOO_SHORT_TO_SHORTEN:
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return f"{word[:-3]}y"
    if word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    if word.endswith("s") and not word.endswith(("us", "ss")):
        return word[:-1]
    return word


def _fields(entry: Entry) -> tuple[tuple[str, str], ...]:
    return (
        ("title", f"{entry.name} {entry.title}"),
        ("keywords", "\n".join(entry.keywords)),
        ("summary", entry.summary),
        ("text", _CODE.sub("", "\n".join(entry.sections.values()))),
    )


def _reasons(wanted: Sequence[str], counts: Mapping[str, Counter[str]]) -> Iterable[str]:
    """Say where each word stands, in the weightiest field that has it."""
    for word in wanted:
        field = next((field for field in _WEIGHTS if counts[field][word]), None)
        if field:
            yield f"{word} in the {field}"
