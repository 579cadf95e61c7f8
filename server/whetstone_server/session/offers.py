"""Edits that were handed to the editor for proven improvements, until it says that it made them."""

from __future__ import annotations

from typing import NamedTuple
from uuid import uuid4

MOST = 32
"""Some editors ask for the edits of every action to show a preview, and make one of them or none."""


class Rewritten(NamedTuple):
    """What one improvement makes of the text of a document, in UTF-8."""

    improvement: str
    before: bytes
    after: bytes


class Offer(NamedTuple):
    """The improvements behind one edit of a document, in the order in which they are made."""

    uri: str
    made: tuple[Rewritten, ...]


class Offers:
    """The latest offers, each under a name that the editor hands back."""

    def __init__(self) -> None:
        self._kept: dict[str, Offer] = {}
        self._expected: dict[str, Offer] = {}

    def keep(self, offer: Offer) -> str:
        """Keep an offer and return its name; the oldest is forgotten when there are too many."""
        name = uuid4().hex
        self._kept[name] = offer
        if len(self._kept) > MOST:
            del self._kept[next(iter(self._kept))]
        return name

    def take(self, name: str) -> Offer | None:
        """Return the offer of that name and forget it; `None` when it is not known any more."""
        return self._kept.pop(name, None)

    def expect(self, offer: Offer) -> None:
        """Remember an offer whose edit was made, as the editor says, before the editor tells of the edit."""
        self._expected[offer.uri] = offer

    def expected(self, uri: str) -> Offer | None:
        """Return the offer whose edit is to come next in a document, and forget it."""
        return self._expected.pop(uri, None)
