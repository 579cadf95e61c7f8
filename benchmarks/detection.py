"""How quick detection is, and how much of it stays in half-typed code, against tools of the same kind.

    python -m benchmarks.detection --into FOLDER [--rounds N] [--write]

Everything is fetched into FOLDER: the sources to be checked, and the other tools in an environment of their own.
Times are CPU seconds of the whole process and its children, medians over rounds in which the tools take turns.
`--write` puts the tables under the heading "Detection" of benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import re
import resource
import shutil
import statistics
import subprocess
import sys
import sysconfig
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks import readme
from whetstone_knowledge.rules import RULES
from whetstone_knowledge.syntax import Document, find

PACKAGES = [
    "sympy==1.14.0",
    "networkx",
    "sqlglot",
    "rich",
    "click",
    "boltons",
    "jinja2",
    "attrs",
    "more-itertools",
    "requests",
]
PEERS = ["ruff==0.17.5", "refurb==2.3.1", "perflint==0.8.1"]
SAMPLE = "rich"
"""The package on which the tools are compared that are too slow for everything."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--into", type=Path, required=True, metavar="FOLDER")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    corpus, peers = fetched_corpus(chosen.into), installed_peers(chosen.into)
    sections = [
        preamble(corpus),
        keystrokes(corpus),
        half_typed(corpus),
        whole_tree(corpus, peers, chosen.into, chosen.rounds),
        sample(corpus / SAMPLE, peers, chosen.into, chosen.rounds),
    ]
    text = "\n\n".join(sections)
    print(text)
    if chosen.write:
        readme.write("Detection", "python -m benchmarks.detection --into FOLDER --write", text)


# -- what is measured ------------------------------------------------------------------------------------------------


def fetched_corpus(folder: Path) -> Path:
    """Return a folder with the standard library of this Python and the packages, fetched once."""
    corpus = folder / "corpus"
    if corpus.is_dir():
        return corpus
    wheels, fresh = folder / "wheels", folder / "corpus.new"
    shutil.rmtree(fresh, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    subprocess.run([*pip, "--dest", wheels, *PACKAGES], check=True)
    for wheel in wheels.glob("*.whl"):
        name = re.split(r"-\d", wheel.name)[0]
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(fresh / name)
    left_out = shutil.ignore_patterns("site-packages", "lib2to3", "__pycache__", "*.so", "config-*")
    shutil.copytree(sysconfig.get_path("stdlib"), fresh / "stdlib", ignore=left_out, symlinks=True)
    fresh.rename(corpus)
    return corpus


def installed_peers(folder: Path) -> Path:
    """Return the folder of the other tools' programs, in an environment made for them."""
    environment = folder / "peers"
    programs = environment / "bin"
    if not (programs / "refurb").exists():
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        subprocess.run([programs / "pip", "install", "--quiet", *PEERS], check=True)
    return programs


def sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if path.is_file())


def lines_in(paths: list[Path]) -> int:
    return sum(path.read_bytes().count(b"\n") for path in paths)


def preamble(corpus: Path) -> str:
    paths = sources(corpus)
    named = ", ".join(sorted(part.name for part in corpus.iterdir()))
    return (
        f"Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start, "
        f"{time.strftime('%Y-%m-%d')}; {len(RULES)} rules.\n"
        f"Checked: {len(paths):,} files, {lines_in(paths):,} lines: {named}."
    )


# -- typing ----------------------------------------------------------------------------------------------------------

SNIPPETS = [
    "for item in items:\n{i}    total += item.price * (1 + rate)\n{i}",
    "if name in names and not seen.get(name):\n{i}    return [x for x in names if x]\n{i}",
    'text = "a (half" + str(value)\n{i}',
    "result = sorted(words, key=lambda word: word.lower())[0]\n{i}",
    "with open(path, encoding='utf-8') as file:\n{i}    data = json.load(file)\n{i}",
    "out.append({'name': name, 'size': len(parts[0])})\n{i}",
    "try:\n{i}    value = int(text)\n{i}except ValueError:\n{i}    value = None\n{i}",
    "while queue:\n{i}    head = queue.pop(0)\n{i}",
]
BODY_LINE = re.compile(rb"\n(    |        )(?=[a-z_]+ = )")


def keystrokes(corpus: Path) -> str:
    rows = ["### Typing", "", "One keystroke re-checked: the edit, and the findings of the document after it.", ""]
    rows += ["| file of lines | keystrokes | p50 ms | p99 ms | a full look, ms |", "|---|---|---|---|---|"]
    for size, count in ((500, 5), (2_000, 5), (20_000, 3)):
        times, full = [], []
        for number, text in enumerate(texts_of(corpus, size, count)):
            full.append(timed(lambda text=text: find(text)))
            times += typed(text, random.Random(number))
        cuts = statistics.quantiles(times, n=100)
        p50, p99 = statistics.median(times) * 1000, cuts[98] * 1000
        rows.append(f"| {size:,} | {len(times):,} | {p50:.2f} | {p99:.2f} | {statistics.median(full) * 1000:.1f} |")
    return "\n".join(rows)


