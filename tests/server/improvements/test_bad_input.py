"""Projects that make trouble: each proof ends in a verdict, in seconds, and leaves the project as it was."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from whetstone_knowledge.rules import PYTHON_BY_CODE
from whetstone_knowledge.rules.python.string_built_in_loop import StringBuiltInLoop
from whetstone_knowledge.syntax import find
from whetstone_server.errors import InputError
from whetstone_server.improvements import prove
from whetstone_server.improvements.prove import Candidate, Prover
from whetstone_server.sandbox import trial
from whetstone_server.scan.source import in_utf_8

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from whetstone_knowledge.rewriting import Scene
    from whetstone_server.sandbox.verdict import Verdict

JOINED = '''
def joined(words):
    """Return the words in one."""
    text = ""
    for word in words:
        text += word
    return text
'''
MEASURED = {"faster", "no-difference", "slower"}


@pytest.fixture(autouse=True)
def _quick(home: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time no longer than it takes to see that it was timed."""
    monkeypatch.setattr(trial, "PROCESSES", 1)
    monkeypatch.setattr(trial, "SECONDS_PER_PROCESS", 0.05)
    monkeypatch.setattr(trial, "SECONDS_PER_SIZE", 0.02)


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A project with one slow function, which nothing may change."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "shop.py").write_text(JOINED)
    yield folder
    assert not list(folder.rglob("__pycache__"))


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return the mode and the bytes of every file."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): (path.stat().st_mode, path.read_bytes()) for path in files}


class Wrong(StringBuiltInLoop):
    """The same finding, with a rewrite that is found out at once: for stories in which time is not the point."""

    def mend(self, scene: Scene) -> None:
        scene.insert_after(scene.loop("loop"), scene.parse('text += "!"'))


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every slow loop rewritten wrongly."""
    monkeypatch.setitem(PYTHON_BY_CODE, "WP101", Wrong())


@pytest.fixture
def proved(engine_name: str) -> Callable[..., dict[str, Verdict]]:
    """Prove everything found in some files of a project, and return the verdicts by file."""

    def _proved(root: Path, *names: str, **options: object) -> dict[str, Verdict]:
        found = []
        for path in [root / name for name in names or ("shop.py",)]:
            source = in_utf_8(path.read_bytes())
            found += [Candidate(path, source, finding) for finding in find(source)]
        before = tree(root)
        with Prover(root, sandbox=engine_name, budget=3, jobs=2, python=Path(sys.executable), **options) as prover:
            verdicts = {proof.candidate.path.name: proof.verdict for proof in prover.prove(found)}
        assert tree(root) == before
        assert len(verdicts) == len(found) > 0
        return verdicts

    return _proved


# ---- test suites

GOOD = """
from shop import joined

def test_joined():
    assert joined(["a", "b"] * 20) == "ab" * 20
"""
TROUBLE = """
import atexit, os, signal, time

atexit.register(lambda: 1 / 0)
for name in ("time", "monotonic", "perf_counter", "thread_time", "process_time", "sleep"):
    setattr(time, name, lambda *_: 0)

def test_failing():
    assert joined(["a"]) == "b"

def test_online():
    import urllib.request
    urllib.request.urlopen("http://example.com", timeout=5).read()

def test_forking():
    for _ in range(5):
        if not os.fork():
            os.setsid()
            signal.pause()

def test_loud(capfd):
    with capfd.disabled():
        for _ in range(500):
            os.write(1, b"x" * 100_000)

def test_last():
    assert joined(["c"] * 30) == "c" * 30
