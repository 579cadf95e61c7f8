"""Holds the verdicts to the corpus of known pairs: `python -m benchmarks.proofs [--same 200] [--budget 10] [NAME…]`.

Prints a line per pair, then how many wrong ones were called faster (none may be), how many right ones were proven
within ten seconds each (nine of ten must be), and how often the same code, compared with itself, was told apart.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.proofs.corpus import Pair, all_pairs, project
from whetstone_server.improvements.prove import Prover

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_server.sandbox.verdict import Verdict

ACCEPTED = {
    "faster": {"faster"},
    "wrong": {"broken", "no-difference", "slower", "not-exercised", "not-tried"},
    "equal": {"no-difference", "slower"},
}
PROVEN_WITHIN_SECONDS = 10.0


@dataclass(frozen=True)
class Run:
    """One comparison and how long its caller waited."""

    pair: Pair
    verdict: Verdict
    seconds: float

    @property
    def as_expected(self) -> bool:
        """Whether the answer is one that the pair's kind allows."""
        return self.verdict.answer in ACCEPTED[self.pair.kind]

    def __str__(self) -> str:
        ratio = "" if self.verdict.speedup is None else str(self.verdict.speedup)
        mark = " " if self.as_expected else "!"
        return f"{mark} {self.pair.module:44} {self.verdict.answer:14} {ratio:24} {self.seconds:6.1f} s"


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for; 1 when a promise was broken, 2 when nothing was asked for."""
    asked = _parser().parse_args(arguments)
    pairs = [pair for pair in all_pairs() if not asked.names or any(name in pair.module for name in asked.names)]
    if not pairs:
        print("no pair has such a name")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        root = project(Path(folder), pairs)
        with Prover(root, budget=asked.budget) as prover:
            print(f"Python {prover.python_version}, {prover.engine}, budget {asked.budget} s")
            prover.record([(root / f"{pair.module}.py", pair.old, pair.function) for pair in pairs])
            kept = _known_pairs(prover, root, pairs) if asked.pairs else True
            return 0 if _same_code(prover, root, pairs, asked.same) and kept else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only pairs whose name holds one of these")
    parser.add_argument("--budget", type=float, default=10.0, help="seconds a proof may take")
    parser.add_argument("--same", type=int, default=200, help="how often code is compared with itself")
    parser.add_argument("--no-pairs", dest="pairs", action="store_false", help="only compare code with itself")
    return parser


def _known_pairs(prover: Prover, root: Path, pairs: Sequence[Pair]) -> bool:
    runs = []
    for pair in pairs:
        runs.append(_run(prover, root, pair, pair.new))
        print(runs[-1], flush=True)
        if not runs[-1].as_expected:
            print(f"      {runs[-1].verdict.reason}")
    right = [run for run in runs if run.pair.kind == "faster"]
    proven = sum(run.as_expected and run.seconds <= PROVEN_WITHIN_SECONDS for run in right)
    misjudged = {kind: _share([run for run in runs if run.pair.kind == kind]) for kind in ("wrong", "equal")}
    print(f"right and faster, proven within {PROVEN_WITHIN_SECONDS:.0f} s: {proven} of {len(right)}")
    print(f"wrong, called faster: {misjudged['wrong']}; answers: {_answers(runs, 'wrong')}")
    print(f"no faster, called otherwise than no-difference or slower: {misjudged['equal']}; {_answers(runs, 'equal')}")
    return proven >= 0.9 * len(right) and all(run.as_expected for run in runs if run.pair.kind != "faster")


def _share(runs: Sequence[Run]) -> str:
    return f"{sum(not run.as_expected for run in runs)} of {len(runs)}"


def _answers(runs: Sequence[Run], kind: str) -> str:
    counts = Counter(run.verdict.answer for run in runs if run.pair.kind == kind)
    return ", ".join(f"{count} {answer}" for answer, count in counts.most_common())


def _same_code(prover: Prover, root: Path, pairs: Sequence[Pair], times: int) -> bool:
    """Compare old versions with themselves, going through the pairs in a shuffled order; at most 2 % may differ."""
    order = random.Random(2).sample(pairs, len(pairs))
    counts: Counter[str] = Counter()
    for turn in range(times):
        pair = order[turn % len(order)]
        run = _run(prover, root, pair, pair.old + b"\n# the same again\n")
        counts[run.verdict.answer] += 1
        if run.verdict.answer not in {"no-difference", "not-exercised", "not-tried"}:
            print(f"! same code   {pair.module:44} {run.verdict.answer:14} {run.verdict.speedup or run.verdict.reason}")
    if times:
        print(f"same code, {times} runs: " + ", ".join(f"{count} {answer}" for answer, count in counts.most_common()))
    return counts["faster"] + counts["slower"] + counts["broken"] <= 0.02 * times


def _run(prover: Prover, root: Path, pair: Pair, new: bytes) -> Run:
    started = time.perf_counter()
    proof = prover.compare(root / f"{pair.module}.py", pair.old, new, pair.function)
    return Run(pair, proof.verdict, time.perf_counter() - started)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
