"""`whetstone metrics`: measurements; one file per thing to do with them."""

from __future__ import annotations

from whetstone_server.cli.deeds import Deeds

DEEDS = (
    ("record", "keep a measurement"),
    ("list", "list what is measured here"),
    ("trend", "say where a metric is going, and how surely"),
    ("insights", "say which metrics changed, or miss their target, and what to do about it"),
)
"""Each is a module of this package."""
_ALL = Deeds(
    "metrics",
    "Measurements of this project, of its tests and of its benchmarks.",
    "  whetstone metrics record test_duration 12.5 --unit s --meta suite=integration\n"
    "  whetstone metrics trend test_duration --since 7d",
    DEEDS,
)
parser, run = _ALL.parser, _ALL.run