def texts_of(corpus: Path, size: int, count: int) -> list[bytes]:
    """Return real files of about `size` lines; joined ones where no file is as long."""
    dice = random.Random(size)
    paths = sources(corpus / "stdlib") + sources(corpus / "networkx") + sources(corpus / "sqlglot")
    dice.shuffle(paths)
    texts = (text for path in paths if path.stat().st_size > 2_000 and readable(text := path.read_bytes()))
    if size <= 2_000:
        close = (text for text in texts if 0.8 <= text.count(b"\n") / size <= 1.25 and BODY_LINE.search(text))
        return [next(close) for _ in range(count)]
    found = []
    for _ in range(count):
        joined = b""
        while joined.count(b"\n") < size:
            joined += next(texts) + b"\n"
        found.append(joined)
    return found


def readable(text: bytes) -> bool:
    try:
        compile(text, "", "exec", dont_inherit=True)
        text.decode()
    except (SyntaxError, ValueError):
        return False
    return b"from __future__" not in text


def typed(text: bytes, dice: random.Random) -> list[float]:
    """Return seconds of thread time for each character of some snippets, typed into function bodies."""
    document = Document(text)
    times = []
    for snippet in dice.sample(SNIPPETS, 6):
        place = dice.choice(list(BODY_LINE.finditer(document.text)))
        offset = place.end()
        for character in snippet.replace("{i}", place[1].decode()):
            began = time.thread_time()
            document.edit(offset, offset, character.encode())
            document.findings()
            times.append(time.thread_time() - began)
            offset += 1
        document.refresh()  # the pause before somebody types elsewhere
    return times


def timed(work: object) -> float:
    began = time.thread_time()
    work()  # type: ignore[operator]
    return time.thread_time() - began


# -- half-typed code -------------------------------------------------------------------------------------------------


@dataclass
class Kept:
    before: int = 0
    typing: int = 0
    """Still there right after the edit."""
    paused: int = 0
    """Still there after a look at the whole broken text."""


def half_typed(corpus: Path) -> str:
    dice = random.Random(96)
    texts = with_findings(corpus, dice)
    rows = ["### Half-typed code", ""]
    rows += [
        "300 seeded edits in real files, each breaking a function; findings in the edited statement do not count.",
        "",
    ]
    rows += [
        "| what was done | trials | findings before | stay while typing | stay after a pause |",
        "|---|---|---|---|---|",
    ]
    total = Kept()
    for name, breaking in (
        ("closing bracket deleted", without_bracket),
        ("line cut short", cut_line),
        ("statement half written", half_statement),
    ):
        kept = Kept()
        for _ in range(100):
            tried(dice.choice(texts), breaking, dice, kept)
        rows.append(row_of(name, 100, kept))
        total = Kept(total.before + kept.before, total.typing + kept.typing, total.paused + kept.paused)
    return "\n".join([*rows, row_of("**all**", 300, total)])


def row_of(name: str, trials: int, kept: Kept) -> str:
    typing, paused = kept.typing / kept.before, kept.paused / kept.before
    return f"| {name} | {trials} | {kept.before:,} | {typing:.1%} | {paused:.1%} |"


def with_findings(corpus: Path, dice: random.Random) -> list[bytes]:
    """Return files of 200 to 3,000 lines, with ten functions or more, in which something is found."""
    paths = sources(corpus)
    dice.shuffle(paths)
    texts: list[bytes] = []
    for path in paths:
        text = path.read_bytes()
        if 200 <= text.count(b"\n") <= 3_000 and text.count(b"def ") >= 10 and readable(text) and find(text):
            texts.append(text)
            if len(texts) == 150:
                break
    return texts


def tried(text: bytes, breaking: object, dice: random.Random, kept: Kept) -> None:
    start, end, new = breaking(text, dice)  # type: ignore[operator]
    document = Document(text)
    by = len(new) - (end - start)
    # What stands in the edited line is being rewritten; it is no loss when it goes.
    line = (text.rfind(b"\n", 0, start) + 1, (text.find(b"\n", end) + 1) or len(text))
    expected = set()
    for finding in document.findings():
        if finding.span.end <= line[0] or finding.span.start >= line[1]:
            moved = finding.shifted(by) if finding.span.start >= line[1] else finding
            expected.add((moved.code, moved.span))
    document.edit(start, end, new)
    kept.before += len(expected)
    kept.typing += len(expected & {(finding.code, finding.span) for finding in document.findings()})
    document.refresh()
    kept.paused += len(expected & {(finding.code, finding.span) for finding in document.findings()})


def body_lines(text: bytes) -> list[re.Match[bytes]]:
    return list(re.finditer(rb"\n([ ]{4,})[A-Za-z_][^\n]{8,}", text))


def without_bracket(text: bytes, dice: random.Random) -> tuple[int, int, bytes]:
    lines = [line for line in body_lines(text) if re.search(rb"[)\]}]", line[0])]
    line = dice.choice(lines)
    bracket = dice.choice([match.start() for match in re.finditer(rb"[)\]}]", line[0])]) + line.start()
    return bracket, bracket + 1, b""


