"""How much faster the first example of each rule for Elixir gets: old time over new time, in one virtual machine.

    python -m benchmarks.elixir_evidence [--rule WE201]

Each rule's `sample` is run on the example before and after, which must give equal results. Old and new take turns, each
turn in a process of its own, as what one leaves on its heap is not to slow the other; the medians are compared.
How often garbage is collected decides much, so that all is done in processes as they begin and in those that have
plenty of memory from the start; what counts is where the rewrite gains least.
Nothing is written: copy what it prints into the `evidence` of the rule.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from whetstone_knowledge.rules import elixir_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from whetstone_knowledge.rule import ElixirRule

ROUNDS = 61
TURN = 10_000_000
"""About how long a turn is, in nanoseconds: short samples are run again and again in it."""
SCRIPT = """
[path | counts] = System.argv()
[rounds, turn] = Enum.map(counts, &String.to_integer/1)

numbers = Enum.map(1..1_000, &rem(&1 * 7919, 1_009))
positions = Enum.map(numbers, &rem(&1, 1_000))
by_number = Map.new(numbers, &{&1, &1})
names = Enum.map(numbers, &"name#{&1}")
text = String.duplicate("a", 1_000)
game = %{score: 1, lives: 2, level: 3, a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7}

rows =
  for n <- numbers do
    %{id: n, shown: true, active: rem(n, 2) == 0, price: n, count: n, each: 20, title: "title", rights: [n, n]}
    |> Map.merge(%{read_at: nil, from: "from#{n}", address: "address#{n}"})
  end

File.write!(path, Enum.map(numbers, &"line #{&1} of a text with an error or without, it depends\\n"))
table = :ets.new(:table, [:public])
:ets.insert(table, Enum.map(numbers, &{&1, &1}))
:ets.new(:hits, [:named_table, :public])
_ = {positions, by_number, names, text, game, rows, table}

time = fn run, runs, words ->
  measure = fn ->
    began = :erlang.monotonic_time(:nanosecond)
    for _ <- 1..runs, do: run.()
    exit({:took, :erlang.monotonic_time(:nanosecond) - began})
  end

  {_pid, reference} = :erlang.spawn_opt(measure, [:monitor, min_heap_size: words])

  receive do
    {:DOWN, ^reference, _, _, {:took, took}} -> took
    {:DOWN, ^reference, _, _, reason} -> exit(reason)
  end
end

median = fn times -> times |> Enum.sort() |> Enum.at(div(length(times), 2)) end

for {code, old, new} <- CASES do
  {was, is} = {old.(), new.()}
  was == is or raise "#{code} changes what comes out: #{inspect(was)} became #{inspect(is)}"

  for words <- [233, 5_000_000] do
    runs = ceil(turn / max(time.(old, 10, words) / 10, 1))
    {olds, news} = Enum.unzip(for _ <- 1..rounds, do: {time.(old, runs, words), time.(new, runs, words)})
    IO.puts("#{code} #{median.(olds) / runs} #{median.(news) / runs} #{System.version()}")
  end
end
"""


class Measured(NamedTuple):
    """What one rule's example took on average, in nanoseconds, on a version of Elixir such as 1.14.

    Of the two kinds of processes it is the one in which the rewrite gains least.
    """

    code: str
    old: float
    new: float
    version: str

    @property
    def gain(self) -> float:
        """Old time over new time."""
        return self.old / self.new


def measured(rules: Sequence[ElixirRule], rounds: int = ROUNDS) -> Iterator[Measured]:
    """Yield the times of each rule's example; raises `CalledProcessError` when old and new disagree."""
    with tempfile.TemporaryDirectory() as folder:
        script, lines = Path(folder, "evidence.exs"), Path(folder, "lines.txt")
        modules = [_as_module(example, name) for rule in rules for example, name in _sides(rule)]
        cases = [f'{{"{rule.code}", {", ".join(_run(rule, name) for _, name in _sides(rule))}}}' for rule in rules]
        text = SCRIPT.replace("CASES", f"[{', '.join(cases)}]")
        script.write_text("\n".join([*modules, text]), encoding="utf-8")
        command = ["elixir", str(script), str(lines), str(rounds), str(TURN)]
        printed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    kinds: dict[str, list[Measured]] = {}
    for line in printed.splitlines():
        code, old, new, version = line.split()
        kinds.setdefault(code, []).append(Measured(code, float(old), float(new), version.rpartition(".")[0]))
    for each in kinds.values():
        yield min(each, key=lambda one: one.gain)


def _sides(rule: ElixirRule) -> Iterator[tuple[str, str]]:
    """Yield the example before and after, each with a name that no other module has."""
    before, after = rule.pairs[0]
    yield before, f"Old{rule.code}"
    yield after, f"New{rule.code}"


def _as_module(example: str, name: str) -> str:
    return re.sub(r"^defmodule \S+", f"defmodule {name}", example)


def _run(rule: ElixirRule, name: str) -> str:
    """Return a function that runs the sample on the module of this name."""
    _module, _, call = rule.sample.partition(".")
    return f"fn -> {name}.{call} end"


def main() -> None:
    """Measure each rule that has a sample, and print the line for its `evidence`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rule", action="append", metavar="CODE", help="only this rule; may be repeated")
    wanted = parser.parse_args().rule
    rules = {rule.code: rule for rule in elixir_rules() if rule.sample and (not wanted or rule.code in wanted)}
    for took in measured(list(rules.values())):
        name, evidence = rules[took.code].name, f'{{"{took.version}": {took.gain:.3g}}}'
        print(f"{took.code} {name:32} {took.old / 1e3:10.3f} µs {took.new / 1e3:10.3f} µs   {evidence}", flush=True)


if __name__ == "__main__":
    main()
