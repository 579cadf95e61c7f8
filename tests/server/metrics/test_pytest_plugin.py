"""The pytest plugin records durations by itself, and takes nothing away from the tests."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from whetstone_server import state
from whetstone_server.events import open_for_reading
from whetstone_server.metrics import series

SUITE = """
import time
import pytest


def test_quick():
    pass


def test_sleeps():
    time.sleep(0.02)


@pytest.mark.parametrize("letter", ["a", "ä b"])
def test_letters(letter):
    assert letter


def test_fails():
    assert {} == 1


@pytest.mark.skip
def test_skipped():
    pass
"""


@pytest.fixture
def suite(project):
    (project / "test_shop.py").write_text(SUITE)
    return project


@pytest.fixture
def run(suite):
    """Run pytest in the project as its owner does; returns what it printed."""

    def pytest_(*words, **environment):
        # Of the run that this test is in, on workers perhaps, the one in the project knows nothing.
        variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        variables.update(environment)
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:asyncio", "-W", "error", *words]
        return subprocess.run(command, cwd=suite, env=variables, capture_output=True, text=True, check=False)

    return pytest_


def measured(project, name):
    if not state.events(project).exists():
        return {}
    with open_for_reading(state.events(project)) as store:
        return {one.meta.get("test"): one for one in series(store, name)}


def test_durations_of_tests_that_pass_are_recorded(run, suite):
    before = sorted(suite.rglob("*"))
    done = run("-q", "-p", "no:benchmark", PYTHONDONTWRITEBYTECODE="1")
    assert "4 passed, 1 skipped" in done.stdout
    assert "whetstone" not in done.stdout + done.stderr
    found = measured(suite, "test_duration")
    assert list(found) == [
        "test_shop.py::test_letters[\\xe4 b]",
        "test_shop.py::test_letters[a]",
        "test_shop.py::test_quick",
        "test_shop.py::test_sleeps",
    ]
    slow = found["test_shop.py::test_sleeps"]
    assert slow.values[0] >= 0.02
    assert slow.meta["python"] == f"{sys.version_info.major}.{sys.version_info.minor}"
    assert slow.metric.unit == "s"
    assert sorted(suite.rglob("*")) == before


def test_a_session_is_recorded_with_what_it_was_asked_for_where_it_is_whole(run, suite):
    run("-q", "-k", "letters or quick", "test_shop.py")
    ((_, session),) = measured(suite, "test_session_duration").items()
    assert session.meta["suite"] == "test_shop.py -k letters or quick"
    run("-q")
    assert len(measured(suite, "test_session_duration")) == 1


def test_results_of_workers_are_recorded_once(run, suite):
    done = run("-q", "-n", "2", "-p", "no:benchmark", "-k", "not fails")
    assert "4 passed" in done.stdout
    found = measured(suite, "test_duration")
    assert {name: len(one.samples) for name, one in found.items()} == dict.fromkeys(found, 1)
    assert len(found) == 4
    ((_, session),) = measured(suite, "test_session_duration").items()
    assert session.meta["workers"] == "2"


def test_benchmarks_are_recorded_as_such(run, suite):
    (suite / "test_speed.py").write_text("def test_sum(benchmark):\n    benchmark(sum, range(100))\n")
    done = run("-q", "test_speed.py")
    assert done.returncode == 0, done.stdout
    with open_for_reading(state.events(suite)) as store:
        (event,) = store.between(kind="benchmark.result")
    data = event.data
    assert data["name"] == "test_speed.py::test_sum"
    assert 0 < data["low"] <= data["median"] <= data["high"] < 1
    assert data["runs"] > 1


@pytest.mark.parametrize("words", [["-p", "no:whetstone"], ["--no-whetstone"], ["-o", "whetstone=false"], ["--co"]])
def test_it_can_be_turned_off(run, suite, words):
    run("-q", *words)
    assert not state.events(suite).exists()


def test_a_session_within_a_test_is_not_recorded(run, suite):
    run("-q", PYTEST_CURRENT_TEST="test_plugin.py::test_it (call)")
    assert not state.events(suite).exists()


def test_a_home_that_cannot_be_written_costs_one_line(run, suite):
    done = run("-q", "-k", "quick", WHETSTONE_HOME=str(suite / "pyproject.toml"))
    assert done.returncode == 0
    (line,) = [line for line in done.stdout.splitlines() if "whetstone:" in line]
    assert "durations were not kept" in line
    assert "set WHETSTONE_HOME" in line
    assert done.stderr == ""


def test_durations_go_to_the_project_that_is_tested_with_its_commit(run, suite):
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "x"]):
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words]
        subprocess.run(command, cwd=suite, check=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=suite, check=True, capture_output=True, text=True).stdout
    run("-q", "-k", "quick", CI="true")
    one = measured(suite, "test_duration")["test_shop.py::test_quick"]
    assert head.startswith(one.samples[0].meta["commit"])
    assert one.meta["machine"].startswith("ci-")


def test_more_tests_than_the_store_takes_at_once(run, suite):
    (suite / "test_many.py").write_text(
        "import pytest\n@pytest.mark.parametrize('n', range(6000))\ndef test_one(n):\n    pass\n"
    )
    run("-q", "test_many.py", "-p", "no:benchmark")
    assert len(measured(suite, "test_duration")) == 6000
    with open_for_reading(state.events(suite)) as store:
        assert store.between(kind="events.dropped") == []


def test_loading_it_loads_no_database():
    code = "import sys, whetstone_server.metrics.pytest_plugin; print({'lmdb', 'msgspec', 'rich'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "set()\n"
