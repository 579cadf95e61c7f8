"""`whetstone improvements`: rewrites on their way from proposed to applied, and back; one file per thing to do."""

from __future__ import annotations

from whetstone_server.cli.deeds import Deeds

DEEDS = (
    ("list", "list improvements, the newest first"),
    ("show", "show every step of one: who, when, why, what was measured, and the diff"),
    ("approve", "let one be applied that only a person can judge"),
    ("reject", "have one never applied"),
    ("apply", "write approved ones into their files, all or none"),
    ("auto", "apply what is sure enough and gains enough"),
    ("recheck", "see whether applied ones still hold, with the tests, texts and interpreter there are now"),
    ("rollback", "take applied ones out of their files again, all or none"),
    ("verify", "check that nobody altered the history"),
)
"""Each is a module of this package."""
_ALL = Deeds(
    "improvements",
    "Rewrites on their way from proposed to applied, and back: what was tested, by whom it was decided, and why.",
    "  whetstone improvements list\n  whetstone improvements rollback 5d1ac6f10c54 --reason 'slower in production'",
    DEEDS,
)
parser, run = _ALL.parser, _ALL.run
