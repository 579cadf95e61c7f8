"""`whetstone bottlenecks`: what costs too much is listed until it is gone."""

from __future__ import annotations

import cProfile
import runpy

import pytest

from whetstone_server import state
from whetstone_server.events import open_for_reading


def test_nothing_measured_is_nothing_found(whetstone, folder):
    assert whetstone("bottlenecks") == (0, "No bottlenecks.\n", "")
    assert whetstone("bottlenecks", "--format", "json").json == {"version": 1, "bottlenecks": []}


def test_a_missed_target_stands_until_the_next_measurement_meets_it(whetstone, folder):
    whetstone("metrics", "record", "import_seconds", "3", "--meta", "target=1")
    found = whetstone("bottlenecks", "--format", "json")
    assert found.status == 1
    (row,) = found.json["bottlenecks"]
    assert row.pop("found_at")
    assert row == {
        "subject": "import_seconds",
        "metric": "import_seconds",
        "severity": "high",
        "impact": 67,
        "sentence": "import_seconds is 3 s where at most 1 s is wanted.",
        "remedy": "profile it, then whetstone bottlenecks . --profile run.prof shows what costs time there",
        "resolved_at": None,
    }
    assert "high      67  import_seconds is 3 s" in whetstone("bottlenecks").out
    whetstone("metrics", "record", "import_seconds", "0.9", "--meta", "target=1")
    done = whetstone("bottlenecks")
    assert done == (0, "1 resolved; --all lists them too\nNo bottlenecks.\n", "")
    assert "Gone since" in whetstone("bottlenecks", "--all").out
    assert whetstone("bottlenecks", "--all", "--format", "json").json["bottlenecks"][0]["resolved_at"]
    with open_for_reading(state.events(folder)) as store:
        assert [event.action for event in store.between(kind="bottleneck")] == ["found", "resolved"]


def test_findings_in_hot_functions_are_bottlenecks(whetstone, folder):
    slow = runpy.run_path(str(folder / "shop" / "slow.py"))
    profile = cProfile.Profile()
    profile.runcall(slow["joined"], ["x"] * 5_000)
    profile.dump_stats(folder / "run.prof")
    found = whetstone("bottlenecks", "shop", "--profile", "run.prof", "--format", "json")
    assert found.status == 1
    (row,) = found.json["bottlenecks"]
    assert (row["subject"], row["metric"], row["remedy"]) == (
        "shop/slow.py::joined",
        "WP101",
        "whetstone prove shop/slow.py:4",
    )
    (folder / "shop" / "slow.py").write_text("def joined(rows):\n    return ''.join(rows)\n")
    assert whetstone("bottlenecks", "shop", "--profile", "run.prof").status == 0


@pytest.mark.parametrize("words", [["shop"], ["--profile", "run.prof"]])
def test_paths_and_a_profile_belong_together(whetstone, folder, words):
    done = whetstone("bottlenecks", *words)
    assert (done.status, done.out) == (2, "")
    assert "belong together" in done.err
