"""`whetstone doctor`: what there is, and what to do about what there is not."""

from __future__ import annotations

import pytest

from whetstone_server import state
from whetstone_server.diagnosis import Check
from whetstone_server.events import Event, open_store
from whetstone_server.events.event import now
from whetstone_server.events.kinds import SettingTuned


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    """Stands in for the machine, which the doctor's own tests look at."""
    found = [Check("docker", False, "no engine answers", "start it"), Check("namespaces", True, "can hold code", None)]
    monkeypatch.setattr("whetstone_server.sandbox.doctor.checks", lambda: iter(found))


def test_doctor_as_json_is_the_contract(whetstone):
    done = whetstone("doctor", "--format", "json")
    assert done.status == 0
    assert done.json["version"] == 1
    assert done.json["checks"][0] == {
        "name": "docker",
        "ok": False,
        "detail": "no engine answers",
        "remedy": "start it",
    }
    assert [(check["name"], check["ok"]) for check in done.json["checks"][1:]] == [
        ("namespaces", True),
        ("store", True),
    ]


def test_doctor_says_what_to_do(whetstone):
    out = whetstone("doctor").out
    assert "✗ docker      no engine answers\n" in out
    assert "to do: start it\n" in out
    assert "✓ namespaces  can hold code\n" in out
    assert "Proofs run in namespaces, " in out


def test_doctor_says_when_nothing_can_be_proven(whetstone, monkeypatch):
    without = [Check("docker", False, "no engine answers", "start it")]
    monkeypatch.setattr("whetstone_server.sandbox.doctor.checks", lambda: iter(without))
    assert "Nothing can be proven here" in whetstone("doctor").out


def test_a_store_that_cannot_be_written_is_said(whetstone, monkeypatch, folder):
    (folder / "home").write_text("a file")
    monkeypatch.setenv("WHETSTONE_HOME", str(folder / "home"))
    store = whetstone("doctor", "--format", "json").json["checks"][-1]
    assert (store["name"], store["ok"]) == ("store", False)
    assert store["remedy"] == "set WHETSTONE_HOME to a folder that can"


def test_a_mix_project_is_told_whether_its_tests_can_be_run(whetstone, monkeypatch, folder):
    (folder / "mix.exs").touch()
    monkeypatch.setattr("shutil.which", lambda name: f"/opt/bin/{name}")
    assert "✓ elixir      mix is at /opt/bin/mix\n" in whetstone("doctor").out
    monkeypatch.setattr("shutil.which", lambda name: None)
    check = whetstone("doctor", "--format", "json").json["checks"][-1]
    assert (check["name"], check["ok"]) == ("elixir", False)
    assert check["remedy"].startswith("install Elixir")


# -- the server itself -----------------------------------------------------------------------------------------------

MINUTE = 60_000_000


def window(store, time, milliseconds, errors=0):
    """Keep what a server keeps of one window."""
    answers = {"method": "textDocument/hover"}
    for name, value, unit, meta in (
        ("server.window.seconds", 60, "s", {}),
        ("server.request.ms", milliseconds / 4, "ms", {**answers, "statistic": "p50"}),
        ("server.request.ms", milliseconds, "ms", {**answers, "statistic": "p95"}),
        ("server.requests", 40, None, answers),
        ("server.memory.mb", 120, "MB", {}),
        ("server.errors", errors, None, {}),
    ):
        data = {"name": name, "value": value, "unit": unit, "meta": meta}
        assert store.record(Event("metric.sample", data, source="server", time=time))


@pytest.fixture
def store(folder):
    with open_store(state.events(folder)) as store:
        yield store


@pytest.mark.parametrize("exists", [False, True])
def test_it_is_said_when_the_server_measured_nothing_yet(whetstone, folder, exists):
    if exists:
        open_store(state.events(folder)).close()
    done = whetstone("doctor", "--self", "--format", "json")
    assert done.status == 0
    (check,) = done.json["checks"]
    assert (check["ok"], check["detail"]) == (False, "nothing was measured here yet")
    assert "open a file" in check["remedy"]
    assert done.json["samples"] == []
    assert "nothing was measured here yet" in whetstone("doctor", "--self").out


def test_the_bottleneck_is_named_with_its_target_and_a_remedy(whetstone, store):
    window(store, now() - 3 * MINUTE, 30)
    window(store, now() - 2 * MINUTE, 400)
    window(store, now() - MINUTE // 2, 350)
    store.flush()
    done = whetstone("doctor", "--self")
    assert done.status == 0
    assert (
        "✗ answers to textDocument/hover  350 ms (p95), target at most 100 ms; missed in 2 of 3 windows\n" in done.out
    )
    assert "to do: close very large files" in done.out
    assert "✓ memory " in done.out
    assert "1 target is missed; the bottleneck is answers to textDocument/hover: 350 ms" in done.out
    assert "Measured until 30 s ago." in done.out or "Measured until 31 s ago." in done.out


def test_figures_of_the_server_as_json_have_the_shape_of_the_other_checks(whetstone, store):
    window(store, now() - MINUTE, 30, errors=2)
    store.flush()
    found = whetstone("doctor", "--self", "--format", "json").json
    assert found["version"] == 1
    assert [set(check) for check in found["checks"]] == [{"name", "ok", "detail", "remedy"}] * 3
    assert {check["name"]: check["ok"] for check in found["checks"]} == {
        "answers to textDocument/hover": True,
        "memory": True,
        "errors": False,
    }
    hover = {"method": "textDocument/hover", "statistic": "p50"}
    assert {"name": "server.request.ms", "value": 7.5, "unit": "ms", "meta": hover} in found["samples"]
    assert found["measured_at"].startswith("20")


def test_what_other_programs_measured_is_not_the_servers(whetstone, store):
    store.record(Event("metric.sample", {"name": "server.window.seconds", "value": 1.0}, source="ci"))
    store.flush()
    assert "nothing was measured here yet" in whetstone("doctor", "--self").out


def test_what_the_server_tuned_is_listed(whetstone, store):
    window(store, now() - MINUTE, 30)
    changed = SettingTuned(
        "pause_seconds", 0.15, 0.3, 0.15, 0.6, "server.loop.lag_ms", 240, 100, "the loop was late by 240 ms"
    )
    store.record(Event.of(changed, source="server"))
    store.flush()
    assert "pause_seconds tuned, 0.15 → 0.3  the loop was late by 240 ms" in whetstone("doctor", "--self").out
    (event,) = whetstone("doctor", "--self", "--format", "json").json["tuning"]
    assert (event["type"], event["data"]["after"]) == ("setting.tuned", 0.3)
