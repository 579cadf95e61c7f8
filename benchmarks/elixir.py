"""How long every rule for Elixir takes over a large body of Elixir, beside Elixir's own parser on the same files.

    python -m benchmarks.elixir FOLDER… [--hits] [--write]

`apt-get source elixir-lang` brings Elixir's own sources. Each file is read as `whetstone check` reads it; the parser is
`Code.string_to_quoted!/1` in a virtual machine that runs already. `--hits` prints what was found where, to be looked at
by hand. `--write` puts the table under the heading "Elixir" of benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import logging
import platform
import statistics
import subprocess
import time
from collections import Counter
from pathlib import Path

from benchmarks import readme
from whetstone_knowledge.elixir.find import find
from whetstone_knowledge.rules import elixir_rules

ROUNDS = 3
PARSER = """
for path <- IO.stream(:stdio, :line), path = String.trim(path) do
  source = File.read!(path)
  best =
    for _ <- 1..3 do
      {time, _} = :timer.tc(fn -> Code.string_to_quoted(source) end)
      time
    end
    |> Enum.min()
  IO.puts(best)
end
"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    options.add_argument("--hits", action="store_true", help="print every finding")
    options.add_argument("--write", action="store_true", help="put the table into benchmarks/README.md")
    wanted = options.parse_args()
    faults = Faults()
    logging.getLogger("whetstone_knowledge").addHandler(faults)
    paths = [path for folder in wanted.folders for suffix in ("*.ex", "*.exs") for path in sorted(folder.rglob(suffix))]
    find(b"defmodule A do\nend\n")  # so that no file pays for what is loaded once
    ours, hits, lines = [], Counter[str](), 0
    for path in paths:
        source = path.read_bytes()
        lines += source.count(b"\n")
        best = float("inf")
        for _ in range(ROUNDS):
            began = time.perf_counter()
            found = find(source, None, str(path))
            best = min(best, time.perf_counter() - began)
        ours.append(best)
        hits.update(finding.code for finding in found)
        if wanted.hits:
            for finding in found:
                print(f"{path}:{source[: finding.span.start].count(10) + 1}: {finding.code} {finding.message}")
    looked = f"{len(paths):,} files of {lines:,} lines; {faults.count} rules broke anywhere"
    table = report(looked, ours, parsed(paths), hits)
    print(table)
    if wanted.write:
        readme.write("Elixir", "python -m benchmarks.elixir FOLDER", table)


class Faults(logging.Handler):
    """Counts the rules that broke: each is logged and passed over."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002 -- that there is one is enough
        self.count += 1


def parsed(paths: list[Path]) -> list[float]:
    """Return how many seconds Elixir's own parser takes for each file."""
    lines = "".join(f"{path}\n" for path in paths)
    done = subprocess.run(["elixir", "-e", PARSER], input=lines, capture_output=True, text=True, check=True)
    return [int(line) / 1e6 for line in done.stdout.splitlines()]


def report(looked: str, ours: list[float], parser: list[float], hits: Counter[str]) -> str:
    found = ", ".join(f"{rule.code} {hits[rule.code]}" for rule in elixir_rules() if hits[rule.code])
    ratio = statistics.median(one / other for one, other in zip(ours, parser, strict=True) if other)
    return f"""\
Python {platform.python_version()}, {looked}. The quickest of {ROUNDS} looks at each file.

| milliseconds for a file | p50 | p95 | most |
|---|---|---|---|
| all rules for Elixir, parsing included | {" | ".join(quantiles(ours))} |
| Elixir's own parser | {" | ".join(quantiles(parser))} |

At the median file all rules take {ratio:.2f} times what Elixir takes to parse it.
Bar: p95 at most 10 ms.
Found: {found or "nothing"}."""


def quantiles(times: list[float]) -> list[str]:
    ordered = sorted(times)
    return [f"{ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e3:.2f}" for share in (0.5, 0.95, 1)]


if __name__ == "__main__":
    main()
