"""`whetstone prove` and `compare`: what the prover is asked, what is said of its verdicts, what reaches the files."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import pytest

from tests.server.improvements.repository import Work
from whetstone_codegen import rewritten
from whetstone_knowledge import BY_CODE
from whetstone_server.errors import NoSandbox
from whetstone_server.improvements.confidence import confidence
from whetstone_server.improvements.decisions import settle
from whetstone_server.improvements.history import History
from whetstone_server.improvements.prove import Candidate, Proof
from whetstone_server.improvements.record import Subject
from whetstone_server.improvements.store import ProofStore
from whetstone_server.sandbox.verdict import Counterexample, Growth, Speedup, Verdict, Workload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

FIELDS = {
    "code",
    "rule",
    "path",
    "line",
    "function",
    "verdict",
    "reason",
    "speedup",
    "workload",
    "counterexample",
    "confidence",
    "diff",
    "improvement",
    "seconds",
}
FASTER = Verdict(
    "faster",
    "Equal on every input, and the interval lies above 1.05.",
    Speedup(12.3, 11.8, 12.9),
    Workload(("recorded-calls", "generated"), calls=7, distinct_inputs=40, tests=3),
    growth=(Growth(10, Speedup(1.1, 1.0, 1.2)), Growth(1000, Speedup(30.0, 28.0, 31.0))),
    unreached=(4, 7, 8, 9),
    lines=40,
)
BROKEN = Verdict(
    "broken",
    "The results differ.",
    workload=Workload(("recorded-calls",), calls=2, distinct_inputs=2),
    counterexample=Counterexample("joined(['\x1b[2J'])", "'a'", "'b'", "recorded"),
)
SLOWER = Verdict("slower", "It takes longer.", Speedup(0.8, 0.7, 0.9))


class FakeProver:
    """Rewrites for real, and answers with the verdicts it was given, by rule and function."""

    verdicts: ClassVar[dict[str, Verdict]]
    started: ClassVar[list[FakeProver]]
    fault: ClassVar[BaseException | None]

    def __init__(self, root: Path, **options: Any) -> None:
        self.root = root
        self.options = options
        self.asked: list[list[tuple[str, str | None]]] = []
        self.history = History(root)
        self.closed = False
        self.engine = "bubblewrap"
        self.python_version = "3.11.7"
        FakeProver.started.append(self)

    def prove(self, candidates: Sequence[Candidate], *, on_step: Callable[[str, int, int], None]) -> Iterator[Proof]:
        self.asked.append([(each.finding.code, each.finding.function) for each in candidates])
        for done, candidate in enumerate(candidates):
            on_step("trying", done, len(candidates))
            if FakeProver.fault:
                raise FakeProver.fault
            finding = candidate.finding
            rewrite = rewritten(candidate.source, finding, BY_CODE[finding.code])
            verdict = self.verdicts.get(finding.code, FASTER)
            improvement = f"{finding.code}-{len(self.asked)}-{done}"
            subject = Subject(finding.code, "rule", self.history.path_of(candidate.path), rewrite.function, 1)
            evidence = {"threshold": 1.05, **verdict.as_json()}
            facts = {"code": finding.code, "function": rewrite.function, **evidence}
            ProofStore(self.history.folder.parent).keep(improvement, facts, candidate.source, rewrite)
            with self.history.writing() as writing:
                settle(writing, improvement, subject, verdict, evidence)
            sure = confidence(evidence)
            yield Proof(candidate, rewrite, verdict, improvement, "--- a\n+++ b\n-old\n+new\n", sure)

    @property
    def kept(self) -> list[tuple[str, Path, bytes, bytes]]:
        """What was applied, with the texts before and after that the history has."""
        texts = self.history.texts
        return [
            (record.improvement, self.root / change.path, texts.read(change.before), texts.read(change.after))
            for record in self.history.records()
            if record.step == "applied"
            for change in record.changes
        ]

    def compare(self, path: Path, old: bytes, new: bytes, function: str) -> Proof:
        self.asked.append([("", function)])
        finding = FakeProver.finding_in(old, function)
        return Proof(Candidate(path, old, finding), None, self.verdicts.get("", FASTER), "id", f"{new!r}")

    @staticmethod
    def finding_in(old: bytes, function: str) -> Any:
        from whetstone_knowledge import Finding, Span

        at = old.index(f"def {function.rpartition('.')[2]}".encode())
        return Finding("", Span(at, at + 3), "", "low", 0, "proof-needed", function, Span(at, at + 3))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def provers(monkeypatch) -> list[FakeProver]:
    monkeypatch.setattr("whetstone_server.cli.proving.Prover", FakeProver)
    monkeypatch.setattr(FakeProver, "verdicts", {}, raising=False)
    monkeypatch.setattr(FakeProver, "started", [], raising=False)
    monkeypatch.setattr(FakeProver, "fault", None, raising=False)
    return FakeProver.started


def test_nothing_to_prove_starts_nothing(whetstone, provers):
    done = whetstone("prove", "shop/clean.py")
    assert (done.status, provers) == (0, [])
    assert done.out.startswith("Nothing to prove")
    document = whetstone("prove", "shop/clean.py", "--format", "json").json
    assert (document["verdicts"], document["python"], document["sandbox"]) == ([], None, None)


def test_json_is_the_contract(whetstone):
    done = whetstone("prove", "shop", "--format", "json")
    assert done.status == 0
    assert {"version", "python", "sandbox", "seconds", "verdicts"} <= set(done.json)
    assert (done.json["version"], done.json["python"], done.json["sandbox"]) == (1, "3.11.7", "bubblewrap")
    first, second = done.json["verdicts"]
    assert set(first) >= FIELDS
    assert (first["code"], first["rule"], first["path"], first["line"], first["function"]) == (
        "WP101",
        "string-built-in-loop",
        "shop/slow.py",
        4,
        "joined",
    )
    assert first["speedup"] == {"estimate": 12.3, "low": 11.8, "high": 12.9, "confidence": 0.95}
    assert first["workload"]["sources"] == ["recorded-calls", "generated"]
    assert 0.8 < first["confidence"] < 1
    assert (second["code"], second["function"], second["applied"]) == ("WP105", "Prices.cheapest", False)


def test_a_proof_that_said_no_is_status_1(whetstone):
    FakeProver.verdicts = {"WP105": SLOWER}
    assert whetstone("prove", "shop").status == 1


def test_a_person_reads_what_supports_the_answer(whetstone):
    out = whetstone("prove", "shop/slow.py:4").out
    assert out.startswith("shop/slow.py:4  WP101 string-built-in-loop  in joined\n  faster  12.3")
    for words in (
        str(FASTER.speedup),
        "compared on 40 inputs (recorded calls, generated ones); 7 calls seen in tests; 3 tests passed with it",
        "by size: 10 items 1.1",
        "never reached: lines 4, 7-9",
        "confidence 0.8",
        "; what speaks least for it: ",
        "1 faster. Python 3.11.7 in bubblewrap",
    ):
        assert words in out
    assert "+new" not in out


def test_a_person_reads_where_it_differs_and_the_terminal_is_not_steered(whetstone):
    FakeProver.verdicts = {"WP101": BROKEN}
    done = whetstone("prove", "shop/slow.py:4", "--diff")
    assert done.status == 1
    assert "smaller one like it:\n    input   joined(['\\x1b[2J'])\n    before  'a'\n    after   'b'\n" in done.out
    assert "  +new\n" in done.out
    assert "\x1b" not in done.out


def test_a_person_reads_nothing_twice(whetstone):
    unlike = Counterexample("joined({})", "''", "raises TypeError", "grown-beyond")
    gain = Speedup(12.3, 11.8, 12.9)
    FakeProver.verdicts = {
        "WP101": Verdict("faster", f"Equal: {gain}; assumes no call like joined({{}})", gain, assumptions=(unlike,))
    }
    out = whetstone("prove", "shop/slow.py:4").out
    assert f"  faster  {gain}\n  Equal\n" in out
    assert out.count("joined({})") == 1


def test_a_loss_is_not_shown_beside_the_gain_it_outweighs(whetstone):
    FakeProver.verdicts = {"WP101": Verdict("slower", "12.3× usually, but 0.8× at 9 items", Speedup(12.3, 11.8, 12.9))}
    assert "  slower\n  12.3× usually" in whetstone("prove", "shop/slow.py:4").out


def test_of_a_long_input_the_beginning_and_the_end_are_shown(whetstone):
    long = Counterexample(f"joined([{'0, ' * 500}'last'])", "1", "2", "recorded")
    FakeProver.verdicts = {"WP101": Verdict("broken", "They differ.", counterexample=long)}
    (line,) = (line for line in whetstone("prove", "shop/slow.py:4").out.splitlines() if "  input  " in line)
    assert len(line) < 180
    assert line.startswith("    input   joined([0, ")
    assert line.endswith("'last'])")


@pytest.mark.parametrize(
    ("target", "asked"),
    [
        ("shop/slow.py:4", [("WP101", "joined")]),
        ("shop/slow.py:1", [("WP101", "joined")]),
        ("shop/slow.py:9", [("WP105", "Prices.cheapest")]),
        ("shop/slow.py", [("WP101", "joined"), ("WP105", "Prices.cheapest")]),
    ],
)
def test_a_line_means_what_is_on_it_or_the_function_around_it(whetstone, provers, target, asked):
    whetstone("prove", target)
    assert provers[0].asked == [asked]


def test_a_line_with_nothing_around_it_means_nothing(whetstone, provers):
    assert whetstone("prove", "shop/slow.py:6").status == 0
    assert provers == []


def test_the_prover_is_asked_as_the_options_say(whetstone, provers, folder):
    (folder / "pyproject.toml").write_text("[tool.whetstone]\nbudget = 3\nthreshold = 1.2\njobs = 2\n")
    (folder / "python").symlink_to("/usr/bin/env")
    whetstone("prove", "shop", "--workload", "pytest -q 'my tests'", "--python", "./python", "--sandbox", "docker")
    (prover,) = provers
    assert prover.root == folder
    assert prover.options == {
        "python": folder / "python",
        "sandbox": "docker",
        "workload": ("pytest", "-q", "my tests"),
        "budget": 3.0,
        "jobs": 2,
        "threshold": 1.2,
    }
    assert prover.closed


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--python", "./nowhere"], "there is no interpreter ./nowhere; name one with --python"),
        (["--python", "shop/clean.py"], "cannot be executed"),
        (["--workload", "pytest 'q"], 'the workload "pytest \'q" cannot be read'),
        (["--workload", " "], "the workload is empty"),
    ],
)
def test_a_workload_or_interpreter_that_cannot_be_used_is_status_2(whetstone, provers, options, sentence):
    done = whetstone("prove", "shop", *options)
    assert (done.status, done.out, provers) == (2, "", [])
    assert sentence in done.err
    assert done.err.count("\n") == 1


def test_no_sandbox_is_status_2_and_nothing_on_stdout(whetstone):
    FakeProver.fault = NoSandbox("no sandbox works here; install bubblewrap")
    done = whetstone("prove", "shop", "--format", "json")
    assert done == (2, "", "whetstone: no sandbox works here; install bubblewrap\n")


def test_ctrl_c_takes_the_sandbox_down(whetstone, provers):
    FakeProver.fault = KeyboardInterrupt()
    assert whetstone("prove", "shop", "--apply") == (130, "", "")
    assert provers[0].closed


def test_each_project_has_its_own_prover(whetstone, provers, folder):
    (folder / "other").mkdir()
    (folder / "other" / "setup.py").touch()
    (folder / "shop" / "slow.py").rename(folder / "other" / "slow.py")
    (folder / "slow.py").write_bytes((folder / "other" / "slow.py").read_bytes())
    whetstone("prove", ".")
    assert {prover.root for prover in provers} == {folder, folder / "other"}


def test_without_apply_no_file_is_touched(whetstone, folder, provers):
    before = (folder / "shop" / "slow.py").read_bytes()
    whetstone("prove", "shop", "--diff")
    assert (folder / "shop" / "slow.py").read_bytes() == before
    assert provers[0].kept == []


def test_only_what_was_proven_faster_is_applied(whetstone, folder, provers):
    FakeProver.verdicts = {"WP101": SLOWER}
    before = (folder / "shop" / "slow.py").read_text()
    done = whetstone("prove", "shop", "--apply", "--format", "json")
    assert done.status == 1
    after = (folder / "shop" / "slow.py").read_text()
    assert after == before.replace("sorted(prices)[0]", "min(prices)")
    assert [(each["code"], each["applied"]) for each in done.json["verdicts"]] == [("WP101", False), ("WP105", True)]
    assert provers[0].kept == [("WP105-1-1", folder / "shop" / "slow.py", before.encode(), after.encode())]


def test_different_functions_are_applied_together(whetstone, folder, provers):
    done = whetstone("prove", "shop", "--apply")
    assert done.status == 0
    assert len(provers[0].asked) == 1
    text = (folder / "shop" / "slow.py").read_text()
    assert "join(" in text
    assert "min(prices)" in text
    assert "Applied WP101 to joined in shop/slow.py.\nApplied WP105 to Prices.cheapest in shop/slow.py.\n" in done.out


def committed(folder, monkeypatch):
    """Put the project into a repository."""
    return Work(folder, "notes.txt", b"", monkeypatch)


def test_what_is_applied_is_committed_with_its_evidence(whetstone, folder, provers, monkeypatch):
    work = committed(folder, monkeypatch)
    (folder / "unrelated.txt").touch()
    done = whetstone("prove", "shop", "--apply", "--commit")
    assert done.status == 0
    assert f"Committed as {work.git('rev-parse', '--short', 'HEAD')}.\n" in done.out
    assert work.git("show", "--name-only", "--format=%s", "HEAD").splitlines() == [
        "Make 2 functions faster, as proven, in shop/slow.py",
        "",
        "shop/slow.py",
    ]
    trailers = work.git("show", "-s", "--format=%(trailers)", "HEAD")
    assert (
        "Whetstone-Improvement: WP101-1-0\nWhetstone-Rule: WP101 rule\nWhetstone-Speedup: 12.3× (11.8–12.9)" in trailers
    )


def test_a_file_with_changes_of_its_own_is_neither_applied_nor_committed(whetstone, folder, provers, monkeypatch):
    work = committed(folder, monkeypatch)
    (folder / "shop" / "slow.py").write_text(TWICE)
    done = whetstone("prove", "shop", "--apply", "--commit")
    assert done.status == 2
    assert "slow.py has changes of its own; commit or stash them first, or leave out --commit" in done.err
    assert (folder / "shop" / "slow.py").read_text() == TWICE
    assert work.git("log", "--format=%s") == "Begin"


def test_only_what_the_policy_allows_is_applied_by_itself(whetstone, folder, provers):
    FakeProver.verdicts = {"WP105": replace(FASTER, workload=Workload(("generated",), distinct_inputs=40))}
    done = whetstone("prove", "shop", "--auto-apply", "--format", "json")
    assert done.status == 0
    assert [(each["code"], each["applied"]) for each in done.json["verdicts"]] == [("WP101", True), ("WP105", False)]
    text = (folder / "shop" / "slow.py").read_text()
    assert ("join(" in text, "sorted(prices)[0]" in text) == (True, True)
    assert "whetstone: Prices.cheapest of shop/slow.py was left alone: confidence 0.5" in done.err
    (record,) = (each for each in provers[0].history.records() if each.step == "applied")
    assert record.actor.kind == "policy"
    assert whetstone("prove", "shop", "--auto-apply", "--apply").status == 2


def test_what_is_applied_by_itself_can_be_committed(whetstone, folder, provers, monkeypatch):
    work = committed(folder, monkeypatch)
    done = whetstone("prove", "shop", "--auto-apply", "--gain", "0.5", "--confidence", "0.7", "--commit")
    assert f"Committed as {work.git('rev-parse', '--short', 'HEAD')}.\n" in done.out
    assert work.git("status", "--porcelain") == ""
    done = whetstone("prove", "shop", "--apply", "--commit", "--format", "json")
    assert done.json["commits"] == [work.git("rev-parse", "--short", "HEAD")]


def test_commit_without_apply_has_nothing_to_commit(whetstone, provers):
    done = whetstone("prove", "shop", "--commit")
    assert (done.status, provers) == (2, [])
    assert "--commit only goes with --apply" in done.err


TWICE = """\
def ends(prices):
    low = sorted(prices)[0]
    high = sorted(prices)[-1]
    return low, high
