"""What a rewrite for Elixir means: a rule's examples, before and after, do the same in a real Elixir."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from whetstone_knowledge.rules import elixir_rules

LISTS = "for(n <- 0..40, do: for(_ <- 1..n//1, do: Enum.random([1, 2, 3, 1.0, nil, false, :a, [1]])))"
NUMBERS = "for(n <- 0..40, do: for(_ <- 1..n//1, do: :rand.uniform(9)))"
MAPS = "for(n <- 0..9, do: Map.new(1..n//1, fn _ -> {Enum.random([1, 2, 1.0, 2.0, nil, :a]), 1} end))"
KEYS = "[1, 2, 1.0, 2.0, nil, :a, :b]"
TEXTS = '["", " ", "a", "é", "👩‍👧", "two words", <<255>>, "\\n"]'
USERS = f"""
    for l <- {NUMBERS} do
      for n <- l, do: %{{active: rem(n, 2) == 0, role: Enum.at([:lead, :dev], rem(n, 2)), name: n, rights: [n, 1]}}
    end
"""
ROWS = f"for(l <- {NUMBERS}, do: for(n <- l, do: %{{cells: [%{{shown: n > 4}}]}}))"
MAILS = f"""
    for l <- {NUMBERS} do
      for n <- l, do: %{{read_at: Enum.at([nil, 1], rem(n, 2)), hidden: n > 4, flags: if(n > 8, do: [:spam], else: [])}}
    end
