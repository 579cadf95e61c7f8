"""What somebody who types waits for, beside `ruff server` and python-lsp-server with its linters.

    python -m benchmarks.editing [--into FOLDER] [--rounds N] [--minutes N] [--write]

Every server is a process of its own, spoken to over its pipes; a keystroke goes to each in turns, so that all meet the
same moments of the machine. python-lsp-server is installed into FOLDER, in an environment of its own.
`--minutes` is how long somebody types while proofs are running. `--write` puts the tables under the heading "Editing"
of benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import platform
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import readme
from benchmarks.language_client import Client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

PEER = "python-lsp-server[all]==1.15.0"
OURS = (sys.executable, "-P", "-m", "whetstone_server")
SIZES = (500, 2_000, 20_000)
STARTS = 5
DOCUMENTS = (1, 50, 500)
SLOW_ONE = "python-lsp-server"
"""Waits half a second before it lints, and lints for long: it gets one keystroke in ten, and no 500 documents."""
SELDOM = 10
KEYS_PER_SECOND = 8
LIMIT_MS = 100
SLOW_CODE = "\n\ndef cheapest(prices):\n    total = 0\n    return sorted(prices)[0]\n"
SLOW_REPORT = """\
def as_lines(words):
    text = ""
    for word in words:
        text += word
        text += "\\n"
    return text
"""
TESTS = """\
from report import as_lines


def test_as_lines():
    assert as_lines(["a", "b"]) == "a\\nb\\n"
    assert as_lines([str(number) for number in range(2000)]).count("\\n") == 2000
"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--into", type=Path, default=Path(tempfile.gettempdir()) / "whetstone-peers", metavar="FOLDER")
    options.add_argument("--rounds", type=int, default=300)
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    servers = {"whetstone": OURS, "ruff server": ruff(), SLOW_ONE: peer(chosen.into)}
    with tempfile.TemporaryDirectory() as home:
        os.environ["WHETSTONE_HOME"] = f"{home}/home"
        text = asyncio.run(measured(servers, Path(home), chosen.rounds, chosen.minutes))
    print(text)
    if chosen.write:
        readme.write("Editing", "python -m benchmarks.editing --write", text)


def ruff() -> Sequence[str]:
    return (str(Path(sys.executable).with_name("ruff")), "server")


def peer(folder: Path) -> Sequence[str]:
    """Return what starts python-lsp-server, after installing it where it is not yet."""
    program = folder / "bin" / "pylsp"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", PEER], check=True)
    return (str(program),)


async def measured(servers: dict[str, Sequence[str]], home: Path, rounds: int, minutes: float) -> str:
    started = f"""\
Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start, {time.strftime("%Y-%m-%d")}.
Milliseconds that an editor waits, the way through both pipes included; {SLOW_ONE} waits half a second before it lints."""  # noqa: E501
    parts = [started]
    parts.append(await keystrokes(servers, home, rounds))
    parts.append(await starts(servers, home))
    parts.append(await memory(servers, home))
    parts.append(await while_proving(home, minutes))
    return "\n\n".join(parts)


# -- keystrokes ------------------------------------------------------------------------------------------------------


async def keystrokes(servers: dict[str, Sequence[str]], home: Path, rounds: int) -> str:
    rows = []
    for size in SIZES:
        text = code(size)
        seen: dict[str, dict[str, list[float]]] = {name: {} for name in servers}
        async with all_of(servers, home / f"keys{size}", text) as clients:
            for number in range(rounds if size < SIZES[-1] else rounds // 3):
                for name, (client, uri) in clients.items():
                    if name != SLOW_ONE or number % SELDOM < 2:  # a letter and its removal
                        await keystroke(client, uri, text, number, seen[name])
        rows += [row(size, name, seen[name]) for name in servers]
    head = """\
### Typing

Keystroke: until the diagnostics of the new text are there.

| lines | server | keystroke, p50 | p99 | code actions, p50 | p99 | hover, p50 | p99 | completion, p50 | p99 |
|---|---|---|---|---|---|---|---|---|---|
"""
    return head + "\n".join(rows)


async def keystroke(client: Client, uri: str, text: str, number: int, seen: dict[str, list[float]]) -> None:
    """Type a letter or take it back, and ask what an editor asks; note how long each took."""
    line = text.count("\n") - 2
    typed = number % 2 == 0
    took = await client.type(uri, line, 4, "x" if typed else "", 0 if typed else 1)
    seen.setdefault("keystroke", []).append(took)
    place = {"line": line, "character": 6}
    document = {"uri": uri}
    finding = {"start": {"line": line + 1, "character": 12}, "end": {"line": line + 1, "character": 12}}
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "actions": ("textDocument/codeAction", {"range": finding, "context": {"diagnostics": []}}),
        "hover": ("textDocument/hover", {"position": finding["start"]}),
        "completion": ("textDocument/completion", {"position": place}),
    }
    for what, (method, params) in asked.items():
        answer = await client.timed(method, textDocument=document, **params)
        if answer is not None:
            seen.setdefault(what, []).append(answer)


def row(size: int, name: str, seen: dict[str, list[float]]) -> str:
    cells = []
    for what in ("keystroke", "actions", "hover", "completion"):
        times = seen.get(what)
        cells += [ms(quantile(times, share)) for share in (0.5, 0.99)] if times else ["–", "–"]
    return f"| {size:,} | {name} | {' | '.join(cells)} |"


# -- starting --------------------------------------------------------------------------------------------------------


