"""The server measures itself: a slow feature is named within one window, and nobody is told twice."""

from __future__ import annotations

import asyncio

import pytest

from tests.server.features.conversation import Conversation
from tests.server.features.sources import CHEAPEST
from whetstone_server import state
from whetstone_server.bottlenecks import find
from whetstone_server.events import open_for_reading
from whetstone_server.features import hover
from whetstone_server.metrics import series
from whetstone_server.session import pulse
from whetstone_server.vitals import Meter
from whetstone_server.vitals.meter import _place

MILLISECOND = 1_000_000
SECOND = 1_000_000_000


class Clock:
    """Nanoseconds that pass only when somebody says so; processor time passes with them."""

    def __init__(self):
        self.now = 0

    def __call__(self):
        return self.now

    def passes(self, nanoseconds):
        self.now += nanoseconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def conversation(clock, project):
    conversation = Conversation(meter=Meter(clock, cpu_clock=lambda: 0))
    await conversation.begin(folder=project.as_uri())
    conversation.open(CHEAPEST, (project / "orders.py").as_uri())
    yield conversation
    conversation.server.session.end()


@pytest.fixture
def slow_hover(clock, monkeypatch):
    """Makes hovering take as many milliseconds as the returned list says."""
    takes = [400]

    def find(*_):
        clock.passes(takes[0] * MILLISECOND)
        return []

    monkeypatch.setattr("whetstone_server.session.Session.findings_at", find)
    return takes


