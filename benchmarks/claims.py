"""What linters say is faster, put to `compare`: `python -m benchmarks.claims [--budget 10] [NAME…]`.

Each claim in `benchmarks/claims/` is a pair of functions with a test that fixes the input, since many a claim holds for
some inputs only. Beside the verdict stands the ratio published for Python 3.11 (old time over new, above 1 the rewrite
is faster), and one measured here without any of our timing code, with how long one old call takes; the last column says
whether verdict and plain measurement agree.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from tests.proofs.corpus import Pair, project
from whetstone_server.improvements.prove import Prover
from whetstone_server.sandbox.trial import SHORT_CALL_NS, SHORT_CALL_THRESHOLD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_server.sandbox.verdict import Answer

FOLDER = Path(__file__).parent
PROCESSES = 5
CLEARLY = 1.1
"""Within this factor either way a claim is a tie, of which a verdict may keep or miss the last percents."""

PUBLISHED = {
    "c409_tuple_of_generator": "0.54",
    "c419_full_scan": "0.56",
    "c419_short_circuit": "23-150",
    "c419_sum": "0.8-1.06",
    "furb140_starmap": "1.28",
    "furb171_single_item": "0.9-1.4",
    "join_generator": "0.83-0.85",
    "perf203_try_in_loop": "1.06",
    "perf401_extend_generator": "0.87",
    "perf401_nested_extend": "0.5",
    "perf401_thousand_items": "1.1",
    "perf401_three_items": "0.77",
    "perf403_dict": "1.0",
    "perf403_nested_update": "0.55",
    "plc0206_items": "2.2",
    "plc0208_set_iterated": "1.0-1.3",
    "plr1714_constants": "1.5",
    "plr1714_variables": "0.15-0.22",
    "plr6201_hit_first": "0.8-0.95",
    "plr6201_miss": "6-9",
    "plr6201_variables": "0.46-0.68",
    "plw3301_nested_min": "0.81",
    "range_len_to_enumerate": "0.88",
    "ruf005_short_lists": "0.66",
    "sim105_suppress": "0.03",
    "up027_unpacked_generator": "0.73",
    "up038_isinstance_union": "0.77",
    "w8201_invariant_sum": "-",
    "w8202_global_in_loop": "1.0",
    "w8204_memoryview": "-",
    "w8205_dotted_name": "1.07",
}

TIMER = """
import itertools, json, statistics, sys, time, types
task = json.load(sys.stdin)
def loaded(text):
    names = {}
    exec(text, names)
    return names[task["function"]]
old, new = loaded(task["old"]), loaded(task["new"])
sys.modules[task["module"]] = types.SimpleNamespace(**{task["function"]: old})
names = {}
exec(task["tests"], names)
arguments = names["ARGUMENTS"]
def seconds(function, times):
    start = time.thread_time()
    for _ in itertools.repeat(None, times):
        function(*arguments)
    return time.thread_time() - start
times = 10
while min(seconds(old, times), seconds(new, times)) < 0.002:
    times *= 2
ratios = []
for _ in range(15):
    first, second, third, fourth = [seconds(function, times) for function in (old, new, new, old)]
    ratios.append((first + fourth) / (second + third))
print(json.dumps([statistics.median(ratios), seconds(old, times) / times * 1e9]))
"""


@dataclass(frozen=True)
class Row:
    """One claim: what was published, what the proof says, what a plain measurement says."""

    name: str
    answer: Answer
    speedup: str
    direct: float
    call_ns: float
    reason: str

    @property
    def agrees(self) -> bool:
        """Whether the verdict is the one that the plain measurement suggests; a short call is asked for more."""
        tie = max(CLEARLY, SHORT_CALL_THRESHOLD) if self.call_ns < SHORT_CALL_NS else CLEARLY
        if self.direct > tie:
            return self.answer == "faster"
        if self.direct < 1 / tie:
            return self.answer == "slower"
        return self.answer in ("no-difference", "faster" if self.direct > 1 else "slower")

    def __str__(self) -> str:
        agree = "yes" if self.agrees else f"no: {self.reason}"
        published = PUBLISHED[self.name]
        proof = f"{self.name:26} {published:>10} {self.answer:14} {self.speedup:22}"
        return f"{proof} {self.direct:7.2f} {self.call_ns:9,.0f}  {agree}"


def main(arguments: Sequence[str]) -> int:
    """Print the table; 1 when a verdict and the plain measurement disagree."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only claims whose name holds one of these")
    parser.add_argument("--budget", type=float, default=10.0, help="seconds a proof may take")
    asked = parser.parse_args(arguments)
    claims = [
        Pair("claims", name, FOLDER)
        for name in PUBLISHED
        if not asked.names or any(part in name for part in asked.names)
    ]
    with tempfile.TemporaryDirectory() as folder:
        root = project(Path(folder), claims)
        with Prover(root, budget=asked.budget) as prover:
            print(f"Python {prover.python_version}, {prover.engine}, budget {asked.budget} s")
            prover.record([(root / f"{claim.module}.py", claim.old, claim.function) for claim in claims])
            print(f"{'claim':26} {'published':>10} {'verdict':14} {'proven':22} {'direct':>7} {'ns a call':>9}  agree")
            agreed = [_row(prover, root, claim) for claim in claims]
    print(f"{sum(agreed)} of {len(agreed)} agree")
    return 0 if all(agreed) else 1


def _row(prover: Prover, root: Path, claim: Pair) -> bool:
    """Return whether both agree. Effect: prints the claim's line."""
    verdict = prover.compare(root / f"{claim.module}.py", claim.old, claim.new, claim.function).verdict
    proven = "" if verdict.speedup is None else str(verdict.speedup)
    row = Row(claim.name, verdict.answer, proven, *_measured(claim), verdict.reason)
    print(row, flush=True)
    return row.agrees


def _measured(claim: Pair) -> tuple[float, float]:
    """Return old over new and nanoseconds of an old call: the medians of fresh processes with interleaved rounds."""
    task = {
        "function": claim.function,
        "module": claim.module,
        "old": claim.old.decode(),
        "new": claim.new.decode(),
        "tests": claim.tests,
    }
    command = [sys.executable, "-c", TIMER]
    runs = [
        subprocess.run(command, input=json.dumps(task), capture_output=True, text=True, check=True)
        for _ in range(PROCESSES)
    ]
    ratios, calls = zip(*(json.loads(run.stdout) for run in runs), strict=True)
    return median(ratios), median(calls)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