"""


def test_a_suite_full_of_trouble_in_a_project_that_cannot_be_written_to(root, proved):
    """It fails, wants the network, leaves processes behind, prints 50 MB, stops the clocks, breaks on its way out."""
    (root / "test_shop.py").write_text(GOOD + TROUBLE)
    for path in (*root.rglob("*"), root):
        path.chmod(0o555 if path.is_dir() else 0o444)
    verdict = proved(root)["shop.py"]
    root.chmod(0o755)
    assert verdict.answer in MEASURED, verdict.reason
    assert verdict.workload.tests == 2
    assert verdict.workload.calls == 3


@pytest.mark.parametrize(
    ("end", "seconds", "said"),
    [("while True: pass", 8.0, "The tests ran out of time"), ("import os; os._exit(4)", 60.0, "The tests broke off")],
)
def test_a_suite_that_does_not_come_to_its_end_counts_as_far_as_it_came(
    *, root, proved, wrong, monkeypatch, end, seconds, said
):
    monkeypatch.setattr(prove, "RECORDING_SECONDS", seconds)
    (root / "test_shop.py").write_text(f"{GOOD}\ndef test_ending():\n    {end}\n")
    verdict = proved(root)["shop.py"]
    assert verdict.answer == "broken"
    assert verdict.workload.sources[0] == "recorded-calls"
    assert said in verdict.reason


@pytest.mark.parametrize(
    ("suite", "said"),
    [
        ("import not_installed", "No module named 'not_installed'"),
        ("def test_leaving():\n    import os; os._exit(4)\n", "status 4"),
        ("def test(:\n", "SyntaxError"),
    ],
)
def test_a_suite_that_never_came_to_the_function_is_said_so(root, proved, suite, said):
    (root / "shop.py").write_text(UNGUESSED)
    (root / "test_shop.py").write_text(suite)
    verdict = proved(root)["shop.py"]
    assert verdict.answer == "not-exercised"
    assert said in verdict.reason
    assert "no test calls it" not in verdict.reason


def test_a_workload_that_cannot_be_started_is_said_so(root, proved):
    (root / "shop.py").write_text(UNGUESSED)
    verdict = proved(root, workload=["no-such-tool", "--all"])["shop.py"]
    assert verdict.answer == "not-exercised"
    assert "no-such-tool could not be started" in verdict.reason


UNGUESSED = JOINED.replace("words", "shop").replace("in shop", "in shop.words()")
"""A function whose argument nothing says anything of."""


def test_a_script_that_is_run_as_main(root, proved):
    (root / "script.py").write_text(JOINED + '\nif __name__ == "__main__":\n    print(joined(["a", "b"] * 20))\n')
    verdict = proved(root, "script.py", workload=["python", "script.py"])["script.py"]
    assert verdict.answer in MEASURED, verdict.reason
    assert verdict.workload.calls == 1
    assert verdict.workload.tests == 1


# ---- files


def test_a_file_that_vanishes_and_one_that_changes(root, engine_name, wrong):
    paths = [root / name for name in ("gone.py", "changed.py")]
    for path in paths:
        path.write_text(JOINED)
    candidates = [Candidate(path, path.read_bytes(), find(path.read_bytes())[0]) for path in paths]
    paths[0].unlink()
    paths[1].write_text("def joined(")
    with Prover(root, sandbox=engine_name, budget=3, jobs=2, python=Path(sys.executable)) as prover:
        verdicts = {proof.candidate.path.name: proof.verdict for proof in prover.prove(candidates)}
    assert verdicts["gone.py"].answer == "not-tried"
    assert "No module named 'gone'" in verdicts["gone.py"].reason
    assert verdicts["changed.py"].answer == "broken"
    assert not paths[0].exists()
    assert paths[1].read_text() == "def joined("


def test_code_that_does_not_parse_is_an_input_error(root, engine_name):
    with Prover(root, sandbox=engine_name) as prover:
        for old, new in ((b"def joined(", JOINED.encode()), (JOINED.encode(), b"def joined("), (b"\0", b"\0")):
            with pytest.raises(InputError, match="does not parse"):
                prover.compare(root / "shop.py", old, new, "joined")


IMPORTS = {
    "needing": ("import not_installed", "No module named 'not_installed'"),
    "dividing": ("1 / 0", "ZeroDivisionError"),
    "exiting": ("raise SystemExit(3)", "SystemExit"),
    "leaving": ("import os; os._exit(3)", "the process ends while the module is imported"),
    "hanging": ("while True: pass", "was stopped after"),
    "breaking": ("import broken", "invalid syntax (broken.py"),
}


def test_a_module_that_cannot_be_imported_is_said_so(root, proved, monkeypatch):
    monkeypatch.setattr(trial, "GRACE_SECONDS", 4.0)
    (root / "broken.py").write_text("def (")
    for name, (statement, _) in IMPORTS.items():
        (root / f"{name}.py").write_text(f"{statement}\n{JOINED}")
    verdicts = proved(root, *(f"{name}.py" for name in IMPORTS))
    for name, (_, said) in IMPORTS.items():
        assert verdicts[f"{name}.py"].answer == "not-tried"
        assert said in verdicts[f"{name}.py"].reason


def test_a_rewrite_that_needs_what_is_not_installed(root, engine_name):
    path, old = root / "shop.py", JOINED.encode()
    new = old.replace(b"    text", b"    import not_installed\n    text", 1)
    with Prover(root, sandbox=engine_name, budget=3, python=Path(sys.executable)) as prover:
        outermost = prover.compare(path, old, b"import not_installed\n" + old, "joined").verdict
        within = prover.compare(path, old, new, "joined").verdict
    assert outermost.answer == "not-tried"
    assert within.answer == "broken"
    assert "No module named 'not_installed'" in outermost.reason
    assert "not_installed" in within.reason


ACCENTED = JOINED.replace("return text", 'return text + "é"')
SPELLINGS = {
    "latin.py": ("# -*- coding: latin-1 -*-\n" + ACCENTED.replace("    ", "\t")).encode("latin-1"),
    "marked.py": b"\xef\xbb\xbf" + ACCENTED.replace("\n", "\r\n").replace("\r\ndef", "\r\n\x0c\r\ndef").encode(),
}
"""One with another encoding and tabs, one with a byte order mark, other line ends and a form feed."""


def test_any_spelling_of_a_source(root, proved, wrong):
    (root / "setup.py").touch()
    for name, source in SPELLINGS.items():
        (root / name).write_bytes(source)
    verdicts = proved(root, *SPELLINGS)
    for name in SPELLINGS:
        found = verdicts[name].counterexample
        assert found is not None, verdicts[name].reason
        assert (found.before, found.after) == ("returns 'é'", "returns '!é'")
