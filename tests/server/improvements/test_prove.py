"""The prover around its trials: interpreters, sandboxes that die, cancelling, closing, keeping."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from whetstone_knowledge.rules import PYTHON_BY_CODE
from whetstone_knowledge.rules.python.string_built_in_loop import StringBuiltInLoop
from whetstone_knowledge.syntax import find
from whetstone_server.errors import InputError, SandboxDied, SandboxError
from whetstone_server.improvements.prove import Candidate, Proof, Prover
from whetstone_server.sandbox.resident import ResidentSession

if TYPE_CHECKING:
    from whetstone_knowledge.rewriting import Scene

FUNCTION = """
def {name}(words):
    text = ""
    for word in words:
        text += word
    return text
"""
ENDLESS = "\n\ndef test_endless():\n    while True:\n        pass\n"


class Wrong(StringBuiltInLoop):
    """The same finding, with a rewrite that is found out at once: for stories in which time is not the point."""

    def mend(self, scene: Scene) -> None:
        scene.insert_after(scene.loop("loop"), scene.parse('text += "!"'))


@pytest.fixture(autouse=True)
def _wrong(home: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PYTHON_BY_CODE, "WP101", Wrong())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "shop.py").write_text("".join(FUNCTION.format(name=name) for name in ("first", "second", "third")))
    return folder


@pytest.fixture
def candidates(root: Path) -> list[Candidate]:
    source = (root / "shop.py").read_bytes()
    return [Candidate(root / "shop.py", source, finding) for finding in find(source)]


@pytest.fixture
def prover(root: Path, engine_name: str) -> Prover:
    return Prover(root, sandbox=engine_name, budget=4, python=Path(sys.executable))


# ---- interpreters


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("nowhere", None, "there is no Python at"),
        ("python", b"what is this?", "is not a program of this machine"),
        ("python", b"MZ\x90\x00", "is not a program of this machine"),
        ("python", b"#!/bin/sh\n", "is a script"),
        ("python2.7", b"\x7fELF" + bytes(60), "proving needs 3.8 or newer"),
    ],
)
def test_an_interpreter_that_cannot_be_used_is_said_so(*, root, engine_name, candidates, tmp_path, name, content, said):
    python = tmp_path / "bin" / name
    python.parent.mkdir()
    if content is not None:
        python.write_bytes(content)
    with Prover(root, sandbox=engine_name, python=python) as prover, pytest.raises(InputError, match=said):
        list(prover.prove(candidates))


def test_an_interpreter_of_another_machine_is_said_so(root, engine_name, candidates, tmp_path):
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_bytes(b"\x7fELF" + bytes(60))
    python.chmod(0o755)
    with Prover(root, sandbox=engine_name, python=python) as prover, pytest.raises(SandboxError, match="did not start"):
        list(prover.prove(candidates))


# ---- sandboxes that die


def test_a_sandbox_that_is_killed_costs_one_verdict(prover, candidates, monkeypatch):
    """The candidate that was being tried is not tried; the next one gets a sandbox of its own."""
    killed = []
    original = ResidentSession.run

    def run(session, job, arguments, *, timeout):
        if job == "whetstone_behaviour" and not killed:
            killed.append(session)
            session._wire.cut()
        return original(session, job, arguments, timeout=timeout)

    monkeypatch.setattr(ResidentSession, "run", run)
    with prover:
        first, *others = prover.prove(candidates)
    assert first.verdict.answer == "not-tried"
    assert "the sandbox went away during the trial" in first.verdict.reason
    assert [proof.verdict.answer for proof in others] == ["broken", "broken"]


def test_a_sandbox_that_is_killed_by_the_tests_costs_the_recording(prover, candidates, monkeypatch):
    original = ResidentSession.run

    def run(session, job, arguments, *, timeout):
        if job == "whetstone_record":
            session._wire.cut()
        return original(session, job, arguments, timeout=timeout)

    monkeypatch.setattr(ResidentSession, "run", run)
    with prover:
        (proof,) = prover.prove(candidates[:1])
    assert proof.verdict.answer == "broken"
    assert "The tests took the sandbox down" in proof.verdict.reason


# ---- cancelling and closing


def test_cancelling_ends_a_recording_that_hangs(prover, candidates, root):
    (root / "test_shop.py").write_text(f"from shop import first{ENDLESS}")
    began = time.monotonic()
    told = threading.Event()
    with prover, pytest.raises(SandboxDied, match="closed"):
        list(prover.prove(candidates, on_step=lambda *_: told.set(), cancelled=told.is_set))
    assert time.monotonic() - began < 20


def test_cancelling_between_trials_ends_the_proofs(prover, candidates):
    seen: list[Proof] = []
    with prover:
        for proof in prover.prove(candidates, cancelled=lambda: bool(seen)):
            seen.append(proof)  # noqa: PERF402 -- `cancelled` looks at it meanwhile
    assert len(seen) < len(candidates)


def test_closing_from_another_thread_ends_a_proof(prover, candidates, root):
    (root / "test_shop.py").write_text(f"from shop import first{ENDLESS}")
    ended: list[BaseException] = []
    recording = threading.Event()

    def proves() -> None:
        with pytest.raises(SandboxDied, match="closed") as caught:
            list(prover.prove(candidates, on_step=lambda *_: recording.set()))
        ended.append(caught.value)

    proving = threading.Thread(target=proves)
    proving.start()
    assert recording.wait(20)
    assert prover.engine
    prover.close()
    prover.close()
    proving.join(20)
    assert ended
    with pytest.raises(SandboxDied, match="closed"):
        _ = prover.engine


# ---- keeping


def test_how_sure_it_is_is_kept_with_what_it_was_founded_on(root, engine_name, candidates):
    with Prover(root, sandbox=engine_name, budget=4, python=Path(sys.executable)) as prover:
        (proof,) = prover.prove(candidates[:1])
        evidence = prover.history.improvement(proof.improvement).evidence
    assert proof.confidence
    assert evidence["confidence"] == round(proof.confidence.value, 3)
    assert [part["sentence"] for part in evidence["confidence_parts"]] == [
        part.sentence for part in proof.confidence.parts
    ]


@pytest.mark.parametrize("place", ["/proc/nowhere", "{file}/below"])
def test_a_store_that_cannot_be_written_takes_nothing_from_the_verdict(
    *, root, engine_name, candidates, tmp_path, monkeypatch, place
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("WHETSTONE_HOME", place.format(file=tmp_path / "file"))
    with Prover(root, sandbox=engine_name, budget=4, python=Path(sys.executable)) as prover:
        (proof,) = prover.prove(candidates[:1])
    assert proof.verdict.answer == "broken"
    assert proof.improvement is None
    assert proof.diff
