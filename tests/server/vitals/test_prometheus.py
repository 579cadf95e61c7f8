"""Prometheus reads the server's figures in its text format, on the loopback interface, and only when told to."""

from __future__ import annotations

import socket
import sys
import threading
from contextlib import closing
from urllib.request import Request, urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.server.features.conversation import Conversation
from whetstone_server.errors import InputError
from whetstone_server.vitals import Meter, Recent
from whetstone_server.vitals.prometheus import HOST, STOPPING, Endpoint


def free_port():
    with closing(socket.socket()) as free:
        free.bind((HOST, 0))
        return free.getsockname()[1]


@pytest.fixture
def meter():
    meter = Meter()
    meter.watch("texts", Recent(str, 4))
    return meter


@pytest.fixture
def endpoint(meter):
    endpoint = Endpoint(meter, list)
    endpoint.move(free_port())
    yield endpoint
    endpoint.close()
    wait_for_silence()


def read(port, accept="text/plain;version=0.0.4"):
    with urlopen(Request(f"http://{HOST}:{port}/metrics", headers={"Accept": accept})) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def wait_for_silence():
    """Wait until nobody listens any more who was told not to."""
    for thread in threading.enumerate():
        if thread.name == STOPPING:
            thread.join()


def samples(text):
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_it_is_the_text_format_with_help_and_type(endpoint):
    kind, text = read(endpoint.port)
    assert kind == "text/plain; version=0.0.4; charset=utf-8"
    assert "# HELP whetstone_request_seconds Time for an answer.\n# TYPE whetstone_request_seconds summary\n" in text
    assert "# TYPE whetstone_errors_total counter\n" in text
    assert "# TYPE whetstone_own_memory_bytes gauge\n" in text
    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names))
    assert text.endswith("\n")


def test_answers_are_a_summary_by_method(endpoint, meter):
    for milliseconds in range(1, 101):
        meter.requests["textDocument/hover"].observe(milliseconds * 1_000_000)
    found = samples(read(endpoint.port)[1])
    method = ("method", "textDocument/hover")
    assert found["whetstone_request_seconds_count", method] == 100
    assert found["whetstone_request_seconds_sum", method] == pytest.approx(5.05)
    for share, seconds in (("0.5", 0.05), ("0.95", 0.095), ("0.99", 0.099)):
        assert found["whetstone_request_seconds", method, ("quantile", share)] == pytest.approx(seconds, rel=1 / 64)


def test_counts_never_fall_when_a_window_ends_and_quantiles_are_of_two_windows(endpoint, meter):
    method = ("method", "textDocument/hover")
    meter.requests["textDocument/hover"].observe(1_000_000)
    meter.take()
    assert samples(read(endpoint.port)[1])["whetstone_request_seconds", method, ("quantile", "0.5")] > 0
    meter.take()
    found = samples(read(endpoint.port)[1])
    assert found["whetstone_request_seconds_count", method] == 1
    assert ("whetstone_request_seconds", method, ("quantile", "0.5")) not in found


def test_names_of_parts_are_escaped(endpoint, meter):
    part = 'a "part"\nof \\ it'
    meter.broke(part, ValueError())
    text = read(endpoint.port)[1]
    assert r'whetstone_errors_total{part="a \"part\"\nof \\ it"} 1.0' in text
    assert samples(text)["whetstone_errors_total", ("part", part)] == 1


def test_a_figure_without_a_label_has_none(endpoint, meter):
    meter.lateness.observe(1_000_000)
    with meter.looking():
        pass
    found = samples(read(endpoint.port)[1])
    assert found["whetstone_loop_lag_seconds_count",] == 1
    assert found["whetstone_file_look_seconds_count",] == 1
    assert found["process_resident_memory_bytes",] >= found["whetstone_own_memory_bytes",] > 1e6


def test_it_listens_at_one_port_only_and_moves(endpoint):
    before, after = endpoint.port, free_port()
    endpoint.move(after)
    assert read(after)
    with pytest.raises(OSError, match="refused"):
        read(before)
    endpoint.move(0)
    with pytest.raises(OSError, match="refused"):
        read(after)


def test_a_port_that_is_taken_is_said_in_one_sentence(meter):
    with closing(socket.socket()) as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(
            InputError, match=rf"^Prometheus cannot be answered at {HOST}:{port}: Address already in use"
        ):
            Endpoint(meter, list).move(port)


# -- in a session ----------------------------------------------------------------------------------------------------


async def test_the_editor_turns_it_on_and_the_session_ends_it():
    conversation = Conversation()
    port = free_port()
    await conversation.begin(options={"metricsPort": port})
    for task in list(conversation.server.session._tasks):
        await task
    assert "whetstone_request_seconds" in read(port)[1]
    conversation.server.session.end()
    wait_for_silence()
    with pytest.raises(OSError, match="refused"):
        read(port)


async def test_it_is_off_by_default():
    conversation = Conversation()
    await conversation.begin()
    assert conversation.server.session.endpoint is None
    conversation.server.session.end()


async def test_without_the_extra_it_is_said_what_to_install_and_the_server_lives_on(monkeypatch):
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    conversation = Conversation()
    await conversation.begin(options={"metricsPort": free_port()})
    (said,) = await conversation.until(conversation.said_to_the_person)
    assert said == (
        "Whetstone: metrics_port is set, but prometheus-client is not installed; pip install 'whetstone-ls[prometheus]'"
    )
    conversation.open("x = 1\n")
    assert await conversation.squiggles() == []
    conversation.server.session.end()
