"""Trials of functions of every kind: each ends in a verdict, or in a sentence that says why there is none."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from whetstone_knowledge.rules import PYTHON_BY_CODE
from whetstone_knowledge.rules.python.string_built_in_loop import StringBuiltInLoop
from whetstone_knowledge.syntax import find
from whetstone_server.improvements.prove import Candidate, Proof, Prover
from whetstone_server.sandbox import trial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from whetstone_knowledge.rewriting import Scene

ZOO = '''
"""Functions of every kind, each with the same slow loop."""

import asyncio
import functools
import os
import random
import threading
import time
from contextlib import contextmanager

SEEN = []


def _twice(function):
    @functools.wraps(function)
    def called(*args):
        function(*args)
        return function(*args)

    return called


def locked(lock, words: list[str]):
    text = ""
    for word in words:
        text += word
    with lock:
        return text


def from_file(file):
    text = ""
    for line in file:
        text += line
    return text


def generated(words: list[str]):
    text = ""
    for word in words:
        text += word
    yield text
    yield len(text)


async def awaited(words: list[str]):
    text = ""
    for word in words:
        text += word
    await asyncio.sleep(0)
    return text


async def streamed(words: list[str]):
    text = ""
    for word in words:
        text += word
    yield text


class Shelf:
    mark = "-"

    def __init__(self, words):
        self.words = words

    def plain(self):
        text = ""
        for word in self.words:
            text += word
        return text

    @staticmethod
    def static(words: list[str]):
        text = ""
        for word in words:
            text += word
        return text

    @classmethod
    def classy(cls, words: list[str]):
        text = ""
        for word in words:
            text += word
        return cls.mark + text

    @property
    def label(self):
        text = ""
        for word in self.words:
            text += word
        return text


def nested(words: list[str]):
    def inner(more: list[str]):
        text = ""
        for word in more:
            text += word
        return text

    return inner(words)


def closing(mark: str):
    def closed(words: list[str]):
        text = ""
        for word in words:
            text += word
        return mark + text

    return closed


@functools.lru_cache(maxsize=None)
def cached(words: tuple[str, ...]):
    text = ""
    for word in words:
        text += word
    return text


@contextmanager
def held(words: list[str]):
    text = ""
    for word in words:
        text += word
    yield text


@_twice
def doubled(words: list[str]):
    text = ""
    for word in words:
        text += word
    return text


def remembering(words: list[str]):
    text = ""
    for word in words:
        text += word
    SEEN.append(text)
    return len(SEEN)


def stamped(words: list[str]):
    text = ""
    for word in words:
        text += word
    return text + str(time.time())


def diced(words: list[str]):
    text = ""
    for word in words:
        text += word
    return text + str(random.random())


def identified(words: list[str]):
    text = ""
    for word in words:
        text += word
    return text + str(id(object()))


def surrounded(words: list[str]):
    text = ""
    for word in words:
        text += word
    return text + str(os.getpid()) + os.environ.get("HOME", "")


def writing(words: list[str]):
    text = ""
    for word in words:
        text += word
    with open("/tmp/zoo.txt", "w") as file:
        file.write(text)
    return text


def sleeping(words: list[str]):
    text = ""
    for word in words:
        text += word
    time.sleep(0.002)
    return text


def threaded(words: list[str]):
    text = ""
    for word in words:
        text += word
    done = []
    thread = threading.Thread(target=done.append, args=(text,))
    thread.start()
    thread.join()
    return done


def deep(words: list[str], depth: int):
    text = ""
    for word in words:
        text += word
    return text if depth <= 0 else deep(words, depth - 1)


def endless(words: list[str], stop: str):
    text = ""
    for word in words:
        text += word
    while stop not in text:
        pass
    return text


def leaving(words: list[str]):
    text = ""
    for word in words:
        text += word
    if "" in words:
        os._exit(3)
    return text


def never_called(thing):
    text = ""
    for word in thing.words():
        text += word
    return text


def always_raising(words: list[str]):
    text = ""
    for word in words:
        text += word
    raise RuntimeError(text)
'''

TESTS = """
import asyncio
import threading

import pytest
from shop import zoo

WORDS = ["a", "bc", "", "d"] * 8
PLAIN = [
    zoo.nested, zoo.doubled, zoo.remembering, zoo.stamped, zoo.diced, zoo.identified, zoo.surrounded, zoo.writing,
    zoo.sleeping, zoo.threaded,
]


@pytest.mark.parametrize("function", PLAIN)
def test_plain(function):
    assert function(WORDS)


def test_arguments_nobody_can_copy():
    assert zoo.locked(threading.Lock(), WORDS)


def test_an_open_file(tmp_path):
    (tmp_path / "file").write_text("a\\nb\\n")
    with open(tmp_path / "file") as file:
        assert zoo.from_file(file) == "a\\nb\\n"


