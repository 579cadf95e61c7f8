"""`whetstone knowledge`: the knowledge base; one file per thing to do with it."""

from __future__ import annotations

from whetstone_server.cli.deeds import Deeds

DEEDS = (
    ("list", "list the entries"),
    ("show", "show an entry: what it is, when to use it, what it costs, what a crash takes with it"),
    ("search", "find entries by words, the best first"),
    ("recommend", "say which entries answer a need, why, and which do not"),
)
"""Each is a module of this package."""
_ALL = Deeds(
    "knowledge",
    "How to build what lasts: behaviours, patterns, practices and anti-patterns, mostly of Elixir and OTP.",
    "  whetstone knowledge search one process per user\n"
    "  whetstone knowledge recommend --use-case workers --scale medium",
    DEEDS,
    of_a_project=False,
)
parser, run = _ALL.parser, _ALL.run
