"""`whetstone doctor`: what there is, and what to do about what there is not."""

from __future__ import annotations

import pytest

from whetstone_server.sandbox.doctor import Check


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
