"""How often the templates' tests fail by chance: `python -m tests.codegen.elixir.repeats [TEMPLATE…] [--times N]`.

The tests that each template writes with its defaults, and with those answers that make it write most, are run again
and again while every core has something else to do beside it. `--write` puts their rows into `codegen/README.md`.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.codegen.elixir.beam import outcomes
from tests.codegen.elixir.variants import ELIXIR, Variant, chosen, variants

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.codegen.elixir.beam import Outcome
    from whetstone_codegen.template import Template

TIMES = 100
HEAD = "| template | tests | runs | failures |\n|---|---:|---:|---:|\n"
_BEGIN, _END = "<!-- repeats: begin -->", "<!-- repeats: end -->"
README = Path(__file__).parents[3] / "codegen" / "README.md"


def repeated(templates: Sequence[Template], folder: Path, times: int) -> list[tuple[Variant, Outcome]]:
    """Return what became of each template's test in so many runs, with every core busy."""
    every = [variant for template in templates for variant in _two(template)]
    with busy():
        found = outcomes([variant.job() for variant in every], folder, times=times)
    return [(variant, found[variant.id]) for variant in every]


def _two(template: Template) -> list[Variant]:
    """Return the variant with the defaults and the one with the longest test, which may be the same."""
    every = variants(template)
    longest = max(every, key=lambda variant: len(variant.job().test))
    return every[:1] if longest is every[0] else [every[0], longest]


@contextlib.contextmanager
def busy() -> Iterator[None]:
    """Keep as many processes computing as there are cores."""
    context = multiprocessing.get_context("spawn")
    loops = [context.Process(target=_loop, daemon=True) for _ in range(os.cpu_count() or 1)]
    for loop in loops:
        loop.start()
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.join()


def _loop() -> None:
    while True:
        pass


def failures(outcome: Outcome) -> int:
    """Return how often a test failed."""
    return sum(map(len, outcome.failed.values()))


def table(found: Sequence[tuple[Variant, Outcome]], times: int) -> str:
    """Return a table in Markdown: what was run how often, and what failed."""
    failed, run = Counter(), Counter()
    for variant, outcome in found:
        failed[variant.template.name] += failures(outcome)
        run[variant.template.name] += len(outcome.passed) + failures(outcome)
    rows = {name: f"| {name} | {count // times} | {times} | {failed[name]} |\n" for name, count in run.items()}
    return HEAD + "".join(rows.values())


def written(readme: str, fresh: str) -> str:
    """Return the README with fresh rows in its table; those of other templates stay."""
    before, _, rest = readme.partition(_BEGIN)
    kept, _, after = rest.partition(_END)
    rows = {row.split("|")[1].strip(): row for row in (*_rows(kept), *_rows(fresh))}
    ordered = "".join(f"{rows[template.name]}\n" for template in ELIXIR if template.name in rows)
    return f"{before}{_BEGIN}\n\n{HEAD}{ordered}\n{_END}{after}"


def _rows(table: str) -> list[str]:
    return [line for line in table.splitlines() if line.startswith("| ") and line not in HEAD]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, and why what failed did; returns 1 when anything failed."""
    options = argparse.ArgumentParser(prog="python -m tests.codegen.elixir.repeats", description=__doc__)
    options.add_argument("templates", nargs="*", metavar="TEMPLATE")
    options.add_argument("--times", type=int, default=TIMES)
    options.add_argument("--write", action="store_true", help="also put the table into codegen/README.md")
    asked = options.parse_args(arguments)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = repeated(chosen(asked.templates), Path(folder), asked.times)
    print(f"{table(found, asked.times)}{time.monotonic() - began:.0f} s")
    wrong = {str(variant): outcome.troubles() for variant, outcome in found if outcome.troubles()}
    for variant, troubles in wrong.items():
        print(f"\n{variant}\n" + "\n".join(troubles))
    if asked.write:
        README.write_text(written(README.read_text(encoding="utf-8"), table(found, asked.times)), encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
