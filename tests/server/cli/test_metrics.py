"""`whetstone metrics`: measurements are recorded, listed and judged from the terminal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.server.metrics.noise import made, normal, office_hours
from whetstone_server import state
from whetstone_server.events import open_store
from whetstone_server.metrics.recording import event, sample


@pytest.fixture
def week(folder):
    """A week of hourly measurements: a drift, a jump with its cause, noise, and a target that is missed."""
    now = datetime.now(UTC)
    drift = [value + 0.4 * hour for hour, value in enumerate(made(normal, 1))]
    jump = [value + 30 * (hour >= 100) for hour, value in enumerate(made(normal, 2))]
    with open_store(state.events(folder)) as store:
        for hour, noise in enumerate(made(office_hours, 3)):
            at = now - timedelta(hours=167.5 - hour)
            version = "2" if hour >= 100 else "1"
            store.record(event(sample("build_seconds", drift[hour], {"python": "3.12"}), at))
            store.record(event(sample("query_ms", jump[hour], {"version": version}), at))
            store.record(event(sample("rooms", noise), at))
            store.record(event(sample("rows_per_second", noise, {"target": "300"}), at))
    return now


def test_what_is_recorded_is_there(whetstone, folder):
    done = whetstone(
        "metrics", "record", "test_duration", "12.5", "--unit", "s", "--meta", "suite=unit", "--meta", "a="
    )
    assert done == (0, "", "")
    assert whetstone("metrics", "record", "loss", "-0.001", "--at", "2h").status == 0
    loss, duration = whetstone("metrics", "list", "--format", "json").json["metrics"]
    assert (loss["name"], loss["last"]["value"]) == ("loss", -0.001)
    assert duration["last"].pop("time")
    assert duration == {
        "name": "test_duration",
        "unit": "s",
        "better": "lower",
        "target": None,
        "series": 1,
        "samples": 1,
        "last": {"value": 12.5, "meta": {"suite": "unit", "a": ""}},
    }
    assert "test_duration" in whetstone("metrics", "list").out
    assert whetstone("metrics", "list", "--until", "3h").out.startswith("Nothing was measured")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["record", "a", "much"], "invalid float value: 'much'"),
        (["record", "a", "nan"], "only finite numbers"),
        (["record", " ", "1"], "printable letters"),
        (["record", "a", "1", "--meta", "suite"], "expected KEY=VALUE"),
        (["record", "a", "1", "--meta", "better=faster"], "lower or higher"),
        (["record", "a", "1", "--at", "soon"], "expected 2h, 7d"),
        (["record", "a", "1", "--workspace", "nowhere"], "nowhere does not exist"),
        (["trend", "query_m"], "did you mean query_ms?"),
        (["trend", "other"], "metrics list"),
        (["trend", "rooms", "--meta", "a=b"], "ask for more"),
        (["trend", "rooms", "--since", "2h", "--until", "3h"], "--since is not before --until"),
        (["trend", "rooms", "--against", "soon"], "nor KEY=VALUE"),
        (["trend", "rooms", "--against", "1h"], "name an earlier time"),
    ],
)
def test_what_cannot_be_done_says_so_in_one_line(whetstone, week, words, said):
    done = whetstone("metrics", *words)
    assert (done.status, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert said in done.err


def test_a_home_that_cannot_be_written_is_an_error(whetstone, folder, monkeypatch):
    monkeypatch.setenv("WHETSTONE_HOME", str(folder / "pyproject.toml"))
    done = whetstone("metrics", "record", "a", "1")
    assert done.status == 2
    assert "set WHETSTONE_HOME" in done.err


def test_trend_as_json_is_as_its_help_says(whetstone, week):
    found = whetstone("metrics", "trend", "query_ms", "--format", "json").json
    assert (found["version"], found["name"]) == (1, "query_ms")
    (row,) = found["series"]
    assert (row["direction"], row["verdict"], row["change"]["shape"]) == ("rising", "worse", "jump")
    assert (row["unit"], row["better"], row["samples"]) == ("ms", "lower", 168)
    assert row["p"] < 0.001
    assert row["change"]["low"] < row["change"]["estimate"] < row["change"]["high"]
    assert row["change"]["estimate"] == pytest.approx(30, abs=4)
    jumped = datetime.fromisoformat(row["change"]["at"])
    assert abs(week - timedelta(hours=67.5) - jumped) < timedelta(hours=2)
    steady = whetstone("metrics", "trend", "rooms", "--format", "json").json["series"][0]
    assert (steady["direction"], steady["verdict"]) == ("steady", None)


def test_trend_is_compared_with_what_was_usual(whetstone, week):
    found = whetstone("metrics", "trend", "query_ms", "--since", "60h", "--format", "json").json
    assert found["series"][0]["baseline"]["level"] == pytest.approx(100, abs=2)
    older = whetstone(
        "metrics", "trend", "query_ms", "--since", "60h", "--against", "version=1", "--format", "json"
    ).json
    usual = older["series"][0]["baseline"]
    assert usual["samples"] == 100
    assert usual["low"] < 30 < usual["high"]
    assert usual["p"] < 0.001
    text = whetstone("metrics", "trend", "query_ms", "--since", "60h", "--against", "7d").out
    assert "usual before" in text
    assert "above that" in text


def test_trend_as_text_says_it_in_words(whetstone, week):
    text = whetstone("metrics", "trend", "build_seconds").out
    assert "build_seconds [python=3.12]  lower is better" in text
    assert "rising (worse): drifted up by" in text
    assert "less than once in 1,000 times" in text
    assert "no change that stands out" in whetstone("metrics", "trend", "rooms").out


def test_many_series_are_a_table_with_what_changed_on_top(whetstone, folder):
    now = datetime.now(UTC)
    with open_store(state.events(folder)) as store:
        for hour, value in enumerate(made(normal, 1, 40)):
            for test in range(8):
                grown = value + 5 * hour * (test == 5)
                meta = {"test": f"test_{test}", "python": "3.12"}
                store.record(event(sample("test_duration", grown, meta), now - timedelta(hours=40 - hour)))
    done = whetstone("metrics", "trend", "test_duration", "--limit", "3")
    lines = done.out.splitlines()
    assert lines[0] == "test_duration  python=3.12"
    assert lines[2].endswith("test_5")
    assert "rising" in lines[2]
    assert lines[-1] == "and 5 more; --limit shows them, --meta narrows them"


def test_insights_say_what_changed_and_what_to_do(whetstone, week):
    done = whetstone("metrics", "insights", "--format", "json")
    assert (done.status, done.err) == (1, "")
    told = {(row["metric"], row["kind"]): row for row in done.json["insights"]}
    assert set(told) == {("build_seconds", "drift"), ("query_ms", "jump"), ("rows_per_second", "target")}
    assert "version went from 1 to 2" in told["query_ms", "jump"]["action"]
    assert told["build_seconds", "drift"]["confidence"] > 0.99
    text = whetstone("metrics", "insights").out
    assert "drifted up" in text
    assert "sure to 99.9%" in text


def test_nothing_to_say_is_nothing_found(whetstone, week):
    done = whetstone("metrics", "insights", "rooms")
    assert done == (0, "Nothing stands out in one series.\n", "")
    assert whetstone("metrics", "insights", "nothing").out == "Nothing was measured in that time.\n"


def test_names_cannot_steer_the_terminal(whetstone, folder):
    with open_store(state.events(folder)) as store:
        for _ in range(3):
            store.record(event(sample("a", 1, {"x": "\x1b[31m"})))
    for words in (["list"], ["trend", "a"], ["insights"]):
        assert "\x1b" not in whetstone("metrics", *words).out