"""


def test_rewrites_of_one_function_are_proven_one_after_the_other(whetstone, folder, provers):
    """The second is found and proven again in the text that the first has left."""
    (folder / "shop" / "slow.py").write_text(TWICE)
    done = whetstone("prove", "shop", "--apply", "--format", "json")
    assert done.status == 0
    assert (folder / "shop" / "slow.py").read_text() == TWICE.replace("sorted(prices)[0]", "min(prices)").replace(
        "sorted(prices)[-1]", "max(prices)"
    )
    assert [len(asked) for asked in provers[0].asked] == [2, 1]
    assert [each["applied"] for each in done.json["verdicts"]] == [True, True]
    (_, _, _, between), (_, _, again, _) = provers[0].kept
    assert between == again


def test_a_file_that_changed_in_the_meantime_is_said_and_the_others_go_on(whetstone, folder, provers, monkeypatch):
    (folder / "shop" / "other.py").write_text(TWICE)
    prove = FakeProver.prove

    def meddling(self: FakeProver, *arguments: Any, **options: Any) -> Iterator[Proof]:
        yield from prove(self, *arguments, **options)
        slow = folder / "shop" / "slow.py"
        slow.write_text(slow.read_text() + "# by hand\n")

    monkeypatch.setattr(FakeProver, "prove", meddling)
    done = whetstone("prove", "shop", "--apply", "--format", "json")
    assert done.status == 2
    assert "slow.py has changed since its rewrite was proven, so it was left alone; prove it again\n" in done.err
    assert "sorted" in (folder / "shop" / "slow.py").read_text()
    assert "sorted" not in (folder / "shop" / "other.py").read_text()
    applied = {each["path"]: each["applied"] for each in done.json["verdicts"]}
    assert applied == {"shop/slow.py": False, "shop/other.py": True}


def test_a_file_that_cannot_be_read_is_said_and_the_rest_goes_on(whetstone, folder):
    (folder / "shop" / "odd.py").write_bytes(b"name = '\xff'\n")
    done = whetstone("prove", "shop", "--format", "json")
    assert done.status == 0
    assert [error["path"] for error in done.json["errors"]] == ["shop/odd.py"]
    assert done.err.startswith("whetstone: shop/odd.py: ")


def test_a_file_that_went_away_after_it_was_searched_is_said_and_the_others_go_on(whetstone, folder, monkeypatch):
    (folder / "shop" / "other.py").write_text(TWICE)
    from whetstone_server.cli import search

    scan = search.scan

    def scan_and_lose(*arguments: Any, **options: Any) -> Iterator[Any]:
        yield from list(scan(*arguments, **options))
        (folder / "shop" / "slow.py").unlink()

    monkeypatch.setattr(search, "scan", scan_and_lose)
    done = whetstone("prove", "shop", "--format", "json")
    assert done.status == 2
    assert "slow.py cannot be read: No such file or directory\n" in done.err
    assert {each["path"] for each in done.json["verdicts"]} == {"shop/other.py"}


def test_a_finding_that_a_scan_remembers_wrongly_is_found_again_in_the_text(whetstone, folder, provers, monkeypatch):
    from whetstone_server.cli import search

    scan = search.scan

    def scan_and_edit(*arguments: Any, **options: Any) -> Iterator[Any]:
        yield from list(scan(*arguments, **options))
        (folder / "shop" / "slow.py").write_text(f"# moved\n{(folder / 'shop' / 'slow.py').read_text()}")

    monkeypatch.setattr(search, "scan", scan_and_edit)
    done = whetstone("prove", "shop")
    assert (done.status, provers) == (0, [])


def test_compare_gives_one_verdict(whetstone, folder, provers):
    (folder / "new.py").write_text("def joined(rows):\n    return ''.join(rows)\n")
    done = whetstone("compare", "shop/slow.py", "new.py", "--function", "joined", "--budget", "2", "--format", "json")
    assert done.status == 0
    (verdict,) = done.json["verdicts"]
    assert set(verdict) >= FIELDS
    assert (verdict["code"], verdict["rule"], verdict["path"], verdict["line"]) == (None, None, "shop/slow.py", 1)
    assert (provers[0].root, provers[0].options["budget"], provers[0].closed) == (folder, 2.0, True)


def test_compare_shows_a_method_and_says_no_with_status_1(whetstone, folder):
    FakeProver.verdicts = {"": BROKEN}
    done = whetstone("compare", "shop/slow.py", "shop/slow.py", "--function", "Prices.cheapest")
    assert done.status == 1
    assert done.out.startswith("shop/slow.py:9  in Prices.cheapest\n  broken\n  compared on 2 inputs")


@pytest.mark.parametrize(
    ("new", "function", "sentence"),
    [
        ("nowhere.py", "joined", "nowhere.py cannot be read: No such file or directory"),
        ("shop", "joined", "shop cannot be read: Is a directory"),
        ("broken.py", "joined", "broken.py does not parse"),
        ("odd.py", "joined", "odd.py cannot be read: it is not text in utf-8"),
        ("shop/clean.py", "joined", "shop/clean.py has no function joined; there is double"),
        ("shop/slow.py", "cheapest", "shop/slow.py has no function cheapest; there is Prices.cheapest"),
        ("shop/slow.py", "Prices", "shop/slow.py has no function Prices; there is joined, Prices.cheapest"),
    ],
)
def test_compare_says_what_is_wrong_with_its_files(whetstone, folder, new, function, sentence):
    (folder / "broken.py").write_text("def joined(:\n")
    (folder / "odd.py").write_bytes(b"name = '\xff'\n")
    done = whetstone("compare", "shop/slow.py", new, "--function", function)
    assert (done.status, done.out, FakeProver.started) == (2, "", [])
    assert done.err.startswith(f"whetstone: {sentence}")
    assert done.err.count("\n") == 1


def test_progress_is_shown_to_somebody_who_watches_and_only_to_them(whetstone, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    done = whetstone("prove", "shop", "--format", "json")
    assert "trying" in done.err
    assert len(done.json["verdicts"]) == 2


def test_progress_is_silent_where_nobody_watches(whetstone):
    done = whetstone("prove", "shop")
    assert done.err == ""
    assert json.loads(whetstone("prove", "shop", "--format", "json").out)
