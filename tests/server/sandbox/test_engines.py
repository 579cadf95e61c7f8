"""Which engine is chosen, and what is said when none can be."""

from __future__ import annotations

import time

import pytest

from whetstone_server.errors import NoSandbox
from whetstone_server.sandbox import engines
from whetstone_server.sandbox.docker import Docker
from whetstone_server.sandbox.doctor import checks


class Pretended:
    """An engine that only says whether it can be used."""

    def __init__(self, name: str, refusal: str | None) -> None:
        self.name = name
        self._refusal = refusal
        self.asked = False

    def refusal(self) -> str | None:
        self.asked = True
        return self._refusal


@pytest.fixture
def pretend(monkeypatch):
    def _pretend(**refusals):
        made = tuple(Pretended(name, refusals.get(name)) for name in ("docker", "bubblewrap", "namespaces"))
        monkeypatch.setattr(engines, "engines", lambda: made)
        return made

    return _pretend


def test_docker_comes_first_then_bubblewrap_then_namespaces(pretend):
    pretend()
    assert engines.choose().name == "docker"
    pretend(docker="none")
    assert engines.choose().name == "bubblewrap"
    pretend(docker="none", bubblewrap="none")
    assert engines.choose("auto").name == "namespaces"


def test_the_one_asked_for_is_the_only_one_tried(pretend):
    docker, bubblewrap, _ = pretend(bubblewrap="not installed; install the package bubblewrap")
    with pytest.raises(NoSandbox, match="install the package bubblewrap"):
        engines.choose("bubblewrap")
    assert bubblewrap.asked
    assert not docker.asked


def test_without_any_the_refusal_names_what_to_install(pretend):
    pretend(docker="no engine; start one", bubblewrap="missing; install it", namespaces="not allowed; allow them")
    with pytest.raises(NoSandbox) as caught:
        engines.choose()
    for words in ("start one", "install it", "allow them"):
        assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("host", ["unix:///nowhere/docker.sock", "tcp://192.0.2.1:2375", "ssh://nowhere", "npipe://x"])
def test_an_engine_that_is_not_there_is_refused_quickly(monkeypatch, host):
    monkeypatch.setenv("DOCKER_HOST", host)
    began = time.monotonic()
    refusal = Docker().refusal()
    assert refusal is not None
    assert "DOCKER_HOST" in refusal
    assert time.monotonic() - began < 2


def test_an_engine_that_listens_and_says_nothing_is_refused_in_time(tmp_path, monkeypatch):
    import socket

    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind("s")
        silent.listen()
        began = time.monotonic()
        refusal = Docker(host="unix://s").refusal()
    assert refusal is not None
    assert time.monotonic() - began < 4


def test_bubblewrap_that_is_not_installed_is_said_so(monkeypatch, tmp_path):
    from whetstone_server.sandbox.bubblewrap import Bubblewrap

    monkeypatch.setenv("PATH", str(tmp_path))
    assert Bubblewrap().refusal() == "bubblewrap is not installed; install the package bubblewrap"


def test_the_doctor_starts_no_interpreter_of_a_workspace_that_is_not_trusted(tmp_path, monkeypatch):
    monkeypatch.setattr("whetstone_server.sandbox.bubblewrap.Bubblewrap.start", None)
    monkeypatch.setattr("whetstone_server.sandbox.namespaces.Namespaces.start", None)
    monkeypatch.setattr("whetstone_server.sandbox.docker.Docker.start", None)
    (check,) = (check for check in checks(tmp_path, trusted=False) if check.name == "interpreter")
    assert not check.ok
    assert check.detail.endswith(", not started")
    assert check.remedy == "trust this workspace in the editor"


def test_the_doctor_names_each_engine_the_interpreter_and_the_limits(tmp_path):
    found = {check.name: check for check in checks(tmp_path)}
    assert list(found) == ["docker", "bubblewrap", "namespaces", "interpreter", "limits"]
    for check in found.values():
        assert check.ok or check.remedy
        assert check.detail
