"""What the body of a function says of its parameters: among the first guesses is one that suits."""

from __future__ import annotations

SUITS = {
    "def f(words):\n  out = ''\n  for word in words: out += word.upper()\n  return out": (
        "all(type(w) is str for w in words)"
    ),
    "def f(rows, key):\n  return [r['name'] for r in rows if r['id'] == key]": (
        "type(rows) is list and all(set(r) == {'name', 'id'} for r in rows)"
    ),
    "def f(users):\n  return [u.name for u in users if u.active]": (
        "all(hasattr(u, 'name') and hasattr(u, 'active') for u in users)"
    ),
    "def f(counts):\n  return [k for k, v in counts.items() if v > 1]": (
        "type(counts) is dict and all(type(v) in (int, float) for v in counts.values())"
    ),
    "def f(pairs):\n  return {a: b for a, b in pairs}": "all(type(p) is tuple and len(p) == 2 for p in pairs)",
    "def f(n):\n  return [i for i in range(n)]": "type(n) is int",
    "def f(seen, item):\n  seen.add(item)": "type(seen) is set",
    "def f(items):\n  items.append(1)\n  items.sort()": "type(items) is list",
    "def f(text):\n  return text.split(',')": "type(text) is str",
    "def f(grid):\n  return sum(cell - 1 for row in grid for cell in row)": (
        "type(grid) is list and all(type(c) in (int, float) for row in grid for c in row)"
    ),
    "def f(a, b):\n  return [x for x in a if x in b]": "type(a) is list and hasattr(b, '__contains__')",
    "def f(items, key):\n  return sorted(key(x) for x in items)": "callable(key)",
    "def f(xs, ys):\n  return [x - y for x, y in zip(xs, ys)]": "all(type(x) in (int, float) for x in xs + ys)",
    "def f(xs):\n  return [i * 2 for i, x in enumerate(xs) if x == 'a']": "all(type(x) is str for x in xs)",
    "def f(config):\n  return config.get('name') or config['other']": "type(config) is dict",
    "def f(*args, **kwargs):\n  return 1": "True",
    "async def f(xs):\n  return [x async for x in xs]": "True",
}
LOOK = """
import ast, random
from whetstone_grow import Grower
from whetstone_usage import Usage
for text, suits in CASES.items():
    usage = Usage(ast.parse(text).body[0])
    grower = Grower(random.Random(1))
    first = next(iter(usage.worlds(set())))
    for _ in range(30):
        values = {name: grower.value(shape) for name, shape in first.items()}
        if not eval(suits, values): print(text, "is tried with", values); break
usage = Usage(ast.parse("def f(a, b): return a + b").body[0])
worlds = list(usage.worlds(set()))
assert 1 < len(worlds) <= 128 and all(set(world) == {"a", "b"} for world in worlds)
assert all(set(world) == {"b"} for world in usage.worlds({"a"})), "what is known is left out"
"""


def test_guesses_for_typical_bodies(python, script):
    assert script(f"CASES = {SUITS!r}\n{LOOK}", python) == ""
