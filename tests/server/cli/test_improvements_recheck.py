"""`whetstone improvements recheck`: what is said, what is rolled back, and what the exit status says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import pytest

from tests.server.improvements.test_policy import SOURCE
from tests.server.improvements.test_recheck import TESTS, FakeJudge, applied
from whetstone_server.improvements.history import History

if TYPE_CHECKING:
    from pathlib import Path


class Provers:
    """Makes a judge instead of a prover, and remembers what it was asked to be."""

    def __init__(self, history: History) -> None:
        self.judge = FakeJudge(history)
        self.options: list[dict[str, Any]] = []

    def __call__(self, root: Path, **options: Any) -> Self:
        self.options.append({"root": root, **options})
        return self

    def __enter__(self) -> FakeJudge:
        return self.judge

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def history(folder: Path) -> History:
    (folder / "prices.py").write_text(SOURCE)
    return History(folder)


@pytest.fixture
def provers(history, monkeypatch) -> Provers:
    found = Provers(history)
    monkeypatch.setattr("whetstone_server.cli.proving.Prover", found)
    return found


def test_what_holds_is_status_0(whetstone, history, provers):
    one = applied(history)
    provers.judge.python_version = "3.14.0"
    done = whetstone("improvements", "recheck", "--all", "--workload", "pytest -q")
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines() == [
        f"{one.id}  holds  WP105 sorted-for-one-end  in cheapest of prices.py",
        "  equal and faster",
        "  5.00× (4.80–5.20) when it was proven, 5.00× (4.80–5.20) now",
        "  on Python 3.14.0; it was proven on 3.11.7",
        "1 holds.",
    ]
    assert provers.options[0]["workload"] == ("pytest", "-q")


def test_what_has_regressed_is_status_1_and_left_alone(whetstone, history, provers, folder):
    one = applied(history)
    before = (folder / "prices.py").read_bytes()
    provers.judge.fails = lambda text, _test: b"min(prices)" in text
    done = whetstone("improvements", "recheck", one.id[:6])
    assert done.status == 1
    assert f"{TESTS[0]} and 1 more passed when it was proven, and now fail with it and pass without it" in done.out
    assert f"take it back: whetstone improvements rollback {one.id}" in done.out
    assert (folder / "prices.py").read_bytes() == before


def test_it_is_rolled_back_when_that_was_asked_for_and_told_as_json(whetstone, history, provers, folder):
    one = applied(history)
    provers.judge.fails = lambda text, _test: b"min(prices)" in text
    done = whetstone("improvements", "recheck", "--all", "--rollback", "--format", "json")
    (found,) = done.json["improvements"]
    assert (done.status, done.json["version"]) == (1, 1)
    assert (found["id"], found["status"], found["outcome"], found["rolled_back"]) == (
        one.id,
        "rolled-back",
        "regressed",
        True,
    )
    assert found["failing"] == TESTS
    assert (folder / "prices.py").read_text() == SOURCE
    shown = whetstone("improvements", "show", one.id, "--format", "json").json["improvement"]
    assert shown["steps"][-1]["evidence"]["outcome"] == "regressed"
    assert "evidence" not in shown["steps"][0]


def test_a_rollback_that_is_stood_against_is_status_2(whetstone, history, provers, folder, monkeypatch):
    applied(history)

    def edited(text: bytes, _test: str) -> bool:
        path = folder / "prices.py"
        path.write_text(path.read_text().replace("min(prices)", "min(prices, default=0)"))
        return b"min(prices)" in text

    provers.judge.fails = edited
    done = whetstone("improvements", "recheck", "--all", "--rollback")
    assert done.status == 2
    assert "was not rolled back, and nothing was written" in done.out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "name the improvements to look at again, or say --all"),
        (["--all", "abc"], "name the improvements to look at again, or say --all"),
        (["abc"], "there is no improvement abc"),
    ],
)
def test_what_makes_no_sense_is_status_2(whetstone, provers, arguments, sentence):
    done = whetstone("improvements", "recheck", *arguments)
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert sentence in done.err


def test_what_is_not_applied_is_not_looked_at(whetstone, history, provers):
    done = whetstone("improvements", "recheck", "--all")
    assert (done.status, done.out) == (0, "Nothing is applied here, so there is nothing to look at again.\n")
    one = applied(history)
    whetstone("improvements", "rollback", one.id)
    done = whetstone("improvements", "recheck", one.id)
    assert "is rolled-back; only what is applied can be looked at again" in done.err