def cut_line(text: bytes, dice: random.Random) -> tuple[int, int, bytes]:
    line = dice.choice(body_lines(text))
    at = dice.randrange(line.end(1) + 1, line.end())
    while text[at] & 0xC0 == 0x80:
        at -= 1
    return at, line.end(), b""


def half_statement(text: bytes, dice: random.Random) -> tuple[int, int, bytes]:
    line = dice.choice(body_lines(text))
    whole = dice.choice(SNIPPETS).split("\n")[0]
    half = whole[: dice.randrange(3, len(whole))]
    return line.start(), line.start(), b"\n" + line[1] + half.encode()


# -- whole trees -----------------------------------------------------------------------------------------------------


def whole_tree(corpus: Path, peers: Path, folder: Path, rounds: int) -> str:
    ruff = [peers / "ruff", "check", "--select", "PERF", "--quiet", "--isolated", "--output-format", "concise"]
    ours = [sys.executable, "-m", "whetstone_server.cli", "check", corpus, "--format", "json", "--jobs"]
    cpu = str(os.cpu_count() or 1)
    state, ruff_cache = folder / "state", folder / "ruff-cache"
    warm_ruff, warm_ours = [*ruff, "--cache-dir", ruff_cache, corpus], [*ours, "1"]
    runs: dict[str, list[tuple[float, float]]] = {}
    for _ in range(rounds):
        shutil.rmtree(state, ignore_errors=True)
        shutil.rmtree(ruff_cache, ignore_errors=True)
        runs.setdefault("ruff, PERF, cold", []).append(run([*ruff, "--no-cache", corpus], state))
        runs.setdefault("whetstone, cold, one process", []).append(run([*ours, "1"], state))
        shutil.rmtree(state, ignore_errors=True)
        runs.setdefault(f"whetstone, cold, {cpu} processes", []).append(run([*ours, cpu], state))
        run(warm_ruff, state)
        runs.setdefault("ruff, PERF, warm", []).append(run(warm_ruff, state))
        runs.setdefault("whetstone, warm", []).append(run(warm_ours, state))
    return table("### A whole tree", runs, lines_in(sources(corpus)), {
        "whetstone, cold, one process": "ruff, PERF, cold",
        f"whetstone, cold, {cpu} processes": "ruff, PERF, cold",
        "whetstone, warm": "ruff, PERF, warm",
    })  # fmt: skip


def sample(package: Path, peers: Path, folder: Path, rounds: int) -> str:
    """Compare with the tools that take minutes for everything, on one package."""
    state = folder / "state"
    ours = [sys.executable, "-m", "whetstone_server.cli", "check", package, "--format", "json", "--jobs", "1"]
    perflint = [
        peers / "pylint",
        "--load-plugins=perflint",
        "--disable=all",
        "--rcfile=/dev/null",
        "-j1",
        "--recursive=y",
    ]
    perflint += [
        "--enable=" + ",".join(f"W{code}" for code in (8101, 8102, 8201, 8202, 8203, 8204, 8205, 8301, 8401, 8402))
    ]
    runs: dict[str, list[tuple[float, float]]] = {}
    for _ in range(rounds):
        shutil.rmtree(state, ignore_errors=True)
        runs.setdefault("whetstone, cold", []).append(run(ours, state))
        shutil.rmtree(".mypy_cache", ignore_errors=True)
        runs.setdefault("refurb", []).append(run([peers / "refurb", package / SAMPLE, "--quiet"], state))
        runs.setdefault("perflint", []).append(run([*perflint, package], state))
    against = {"refurb": "whetstone, cold", "perflint": "whetstone, cold"}
    return table(f"### Slower tools, on {package.name}", runs, lines_in(sources(package)), against)


def run(command: list[object], state: Path) -> tuple[float, float]:
    """Return CPU and wall seconds of a program; its findings, and its status because of them, do not matter here."""
    environment = {**os.environ, "WHETSTONE_HOME": str(state), "PYTHONHASHSEED": "0"}
    used, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, env=environment, check=False, cwd=state.parent
    )
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode == 2 or b"Traceback" in done.stderr:
        raise SystemExit(f"{command[0]} failed:\n{done.stderr.decode()[-2000:]}")
    return after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime, wall


def table(title: str, runs: dict[str, list[tuple[float, float]]], lines: int, against: dict[str, str]) -> str:
    medians = {name: statistics.median(cpu for cpu, _ in times) for name, times in runs.items()}
    rows = [title, "", "| tool | CPU s | least to most | wall s | lines/s | ratio |", "|---|---|---|---|---|---|"]
    for name, times in runs.items():
        spent = [cpu for cpu, _ in times]
        wall = statistics.median(wall for _, wall in times)
        ratio = f"{medians[name] / medians[against[name]]:.2f} × {against[name]}" if name in against else ""
        rate = f"{lines / medians[name]:,.0f}"
        rows.append(
            f"| {name} | {medians[name]:.2f} | {min(spent):.2f} to {max(spent):.2f} | {wall:.2f} | {rate} | {ratio} |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    main()
