"""What is recorded is kept, and recording never disturbs the code that is measured."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from decimal import Decimal

import pytest

from whetstone_server.metrics import record, timed


def test_is_kept_with_its_metadata(project, kept):
    assert record("import_time", 0.8, {"python": "3.12", "round": 3}, unit="s")
    (event,) = kept()
    assert event.data == {"name": "import_time", "value": 0.8, "unit": "s", "meta": {"python": "3.12", "round": "3"}}
    assert event.source == "code"


def test_says_when_it_was_measured_in_ci(project, kept, monkeypatch):
    monkeypatch.setenv("CI", "true")
    assert record("import_time", 1)
    assert kept()[0].source == "ci"


def test_goes_to_the_project_above_the_working_directory(project, kept, monkeypatch):
    monkeypatch.chdir(project / "src")
    assert record("a", 1)
    assert len(kept()) == 1


def test_goes_where_the_environment_says(project, kept, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHETSTONE_WORKSPACE", str(project))
    assert record("a", 1)
    assert len(kept()) == 1


def test_takes_what_is_a_number(project, kept):
    assert all([record("a", 3), record("b", Decimal("0.5")), record("c", True)])
    assert [event.data["value"] for event in kept()] == [3.0, 0.5, 1.0]


@pytest.mark.parametrize(
    "measurement",
    [
        ("", 1, None),
        ("a\nb", 1, None),
        ("a" * 501, 1, None),
        (None, 1, None),
        ("a", "many", None),
        ("a", None, None),
        ("a", float("nan"), None),
        ("a", 10**400, None),
        ("a", 1, ["no", "mapping"]),
        ("a", 1, {"better": "faster"}),
        ("a", 1, {"target": "soon"}),
    ],
)
def test_what_is_no_measurement_is_refused_without_raising(project, kept, caplog, measurement):
    assert record("before", 1)
    assert not record(*measurement)
    assert record("after", 1)
    assert len(caplog.records) == 1
    assert caplog.records[0].levelno == logging.WARNING
    assert [event.data["name"] for event in kept()] == ["before", "after"]


def test_a_home_that_cannot_be_written_is_said_once_and_not_tried_again(project, caplog, monkeypatch):
    monkeypatch.setenv("WHETSTONE_HOME", str(project / "pyproject.toml" / "home"))
    assert [record("a", 1), record("a", 2)] == [False, False]
    (said,) = caplog.records
    assert "set WHETSTONE_HOME" in said.getMessage()


def test_a_block_is_timed(project, kept):
    with timed("block", {"size": 3}) as block:
        assert block.seconds is None
    assert block.seconds >= 0
    (event,) = kept()
    assert event.data == {"name": "block", "value": block.seconds, "unit": "s", "meta": {"size": "3"}}


def test_a_block_that_raises_raises_and_is_not_recorded(project, kept):
    assert record("before", 1)
    with pytest.raises(KeyError), timed("block"):
        raise KeyError
    assert len(kept()) == 1


def test_functions_are_timed_at_each_call_also_inside_one_another(project, kept):
    @timed("factorial")
    def factorial(number):
        """Multiply."""
        return number * factorial(number - 1) if number else 1

    assert factorial(3) == 6
    assert (factorial.__name__, factorial.__doc__) == ("factorial", "Multiply.")
    inner_to_outer = [event.data["value"] for event in kept()]
    assert len(inner_to_outer) == 4
    assert inner_to_outer == sorted(inner_to_outer)


def test_coroutine_functions_are_timed_until_they_are_done(project, kept):
    """Each call by itself, also when they take turns."""
    order = []

    @timed("turn")
    async def turn(mine, others):
        order.append("begun")
        mine.set()
        await others.wait()
        order.append("done")
        return len(order)

    async def both():
        one, two = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(turn(one, two), turn(two, one))

    assert sorted(asyncio.run(both())) == [3, 4]
    assert order[:2] == ["begun", "begun"]
    assert len(kept()) == 2


def test_what_cannot_be_timed_is_refused_where_it_is_written(project):
    with pytest.raises(TypeError, match="generator"):

        @timed("lines")
        def lines():
            yield 1

    with pytest.raises(TypeError, match="wants a name"):

        @timed
        def bare():
            pass


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_both_sides_of_a_fork_record(project, kept):
    code = """
import os
from whetstone_server.metrics import record
assert record("parent", 1)
child = os.fork()
if child == 0:
    os._exit(0 if record("child", 2) and record("child", 3) else 1)
assert os.waitpid(child, 0)[1] == 0
assert record("parent", 4)
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=project)
    assert sorted(event.data["value"] for event in kept()) == [1, 2, 3, 4]


def test_importing_it_loads_neither_database_nor_terminal():
    code = "import sys, whetstone_server.metrics; print({'lmdb', 'msgspec', 'rich', 'asyncio'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "set()\n"