async def hovered(conversation, project, times=pulse.WINDOW_SECONDS // 10):
    for _ in range(int(times)):
        await conversation.ask(
            "textDocument/hover",
            textDocument={"uri": (project / "orders.py").as_uri()},
            position={"line": 0, "character": 0},
        )


def logged(conversation):
    return [said["params"]["message"] for said in conversation.said if said["method"] == "window/logMessage"]


async def kept(conversation, project, kind):
    """Leave, and return the data of the events of a kind."""
    await conversation.ask("shutdown")
    with open_for_reading(state.events(project)) as store:
        return [event.data for event in store.between(kind=kind) if event.source == "server"]


async def test_a_slowed_feature_is_named_as_the_bottleneck_within_one_window(conversation, project, slow_hover):
    await conversation.squiggles((project / "orders.py").as_uri())
    await hovered(conversation, project)
    await conversation.server.session.pulse.end_window()
    worst = conversation.server.session.pulse.bottlenecks[0]
    assert (worst.name, worst.meta) == ("server.request.ms", {"method": "textDocument/hover", "statistic": "p95"})
    assert worst.value == pytest.approx(400, rel=1 / 64)
    (said,) = logged(conversation)
    assert said.startswith("Whetstone misses a target of its own: answers to textDocument/hover: ")
    assert said.endswith(" ms (p95), target at most 100 ms.")


async def test_whoever_looks_for_bottlenecks_finds_it_in_the_store(conversation, project, slow_hover):
    await hovered(conversation, project)
    await conversation.server.session.pulse.end_window()
    await conversation.ask("shutdown")
    with open_for_reading(state.events(project)) as store:
        (found, *_) = find(series(store)).found
    assert (found.subject, found.metric) == ("the server textDocument/hover", "server.request.ms")


async def test_a_missed_target_is_told_once_until_it_is_met_again(conversation, project, slow_hover):
    for milliseconds, told in ((400, 1), (500, 1), (1, 2), (300, 3)):
        slow_hover[0] = milliseconds
        await hovered(conversation, project)
        await conversation.server.session.pulse.end_window()
        assert len(logged(conversation)) == told
    assert "meets a target of its own again" in logged(conversation)[1]


async def test_an_editor_with_a_place_for_it_is_shown_the_status_when_it_changes(clock, project, slow_hover):
    conversation = Conversation(meter=Meter(clock, cpu_clock=lambda: 0))
    await conversation.begin({"experimental": {"serverStatusNotification": True}}, folder=project.as_uri())
    conversation.open(CHEAPEST, (project / "orders.py").as_uri())
    for milliseconds in (1, 400, 450, 1):
        slow_hover[0] = milliseconds
        await hovered(conversation, project)
        await conversation.server.session.pulse.end_window()
    shown = [said["params"] for said in conversation.said if said["method"] == "experimental/serverStatus"]
    assert [status["health"] for status in shown] == ["warning", "ok"]
    assert shown[0]["message"].startswith("answers to textDocument/hover: ")
    conversation.server.session.end()


async def test_other_editors_get_no_such_message(conversation, project, slow_hover):
    await hovered(conversation, project)
    await conversation.server.session.pulse.end_window()
    assert conversation.count("experimental/serverStatus") == 0


async def test_a_window_that_ends_after_the_session_is_let_go(conversation, project, slow_hover):
    await hovered(conversation, project)
    ending = asyncio.ensure_future(conversation.server.session.pulse.end_window())
    await asyncio.sleep(0)
    conversation.server.session.end()
    await ending
    assert conversation.server.session.journal.stores() == ()
    assert not conversation.server.session.journal._opening


async def test_a_window_without_the_method_resolves_nothing(conversation, project, slow_hover):
    await hovered(conversation, project)
    await conversation.server.session.pulse.end_window()
    await conversation.server.session.pulse.end_window()
    await hovered(conversation, project)
    await conversation.server.session.pulse.end_window()
    assert len(logged(conversation)) == 1


async def test_one_slow_answer_is_no_bottleneck(conversation, project, slow_hover):
    await hovered(conversation, project, times=1)
    await conversation.server.session.pulse.end_window()
    assert not conversation.server.session.pulse.bottlenecks


async def test_a_window_is_kept_as_samples_of_one_moment(conversation, project, clock, slow_hover):
    slow_hover[0] = 7
    conversation.server.session.journal.wait()
    await hovered(conversation, project)
    clock.passes(60 * SECOND)
    await conversation.server.session.pulse.end_window()
    samples = await kept(conversation, project, "metric.sample")
    found = {(each["name"], *sorted(each["meta"].items())): each["value"] for each in samples}
    hover_method = ("method", hover.FEATURE.method)
    for statistic in ("p50", "p95", "p99"):
        value = found["server.request.ms", hover_method, ("statistic", statistic)]
        assert value == pytest.approx(7, rel=1 / 64)
    assert found["server.requests", hover_method] == 6
    assert found[("server.errors",)] == 0
    assert found[("server.cpu.percent",)] == 0
    assert found[("server.window.seconds",)] == pytest.approx(60, abs=0.1)
    assert 1 < found[("server.memory.mb",)] < 1000
    assert found[("server.store.mb",)] > 0
    assert found[("server.snapshot.ms",)] > 0
    with open_for_reading(state.events(project)) as store:
        assert len({event.time for event in store.between(kind="metric.sample")}) == 1


async def test_quiet_windows_are_kept_now_and_then(conversation, project, clock):
    for _ in range(1 + 2 * pulse.MOST_QUIET):  # the first one is not quiet: the session began in it
        clock.passes(60 * SECOND)
        await conversation.server.session.pulse.end_window()
    samples = await kept(conversation, project, "metric.sample")
    assert sum(each["name"] == "server.window.seconds" for each in samples) == 3


async def test_what_broke_is_counted_and_recorded_without_what_the_error_said(conversation, project, monkeypatch):
    def breaks(*_):
        raise KeyError("def secret(): ...")

    monkeypatch.setattr("whetstone_server.session.Session.findings_at", breaks)
    with pytest.raises(Exception, match="could not answer textDocument/hover"):
        await hovered(conversation, project, times=1)
    await conversation.server.session.pulse.end_window()
    (reading,) = conversation.server.session.pulse.bottlenecks
    assert (reading.name, reading.value) == ("server.errors", 1)
    (fault,) = await kept(conversation, project, "server.error")
    assert fault["part"] == "textDocument/hover"
    assert fault["message"].startswith("KeyError at server/session/test_pulse.py:")


async def test_a_long_session_leaves_its_last_window_behind(conversation, project, clock):
    clock.passes(20 * SECOND)
    samples = await kept(conversation, project, "metric.sample")
    assert {"server.window.seconds", "server.memory.mb"} <= {each["name"] for each in samples}


async def test_a_short_session_leaves_none(conversation, project, clock):
    clock.passes(14 * SECOND)
    assert await kept(conversation, project, "metric.sample") == []


async def test_the_loop_is_seen_to_be_late(conversation, monkeypatch):
    session = conversation.server.session
    loop = asyncio.get_running_loop()
    session.pulse._due = loop.time() - 0.3
    session.pulse._count_beat(loop)
    await session.pulse.end_window()
    reading = session.pulse.latest["server.loop.lag_ms", ""]
    assert reading.value > 300 * (1 - 1 / 64)
    assert reading in session.pulse.bottlenecks


async def test_a_measurement_that_fails_is_logged_and_the_pulse_goes_on(conversation, monkeypatch, caplog, clock):
    monkeypatch.setattr("whetstone_server.vitals.snapshot.memory", lambda: 1 / 0)
    session = conversation.server.session
    await session.pulse._end_window_or_log()
    assert "measuring the server failed" in caplog.text
    assert session.pulse._beat


def test_an_error_that_was_never_raised_has_no_place():
    assert _place(ValueError("x")) == "ValueError"