async def starts(servers: dict[str, Sequence[str]], home: Path) -> str:
    """Return the table of how long it takes from nothing to the first diagnostics."""
    text, took = code(SIZES[0]), {name: list[float]() for name in servers}
    for number in range(STARTS):
        for name, command in servers.items():
            folder = project(home / f"start{number}-{len(name)}")
            began = time.perf_counter()
            client = await Client.start(command, folder)
            await client.open(folder / "code.py", text)
            took[name].append(time.perf_counter() - began)
            await client.end()
    rows = [f"| {name} | {ms(statistics.median(times))} | {ms(max(times))} |" for name, times in took.items()]
    head = f"""\
### Starting

From nothing to the first diagnostics of {SIZES[0]} lines, {STARTS} times.

| server | median | most |
|---|---|---|
"""
    return head + "\n".join(rows)


# -- memory ----------------------------------------------------------------------------------------------------------


async def memory(servers: dict[str, Sequence[str]], home: Path) -> str:
    text, rows = code(SIZES[0]), []
    for name, command in servers.items():
        folder = project(home / f"memory-{len(name)}")
        client = await Client.start(command, folder)
        cells, opened = [], 0
        for wanted in DOCUMENTS:
            if name == SLOW_ONE and wanted == DOCUMENTS[-1]:
                cells.append("–")
                continue
            for number in range(opened, wanted):
                await client.open(folder / f"code{number}.py", text)
            opened = wanted
            cells.append(f"{client.memory():.0f}")
        rows.append(f"| {name} | {' | '.join(cells)} |")
        await client.end()
    head = f"""\
### Memory

Megabytes of the server and its helpers that they share with nobody, with documents of {SIZES[0]} lines open.

| server | {" | ".join(f"{number} open" for number in DOCUMENTS)} |
|---|{"---|" * len(DOCUMENTS)}
"""
    return head + "\n".join(rows)


# -- typing while proofs run -----------------------------------------------------------------------------------------


async def while_proving(home: Path, minutes: float) -> str:
    """Type for a while with one proof after the other; return what was waited for, and the server's memory."""
    folder = project(home / "proving")
    (folder / "pyproject.toml").write_text("[tool.whetstone]\nbudget = 2\n")
    (folder / "test_report.py").write_text(TESTS)
    (folder / "report.py").write_text(SLOW_REPORT)
    text = code(SIZES[1])
    client = await Client.start(OURS, folder, {"trusted": True})
    uri = await client.open(folder / "code.py", text)
    report = await client.open(folder / "report.py", SLOW_REPORT)
    proofs = asyncio.create_task(prove_again_and_again(client, report))
    seen: dict[str, list[float]] = {}
    sizes, end = [client.memory_of_server()], time.perf_counter() + minutes * 60
    for number in itertools.count():
        await keystroke(client, uri, text, number, seen)
        await asyncio.sleep(1 / KEYS_PER_SECOND)
        if number % (KEYS_PER_SECOND * 20) == 0:
            sizes.append(client.memory_of_server())
        if time.perf_counter() > end:
            break
    proofs.cancel()
    done = await asyncio.gather(proofs, return_exceptions=True)
    assert isinstance(done[0], asyncio.CancelledError), done  # or a proof could not be made at all
    await client.end()
    times = [took for kind in seen.values() for took in kind]
    late = sum(took * 1e3 > LIMIT_MS for took in times)
    half = len(sizes) // 2
    return f"""\
### Typing while proofs run

{minutes:g} minutes in {SIZES[1]:,} lines, one proof after the other: {len(times):,} answers, {late} of them later than {LIMIT_MS} ms.

| | p50 | p99 | most |
|---|---|---|---|
| keystroke to diagnostics | {" | ".join(ms(quantile(seen["keystroke"], share)) for share in (0.5, 0.99, 1))} |
| every answer | {" | ".join(ms(quantile(times, share)) for share in (0.5, 0.99, 1))} |

The server's own memory: {sizes[0]:.0f} MB at the beginning, {max(sizes[:half] or sizes):.0f} MB at most in the first half, {max(sizes[half:]):.0f} MB in the second."""  # noqa: E501


async def prove_again_and_again(client: Client, uri: str) -> None:
    for number in itertools.count():
        await client.ask("workspace/executeCommand", command="whetstone.prove", arguments=[{"uri": uri}])
        await client.type(uri, 0, 0, f"# {number % 10}\n")  # a save would be one way to make it try again
        document = {"uri": uri}
        client.tell("textDocument/didSave", textDocument=document)


# -- what all of them need -------------------------------------------------------------------------------------------


@asynccontextmanager
async def all_of(
    servers: dict[str, Sequence[str]], folder: Path, text: str
) -> AsyncIterator[dict[str, tuple[Client, str]]]:
    """Start every server with the same document open, which was typed in a little: everything is loaded then."""
    clients = {}
    for number, (name, command) in enumerate(servers.items()):
        place = project(folder / str(number))
        client = await Client.start(command, place)
        clients[name] = client, await client.open(place / "code.py", text)
        for stroke in range(2 if name == SLOW_ONE else 20):
            await keystroke(*clients[name], text, stroke, {})
    yield clients
    for client, _ in clients.values():
        await client.end()


def project(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").touch()
    return folder


def code(lines: int) -> str:
    """Return some code of the standard library of about so many lines, with one thing to be found at its end."""
    texts, count = [], 0
    folder = Path(sysconfig.get_paths()["stdlib"])
    for path in sorted(folder.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        if text.isascii() and count + text.count("\n") <= lines:
            texts.append(text)
            count += text.count("\n")
    return "".join(texts) + SLOW_CODE


def quantile(times: Sequence[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def ms(seconds: float) -> str:
    took = seconds * 1e3
    return f"{took:,.0f}" if took >= 100 else f"{took:.2f}" if took < 10 else f"{took:.1f}"


if __name__ == "__main__":
    main()