"""
SHOWN = f"for(l <- {NUMBERS}, do: for(n <- l, do: %{{id: n, key: [n], shown: n > 4}}))"
NAMES = f"for(l <- {NUMBERS}, do: for(n <- l, do: to_string(n)))"
INPUTS = {
    "append-in-reduce": {"ids/1": f"for l <- {SHOWN}, do: [l]"},
    "append-in-recursion": {"ids/1": f"for l <- {SHOWN}, do: [l]"},
    "prepend-binary-in-reduce": {
        "newest_first/1": f"for l <- {NAMES}, do: [l]",
        "path/1": f"for l <- {NAMES}, do: [l]",
    },
    "element-at-in-loop": {
        "drawn/2": "for n <- 1..20, do: [Enum.to_list(1..n), Enum.shuffle(0..(n - 1))]",
        "dealt/2": "for n <- 1..20, do: [Enum.to_list(1..n), [Enum.shuffle(0..(n - 1)), [0]]]",
    },
    "list-membership-in-loop": {
        "strangers/2": f'for l <- {NAMES}, do: [for(n <- l, do: %{{from: n}}), [%{{address: "1", addresses: ["2"]}}]]',
        "befriended/2": f'for l <- {NAMES}, do: [for(n <- l, do: %{{from: n}}), %{{"1" => 1, "2" => 2}}]',
    },
    "literal-regex-compiled-in-loop": {
        "numbered/1": 'for t <- ["a1", "a", "1", "aa11", "A1", "a1\\n"], do: [[t]]',
        "paths/1": 'for t <- ["a/b", "a", "a\\nb/c", "n"], do: [[t]]',
    },
    "whole-sort-for-one-end": {
        "cheapest/1": f"for l <- {NUMBERS}, l != [], do: [for(n <- l, do: %{{price: n}})]",
        "dearest/1": f"for l <- {NUMBERS}, do: [for(n <- l, do: %{{price: n}})]",
        "latest/1": f"for l <- {NUMBERS}, do: [for(n <- l, do: Date.new!(2024, n, 10 - n))]",
        "oldest/1": f"for l <- {NUMBERS}, do: [for(n <- l, do: %{{on: Date.new!(2024, n, 10 - n)}})]",
    },
    "whole-table-copied": {
        "count/1": """
            for n <- 0..3 do
              table = :ets.new(:table, [])
              :ets.insert(table, for(i <- 1..n//1, do: {i}))
              [table]
            end
        """,
    },
    "eager-chain-for-a-few": {
        "dearest/1": f"for l <- {NUMBERS}, do: [for(n <- l, do: %{{count: n, each: 20}})]",
        "first/1": f"for l <- {NUMBERS}, do: [for(n <- l, do: %{{items: List.duplicate(n, rem(n, 2))}})]",
        "late?/1": f"for l <- {NUMBERS}, do: [for(n <- l, do: %{{due: n - 2}})]",
    },
    "chained-map-put": {
        "reset/1": "[[%{score: 1, lives: 2, level: 3, x: 1}], [%{score: 1, lives: 2, level: 3}]]",
        "restart/1": """
            for n <- 1..3, player = %{"started_at" => n, "finished_at" => 2, "duration" => 3} do
              [%{duration: n, now: ~U[2024-01-01 00:00:00Z], player: player}]
            end
        """,
    },
    "map-built-in-reduce": {
        "by_id/1": f"for l <- {SHOWN}, do: [l]",
        "by_name/1": f'for l <- {NAMES}, do: [for(n <- l, do: {{n, if(n > "4", do: n)}})]',
    },
    "length-compared-with-zero": {
        "take/1": f"for l <- {LISTS}, do: [l]",
        "busy?/1": f"for l <- {LISTS}, do: [%{{jobs: l}}]",
        "idle?/1": f"for l <- {LISTS}, do: [%{{jobs: l}}]",
    },
    "count-compared-with-zero": {
        "unread?/1": f"for l <- ({MAILS}), do: [l]",
        "status/1": f"for l <- {LISTS} ++ {MAPS} ++ [1..3, 3..1//1], do: [l]",
        "any_of?/1": f"for l <- {LISTS}, do: [[%{{mails: l}}, %{{mails: []}}]]",
        "clean?/1": f"for l <- ({MAILS}), do: [l]",
        "empty?/1": f"for l <- ({MAILS}), do: [l]",
    },
    "map-then-join": {
        "header/1": f"for n <- 0..8, do: [for(t <- Enum.take({TEXTS}, n), do: %{{title: t}})]",
        "names/1": f"for l <- ({USERS}), do: [l]",
        "lines/1": f"for l <- {ROWS}, do: [l]",
    },
    "filter-then-count": {
        "active/1": f"for l <- ({USERS}), do: [l]",
        "lead/1": f"for l <- ({USERS}), do: [l]",
        "share/1": f"for l <- ({USERS}), do: [l]",
    },
    "map-then-flatten": {"rights/1": f"for l <- ({USERS}), do: [l]"},
    "map-keys-searched": {
        "known?/2": f"for m <- {MAPS}, k <- {KEYS}, do: [m, k]",
        "unknown/2": f"for m <- {MAPS}, do: [m, {KEYS}]",
        "known/2": f"for m <- {MAPS}, do: [m, {KEYS}]",
    },
    "string-length-for-empty": {
        "check/1": f"for t <- {TEXTS}, do: [t]",
        "filled/1": f"for t <- {TEXTS}, do: [[%{{value: t}}]]",
        "blank?/1": f"for t <- {TEXTS}, do: [t]",
    },
    "reverse-then-append": {
        "merged/2": f"for a <- {LISTS}, b <- {NUMBERS}, do: [a, b]",
        "merged/3": f"for a <- {LISTS}, b <- {NUMBERS}, do: [a, b, a]",
    },
    "non-assertive-truthiness": {
        "named?/1": f"for t <- [nil, 1 | {TEXTS}], do: [t]",
        "shown?/2": """
            for name <- [nil, "root", "a"], hidden <- [true, false, nil], users <- [[], [1]] do
              user = %{name: name, hidden: hidden}
              [user, Enum.map(users, fn _ -> user end)]
            end
        """,
        "greeting/2": 'for name <- ["x", "a"], born <- [1, 2], do: [%{name: name, born: born}, 2]',
        "reachable?/1": "[[[]], [[%{mail: nil}]], [[%{mail: 1}]], [[nil]]]",
    },
}
"""By rule and function: an expression that gives the argument lists to call it with."""
TRIED = [rule for rule in elixir_rules() if rule.name in INPUTS]
RUNNER = """
Code.compiler_options(ignore_module_conflict: true)
:rand.seed(:exsss, {1, 2, 3})

run = fn source, calls ->
  [{module, _}] = Code.compile_string(source)

  for {name, arity, inputs} <- calls, function_exported?(module, name, arity), input <- inputs do
    result =
      try do
        {:value, apply(module, name, input)}
      rescue
        error -> {:raised, error.__struct__}
      end

    {name, input, result}
  end
end

for {before, after_, calls} <- PAIRS do
  olds = run.(before, calls)
  news = run.(after_, calls)
  differing = for {old, new} <- Enum.zip(olds, news), old !== new, do: {old, new}
  values = Enum.count(olds, &match?({_, _, {:value, _}}, &1))
  sorts = olds |> Enum.map(&elem(&1, 2)) |> Enum.uniq() |> length()
  IO.puts("#{values > 1 and sorts > 1} #{inspect(Enum.take(differing, 1))}")
end
"""


def test_every_mechanical_rewrite_that_was_measured_is_tried() -> None:
    mechanical = {rule.name for rule in elixir_rules() if rule.evidence and rule.fix == "mechanical"}
    assert mechanical <= set(INPUTS) <= {rule.name for rule in TRIED}


@pytest.mark.skipif(shutil.which("elixir") is None, reason="Elixir is not installed")
def test_a_rewrite_means_the_same(tmp_path) -> None:
    """For every input the same value, or the same error; and the inputs bring out more than one answer."""
    examples = [(rule, before, after) for rule in TRIED for before, after in rule.pairs]
    pairs = ",\n".join(
        f"{{{_quoted(before)}, {_quoted(after)}, [{_calls(INPUTS[rule.name])}]}}" for rule, before, after in examples
    )
    script = tmp_path / "rewrites.exs"
    script.write_text(RUNNER.replace("PAIRS", f"[{pairs}]"), encoding="utf-8")
    done = subprocess.run(["elixir", str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answers = zip(examples, done.stdout.splitlines(), strict=True)
    assert [(rule.name, before, answer) for (rule, before, _), answer in answers if answer != "true []"] == []


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("#{", "\\#{")


def _calls(functions: dict[str, str]) -> str:
    named = (name.split("/") for name in functions)
    return ", ".join(
        f"{{:{name}, {arity}, ({inputs})}}" for (name, arity), inputs in zip(named, functions.values(), strict=True)
    )
