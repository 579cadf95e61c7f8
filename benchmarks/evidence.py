"""Old time over new time of every rule's first example, on every interpreter given; above 1 the rewrite is faster.

    python benchmarks/evidence.py --python python3.11 --python python3.12 --python python3.13 [--rule WP101]

Both versions run interleaved (A B B A) in several fresh processes, on thread CPU time.
The figure is the median over the processes of each one's median ratio, with the smallest and the greatest beside it.
Nothing is written: copy what it prints into the `evidence` of the rule.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import textwrap
from statistics import median
from typing import TYPE_CHECKING

from whetstone_knowledge.rules import PYTHON_RULES

if TYPE_CHECKING:
    from whetstone_knowledge.rule import PythonRule

TIMER = """
import copy, json, statistics, sys, time

task = json.load(sys.stdin)

def load(source):
    names = {}
    exec(source, names)
    return names[task["function"]]

old, new = load(task["before"]), load(task["after"])
sample = {}
exec(task["sample"], sample)
args = sample["args"]

def seconds(function, calls):
    # The arguments are copied outside of the measured time, so that a call may use them up.
    copies = [copy.deepcopy(args) for _ in range(calls)]
    # A cache that a rewrite adds starts empty for each call, or the second would measure nothing but the cache.
    forget = getattr(function, "cache_clear", int)
    start = time.thread_time_ns()
    for each in copies:
        forget()
        consume(function(*each))
    return (time.thread_time_ns() - start) / 1e9

def consume(result):
    if hasattr(result, "__next__"):
        for _ in result:
            pass

def answer(function):
    result = function(*copy.deepcopy(args))
    return repr(list(result) if hasattr(result, "__next__") else result)

assert answer(old) == answer(new), "the two versions disagree"
calls = 1
while seconds(old, calls) < 0.004 and calls < 10000:
    calls *= 2
ratios = []
end = time.monotonic() + task["seconds"]
while time.monotonic() < end or len(ratios) < 3:
    a, b, c, d = seconds(old, calls), seconds(new, calls), seconds(new, calls), seconds(old, calls)
    ratios.append((a + d) / (b + c))
json.dump({"ratio": statistics.median(ratios), "version": "%d.%d" % sys.version_info[:2]}, sys.stdout)
"""


def measured(rule: PythonRule, python: str, processes: int, seconds: float) -> tuple[str, list[float]]:
    """Return the version of an interpreter, and the ratio that each of some fresh processes of it measured."""
    before, after = rule.pairs[0]
    task = json.dumps(
        {
            "before": before,
            "after": after,
            "function": _function(before),
            "sample": textwrap.dedent(rule.sample),
            "seconds": seconds,
        }
    )
    answers = [
        json.loads(subprocess.run([python, "-c", TIMER], input=task, capture_output=True, text=True, check=True).stdout)
        for _ in range(processes)
    ]
    return answers[0]["version"], sorted(answer["ratio"] for answer in answers)


def _function(source: str) -> str:
    """Return the name of the last function at the top level of an example."""
    heads = [line for line in source.splitlines() if line.startswith(("def ", "async def "))]
    return heads[-1].partition("def ")[2].partition("(")[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", action="append", required=True, metavar="EXE")
    parser.add_argument("--rule", action="append", metavar="CODE", help="only this rule; may be repeated")
    parser.add_argument("--processes", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.4, help="per process")
    options = parser.parse_args()
    for rule in PYTHON_RULES:
        if options.rule and rule.code not in options.rule:
            continue
        found = [measured(rule, python, options.processes, options.seconds) for python in options.python]
        cells = (f"{version} {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})" for version, ratios in found)
        evidence = ", ".join(f'"{version}": {median(ratios):.2f}' for version, ratios in found)
        print(f"{rule.code} {rule.name:28} {'  '.join(cells)}   {{{evidence}}}", flush=True)


if __name__ == "__main__":
    main()
