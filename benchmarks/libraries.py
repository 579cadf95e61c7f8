"""Proves Whetstone on real libraries with their own tests: what it finds, what it proves, and what still passes then.

    python -m benchmarks.libraries --into FOLDER [--only NAME…] [--sandbox ENGINE] [--again] [--write]

Each library is fetched as its authors released it, gets an environment of its own, and goes through the same steps:
its tests, `check`, `prove --apply`, its tests again. What was learned of a library is kept in FOLDER, and only
what is missing there is done; `--again` starts over. `--write` puts the table under the heading "Real libraries"
of benchmarks/README.md. The status is 1 when something crashed or a suite no longer ends as it did.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tarfile
import textwrap
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

README = Path(__file__).parent / "README.md"
HEADING = "Real libraries"
ANSWERS = ("faster", "no-difference", "slower", "broken", "not-exercised", "not-tried")
SUITE_SECONDS = 900.0
PROVE_SECONDS = 3600.0
PYTEST = "python -m pytest"


@dataclass(frozen=True)
class Library:
    """A release on the package index whose source archive carries its tests."""

    name: str
    version: str
    sources: str
    """What is checked and proven, below the folder of the archive; patterns are allowed."""
    tests: str = PYTEST
    """How its tests are run from the folder of the archive."""
    needs: tuple[str, ...] = ("pytest==9.2.0",)
    """What its tests need beside it."""
    chosen: str = ""
    """What was left out, where that is not nothing."""

    @property
    def title(self) -> str:
        return f"{self.name} {self.version}"


PLAIN = ("pytest==9.2.0",)
LIBRARIES = (
    Library("boltons", "26.2.0", "boltons"),
    Library("docutils", "0.23", "docutils", "python test/alltests.py", ()),
    Library("jinja2", "3.1.6", "src", needs=(*PLAIN, "markupsafe==3.0.4", "trio==0.35.0")),
    Library("lark", "1.3.1", "lark"),
    Library("mako", "1.4.3", "mako", needs=(*PLAIN, "markupsafe==3.0.4")),
    Library("markdown", "3.11.3", "markdown", "python -m unittest discover tests", ("pyyaml==6.0.3",)),
    Library(
        "mistune",
        "3.4.0",
        "src",
        f"{PYTEST} --ignore-glob=tests/test_security* --ignore=tests/test_inline_limits.py",
        chosen="the tests that compare times are left out, since they fail on a busy machine",
    ),
    Library("more-itertools", "11.2.1", "more_itertools", "python -m unittest", ()),
    Library(
        "networkx",
        "3.6.1",
        "networkx/generators/*.py networkx/readwrite/*.py networkx/algorithms/bipartite/*.py",
        f"{PYTEST} networkx/generators networkx/readwrite networkx/algorithms/bipartite",
        (*PLAIN, "numpy==2.4.6"),
        "the folders `generators`, `readwrite` and `algorithms/bipartite` are proven, with the tests of these folders",
    ),
    Library("parso", "0.8.7", "parso"),
    Library(
        "pydash",
        "8.1.0",
        "src",
        f"{PYTEST} -o addopts= --ignore tests/pytest_mypy_testing",
        (*PLAIN, "typing-extensions==4.16.0"),
        "the tests of its annotations are left out",
    ),
    Library("pyparsing", "3.3.3", "pyparsing", needs=(*PLAIN, "matplotlib==3.11.2", "railroad-diagrams==3.0.1")),
    Library("python-slugify", "9.2.0", "slugify", needs=(*PLAIN, "text-unidecode==1.3")),
    Library("sqlparse", "0.6.1", "sqlparse"),
    Library("tabulate", "0.10.0", "tabulate"),
    Library(
        "textdistance",
        "4.6.3",
        "textdistance",
        f"{PYTEST} -m 'not external'",
        (*PLAIN, "hypothesis==6.170.15", "numpy==2.4.6"),
        "the tests that need other libraries of its kind are left out",
    ),
    Library("toolz", "1.2.0", "toolz"),
)


class StepError(Exception):
    """A step of the way could not be done; the message says which and what it printed last."""


def main(arguments: Sequence[str]) -> int:
    """Do what is missing, and print the table of all that was asked for."""
    asked = _options().parse_args(arguments)
    libraries = [library for library in LIBRARIES if not asked.only or library.name in asked.only]
    results = [_result(library, asked.into.resolve(), asked.sandbox, again=asked.again) for library in libraries]
    text = "\n".join(_table(libraries, results))
    print(text)
    if asked.write:
        _write(text)
    return 0 if all(_holds(result) for result in results) else 1


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--into", type=Path, required=True, metavar="FOLDER", help="where everything is fetched")
    options.add_argument("--only", nargs="+", choices=[library.name for library in LIBRARIES], metavar="NAME")
    options.add_argument("--sandbox", default="auto", help="the engine to hold the libraries' code")
    options.add_argument("--again", action="store_true", help="prove again what was proven in an earlier run")
    options.add_argument("--write", action="store_true", help="put the table into the page")
    return options


# -- one library -----------------------------------------------------------------------------------------------------


def _result(library: Library, folder: Path, sandbox: str, *, again: bool) -> dict[str, Any]:
    """Return what is known of a library, from an earlier run or from this one."""
    kept = folder / f"{library.name}-{library.version}.json"
    if kept.is_file() and not again:
        known: dict[str, Any] = json.loads(kept.read_text())
        return known
    try:
        result = _tried(library, folder, sandbox)
    except StepError as failure:
        _say(library, str(failure))
        return {"failed": str(failure)}
    kept.write_text(json.dumps(result, indent=2))
    return result


def _tried(library: Library, folder: Path, sandbox: str) -> dict[str, Any]:
    root = _unpacked(library, folder)
    python = _environment(library, folder, root)
    _say(library, f"its tests: {library.tests}")
    before = _suite(library, root, python)
    _say(library, f"{before}; looking for findings")
    sources = [str(path.relative_to(root)) for part in library.sources.split() for path in sorted(root.glob(part))]
    checked = _whetstone(["check", *sources, "--format", "json"], root, folder)
    _say(library, f"{len(checked['findings'])} findings in {checked['files']} files; proving")
    options = [
        "--format",
        "json",
        "--apply",
        "--python",
        str(python),
        "--sandbox",
        sandbox,
        "--workload",
        library.tests,
    ]
    proven = _whetstone(["prove", *sources, *options], root, folder)
    _say(library, f"{_counts(proven)} in {proven['seconds']:.0f} s; its tests once more")
    after = _suite(library, root, python)
    _say(library, f"{before} → {after}")
    return {"checked": checked, "proven": proven, "before": before, "after": after}


def _unpacked(library: Library, folder: Path) -> Path:
    """Return a fresh folder with the sources as they were released."""
    archives = folder / "archives" / f"{library.name}-{library.version}"
    if not any(archives.glob("*.tar.gz")):
        _say(library, "fetching")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        _run([*pip, "--dest", str(archives), f"{library.name}=={library.version}"], folder)
    root = folder / "sources" / f"{library.name}-{library.version}"
    shutil.rmtree(root, ignore_errors=True)
    fresh = root.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    with tarfile.open(next(archives.glob("*.tar.gz"))) as archive:
        archive.extractall(fresh, filter="data")
    next(fresh.iterdir()).rename(root)
    fresh.rmdir()
    return root


def _environment(library: Library, folder: Path, root: Path) -> Path:
    """Return the interpreter of an environment in which the unpacked sources are installed, with what tests need."""
    environment = folder / "environments" / f"{library.name}-{library.version}"
    python = environment / "bin" / "python"
    ready = environment / "ready"
    if not ready.exists():
        _say(library, "installing")
        shutil.rmtree(environment, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(environment)], folder)
        if library.needs:
            _run([str(python), "-m", "pip", "install", "--quiet", *library.needs], folder)
        _run([str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--editable", str(root)], folder)
        ready.touch()
    return python


def _suite(library: Library, root: Path, python: Path) -> str:
    """Return how the library's tests ended, in their own words without the time they took."""
    command = [str(python), *shlex.split(library.tests)[1:]]
    try:
        ran = subprocess.run(
            command,
            cwd=root,
            env=_surroundings(python),
            capture_output=True,
            text=True,
            timeout=SUITE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"stopped after {SUITE_SECONDS:.0f} s"
    said = _last_words(re.sub(r"\x1b\[[0-9;]*m", "", ran.stdout + ran.stderr))
    return said if ran.returncode == 0 else f"{said} (status {ran.returncode})"


def _last_words(output: str) -> str:
    """Return the counts that pytest or unittest sum a run up with."""
    if found := re.findall(r"^=* ?(\d[^\n]*?) in [\d.]+s", output, re.MULTILINE):
        return re.sub(r"\d+ (warnings?|deselected),? ?", "", found[-1]).strip(", ")
    ran, ended = (
        re.findall(r"^Ran (\d+) tests?", output, re.MULTILINE),
        re.findall(r"^(?:OK|FAILED).*", output, re.MULTILINE),
    )
    if ran and ended:
        return f"{ran[-1]} tests, {ended[-1]}"
    return (output.strip().splitlines() or ["nothing"])[-1][:80]


def _surroundings(python: Path) -> dict[str, str]:
    """Return the environment variables of a shell in which the library's environment is active."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))}
    return {**kept, "PATH": f"{python.parent}{os.pathsep}{kept.get('PATH', '')}", "PYTHONDONTWRITEBYTECODE": "1"}


def _whetstone(arguments: Sequence[str], root: Path, folder: Path) -> dict[str, Any]:
    """Return the document that a command prints; raises `StepError` when it printed none or said that it failed."""
    ran = subprocess.run(
        [sys.executable, "-P", "-m", "whetstone_server.cli", *arguments],
        cwd=root,
        env={**os.environ, "WHETSTONE_HOME": str(folder / "state")},
        capture_output=True,
        text=True,
        timeout=PROVE_SECONDS,
        check=False,
    )
    if ran.returncode not in {0, 1} or "Traceback" in ran.stderr:
        raise StepError(f"whetstone {arguments[0]} ended with status {ran.returncode}: {ran.stderr.strip()[-2000:]}")
    document: dict[str, Any] = json.loads(ran.stdout)
    return document


def _run(command: Sequence[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise StepError(f"{shlex.join(command)} ended with status {ran.returncode}: {ran.stderr.strip()[-500:]}")


def _say(library: Library, sentence: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {library.title}: {sentence}", file=sys.stderr, flush=True)


# -- what it comes to ------------------------------------------------------------------------------------------------


def _counts(proven: dict[str, Any]) -> str:
    counts = Counter(verdict["verdict"] for verdict in proven["verdicts"])
    return ", ".join(f"{counts[answer]} {answer}" for answer in ANSWERS if counts[answer]) or "nothing to prove"


def _holds(result: dict[str, Any]) -> bool:
    """Whether nothing crashed, and the tests end after the rewrites as they did before."""
    return "failed" not in result and result["before"] == result["after"]


def _table(libraries: Sequence[Library], results: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of the page: where it was measured, a row per library, and each rewrite that was written."""
    done = [(library, result) for library, result in zip(libraries, results, strict=True) if "failed" not in result]
    engines = sorted({result["proven"]["sandbox"] for _, result in done if result["proven"]["sandbox"]})
    yield "Written by `python -m benchmarks.libraries --into FOLDER --write`."
    yield "Each library was fetched as its authors released it, and its own tests ran before and after `prove --apply`."
    yield (
        f"Python {platform.python_version()}, {os.cpu_count()} processors, {', '.join(engines)}; "
        f"{sum(map(_holds, results))} of {len(results)} suites end after `prove --apply` as they did before."
    )
    yield ""
    columns = ["library", "files", "findings", *ANSWERS, "gain, median", "largest", "seconds", "its tests", "after"]
    yield _line(columns)
    yield "|" + "---|" * len(columns)
    yield from (_row(library, result) for library, result in done)
    if len(done) > 1:
        yield _sum([result for _, result in done])
    yield ""
    yield from _parts(libraries)
    yield from _rewrites(done)


def _row(library: Library, result: dict[str, Any]) -> str:
    proven, checked = result["proven"], result["checked"]
    cells = [library.title, checked["files"], len(checked["findings"]), *_answers([result]), *_gains([result])]
    return _line([*cells, f"{proven['seconds']:.0f}", result["before"], result["after"]])


def _sum(results: Sequence[dict[str, Any]]) -> str:
    files = sum(result["checked"]["files"] for result in results)
    findings = sum(len(result["checked"]["findings"]) for result in results)
    seconds = sum(result["proven"]["seconds"] for result in results)
    return _line(["**together**", files, findings, *_answers(results), *_gains(results), f"{seconds:.0f}", "", ""])


def _answers(results: Sequence[dict[str, Any]]) -> list[object]:
    counts = Counter(verdict["verdict"] for result in results for verdict in result["proven"]["verdicts"])
    return [counts[answer] or "" for answer in ANSWERS]


def _gains(results: Sequence[dict[str, Any]]) -> list[str]:
    gains = [verdict["speedup"]["estimate"] for result in results for verdict in _applied(result)]
    return [f"{statistics.median(gains):.2f}×", f"{max(gains):.2f}×"] if gains else ["", ""]


def _applied(result: dict[str, Any]) -> list[dict[str, Any]]:
    return [verdict for verdict in result["proven"]["verdicts"] if verdict["applied"]]


def _parts(libraries: Sequence[Library]) -> Iterator[str]:
    for library in libraries:
        if library.chosen:
            yield f"Of {library.title}, {library.chosen}."
            yield ""


def _rewrites(done: Sequence[tuple[Library, dict[str, Any]]]) -> Iterator[str]:
    """Yield what was said of each rewrite that was tried, so that a reader can look each of them up."""
    yield "| library | where | rule | verdict | in words |"
    yield "|---|---|---|---|---|"
    for library, result in done:
        for verdict in result["proven"]["verdicts"]:
            where = f"`{verdict['function']}`, {verdict['path']}:{verdict['line']}"
            answer = verdict["verdict"] + (", applied" if verdict["applied"] else "")
            yield _line(
                [
                    library.name,
                    where,
                    verdict["code"],
                    answer,
                    textwrap.shorten(verdict["reason"], 240, placeholder=" …"),
                ]
            )


def _line(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _write(text: str) -> None:
    """Put the text in the place of the section of this name, or at the end."""
    page = README.read_text(encoding="utf-8") if README.exists() else "# Measurements\n"
    start = re.search(rf"^## {HEADING}\n", page, re.MULTILINE)
    section = f"## {HEADING}\n\n{text.rstrip()}\n"
    if start is None:
        README.write_text(f"{page.rstrip()}\n\n{section}", encoding="utf-8")
        return
    following = re.search(r"^## ", page[start.end() :], re.MULTILINE)
    rest = page[start.end() + following.start() :] if following else ""
    README.write_text(page[: start.start()] + section + (f"\n{rest}" if rest else ""), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