def test_pausing():
    async def all_of():
        return [text async for text in zoo.streamed(WORDS)]

    assert list(zoo.generated(WORDS))
    assert asyncio.run(zoo.awaited(WORDS))
    assert asyncio.run(all_of())
    with zoo.held(WORDS) as text:
        assert text


def test_methods():
    shelf = zoo.Shelf(WORDS)
    assert shelf.plain() == shelf.label == shelf.static(WORDS)
    assert shelf.classy(WORDS)


def test_others():
    assert zoo.closing("-")(WORDS) and zoo.cached(tuple(WORDS)) and zoo.deep(WORDS, 3) and zoo.endless(WORDS, "a")
    assert zoo.leaving(["a", "b"])
    with pytest.raises(RuntimeError):
        zoo.always_raising(WORDS)
"""


class Wrong(StringBuiltInLoop):
    """The same finding, with a rewrite that is no rewrite."""

    def mend(self, scene: Scene) -> None:
        scene.insert_after(scene.loop("loop"), scene.parse('text += "!"'))


@pytest.fixture(scope="module")
def project(home: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("zoo")
    (root / "shop").mkdir()
    (root / "shop" / "__init__.py").touch()
    (root / "shop" / "zoo.py").write_text(ZOO)
    (root / "test_zoo.py").write_text(dedent(TESTS))
    return root


@pytest.fixture(scope="module")
def refuted(project: Path, engine_name: str) -> dict[str, Proof]:
    """What a wrong rewrite of every function came to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PYTHON_BY_CODE, "WP101", Wrong())
        return dict(_proofs(project, engine_name))


@pytest.fixture(scope="module")
def measured(project: Path, engine_name: str) -> dict[str, Proof]:
    """What the right rewrite of a few of them came to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trial, "PROCESSES", 1)
        patch.setattr(trial, "SECONDS_PER_PROCESS", 0.05)
        patch.setattr(trial, "SECONDS_PER_SIZE", 0.02)
        return dict(_proofs(project, engine_name, *MEASURED))


def _proofs(root: Path, engine_name: str, *names: str, budget: float = 1) -> Iterator[tuple[str, Proof]]:
    path = root / "shop" / "zoo.py"
    source = path.read_bytes()
    findings = [each for each in find(source) if (each.function in names if names else each.function != "from_file")]
    with Prover(root, sandbox=engine_name, budget=budget, jobs=2) as prover:
        for proof in prover.prove([Candidate(path, source, finding) for finding in findings]):
            yield str(proof.candidate.finding.function), proof


REFUTED = [
    "generated",
    "awaited",
    "streamed",
    "Shelf.plain",
    "Shelf.static",
    "Shelf.classy",
    "Shelf.label",
    "nested",
    "cached",
    "held",
    "doubled",
    "remembering",
    "sleeping",
    "threaded",
    "deep",
    "endless",
    "leaving",
    "always_raising",
]
MEASURED = ["awaited", "Shelf.label", "sleeping"]
REASONS = {
    "locked": ("not-exercised", "its calls could not be copied: a lock"),
    "stamped": ("not-tried", "differs from itself"),
    "diced": ("not-tried", "differs from itself"),
    "identified": ("not-tried", "differs from itself"),
    "surrounded": ("not-tried", "differs from itself"),
    "writing": ("not-tried", "writes files"),
    "never_called": ("not-exercised", "add a test"),
    "closing": ("not-tried", "function"),
}


@pytest.mark.parametrize("name", REFUTED)
def test_a_wrong_rewrite_is_found_out(refuted, name):
    verdict = refuted[name].verdict
    assert verdict.answer == "broken", verdict.reason
    assert verdict.counterexample is not None
    assert verdict.counterexample.before != verdict.counterexample.after


@pytest.mark.parametrize("name", REASONS)
def test_what_cannot_be_tried_says_why(refuted, name):
    answer, reason = REASONS[name]
    assert refuted[name].verdict.answer == answer
    assert reason in refuted[name].verdict.reason


@pytest.mark.parametrize("name", MEASURED)
def test_a_right_rewrite_is_measured(measured, name):
    verdict = measured[name].verdict
    assert verdict.answer in {"faster", "no-difference", "slower"}, verdict.reason
    assert verdict.speedup is not None
    assert verdict.workload.sources[:2] == ("recorded-calls", "tests")


def test_code_that_waits_is_timed_on_the_wall(measured):
    assert "by the clock on the wall" in measured["sleeping"].verdict.reason


def test_arguments_are_made_where_those_of_the_tests_cannot_be_copied(project, engine_name, monkeypatch):
    monkeypatch.setitem(PYTHON_BY_CODE, "WP101", Wrong())
    ((_, proof),) = _proofs(project, engine_name, "from_file", budget=4)
    assert proof.verdict.answer == "broken", proof.verdict.reason
    assert proof.verdict.workload.sources == ("generated",)


def test_every_function_has_a_verdict(refuted):
    assert set(refuted) == {*REFUTED, *REASONS}
