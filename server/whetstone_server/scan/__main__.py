"""`python -m whetstone_server.scan`: the process in which a scan goes on while the server answers.

What is wanted comes in as one line of JSON: the paths and the folder of the cache. Out goes a line for each file with
findings, and in between how many files are done out of how many.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from whetstone_server.choice import Choice
from whetstone_server.scan.reading import scan
from whetstone_server.scan.rows import rows_of

EVERY_RULE = Choice(on_request=True)
_OFTEN = 100
"""Files after which it is said how many are done."""
_NICER = 5
"""How much more readily this process lets others go first."""


def main() -> None:
    """Scan what is wanted and say what was found."""
    if hasattr(os, "nice"):  # not on Windows
        os.nice(_NICER)
    wanted = json.loads(sys.stdin.readline())
    count = _Count()
    paths, cache = [Path(path) for path in wanted["paths"]], Path(wanted["cache"])
    for done, found in enumerate(scan(paths, choice=EVERY_RULE, jobs=1, cache=cache, on_walked=count.is_known), 1):
        if found.findings:
            count.say([str(found.path), found.error, rows_of(found)])
        if done % _OFTEN == 0:
            count.reached(done)
    count.reached(count.total)


@dataclass(slots=True)
class _Count:
    """What is said while it goes on."""

    total: int = 0

    def is_known(self, total: int) -> None:
        self.total = total
        self.reached(0)

    def reached(self, done: int) -> None:
        self.say({"done": done, "total": self.total})

    @staticmethod
    def say(thing: object) -> None:
        sys.stdout.write(json.dumps(thing, separators=(",", ":")) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        main()
