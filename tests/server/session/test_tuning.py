"""A setting moves only for a target that stays missed, within bounds, one at a time, and back if it did not help."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.server.features.conversation import Conversation
from whetstone_server import state
from whetstone_server.events import open_for_reading
from whetstone_server.events.kinds import KINDS
from whetstone_server.metrics import metric_named
from whetstone_server.session.knobs import Knob, knobs_of
from whetstone_server.session.tuning import CALM_WINDOWS, LONGEST_TRIAL, REFUSED_WINDOWS, REST_WINDOWS, Tuner
from whetstone_server.vitals import Meter
from whetstone_server.vitals.judging import Reading

LAG, CPU, HITS = "server.loop.lag_ms", "server.cpu.percent", "server.cache.hit_rate"
GOOD, BAD = 10, 300


def reading(value, name=LAG):
    metric = metric_named(name)
    assert metric.target
    return Reading(name, value, metric.unit, {}, metric.target)


def knob(**wanted):
    usual = {"usual": 1.0, "least": 1.0, "most": 4.0, "cures": {LAG: "up"}, "take_effect": lambda _: None}
    return Knob("pause_seconds", **{**usual, **wanted})


class Windows:
    """A tuner with what it told, and windows to put it through."""

    def __init__(self, *knobs):
        self.told = []
        self.tuner = Tuner(knobs, lambda kind, data: self.told.append((kind, data)))

    def see(self, *values, proving=False):
        """Go through a window for each value; one for `None` in which the figure was not measured."""
        for value in values:
            self.tuner.look([] if value is None else [reading(value)], proving=proving)

    @property
    def kinds(self):
        return [kind for kind, _ in self.told]


@pytest.fixture
def pause():
    return knob()


@pytest.fixture
def windows(pause):
    return Windows(pause)


def test_a_single_miss_changes_nothing(windows, pause):
    windows.see(BAD, GOOD, BAD, GOOD, BAD, None)
    assert windows.told == []
    assert pause.value == 1


def test_a_target_missed_twice_in_a_row_moves_what_may_cure_it(windows, pause):
    windows.see(BAD, BAD)
    assert pause.value == 2
    ((kind, data),) = windows.told
    assert kind == "setting.tuned"
    assert data == {
        "setting": "pause_seconds",
        "before": 1,
        "after": 2,
        "least": 1,
        "most": 4,
        "metric": LAG,
        "value": BAD,
        "target": 100,
        "reason": "event loop, late by: 300 ms, target at most 100 ms, in 2 windows in a row",
    }


def test_a_change_that_helps_is_kept(windows, pause):
    windows.see(BAD, BAD, GOOD, GOOD)
    assert pause.value == 2
    assert windows.kinds == ["setting.tuned", "setting.kept"]
    kept = windows.told[1][1]
    assert (kept["before"], kept["after"], kept["value_before"], kept["value_after"]) == (1, 2, BAD, GOOD)
    assert kept["reason"].startswith("it helped: event loop, late by: 10 ms")


@pytest.mark.parametrize(("after", "kept"), [(0.89, True), (0.91, False), (1.5, False)])
def test_a_tenth_better_is_enough_to_be_kept(windows, pause, after, kept):
    windows.see(BAD, BAD, BAD * after, BAD * after)
    assert windows.kinds[1] == ("setting.kept" if kept else "setting.restored")
    assert pause.value == (2 if kept else 1)


def test_a_change_that_does_not_help_is_taken_back_and_not_tried_again_soon(windows, pause):
    windows.see(*[BAD] * 4)
    assert windows.kinds == ["setting.tuned", "setting.restored"]
    restored = windows.told[1][1]
    assert (restored["before"], restored["after"]) == (2, 1)
    windows.see(*[BAD] * (REFUSED_WINDOWS - 1))
    assert len(windows.told) == 2
    windows.see(BAD)
    assert windows.kinds[2:] == ["setting.tuned"]


def test_a_change_whose_figure_is_not_measured_again_is_taken_back(windows, pause):
    windows.see(BAD, BAD, *[None] * LONGEST_TRIAL)
    assert windows.kinds == ["setting.tuned", "setting.restored"]
    assert windows.told[1][1]["value_after"] is None
    assert pause.value == 1


def test_after_a_calm_time_it_goes_back_to_what_is_usual(windows, pause):
    windows.see(BAD, BAD, GOOD, GOOD, *[GOOD] * CALM_WINDOWS)
    assert pause.value == 1
    windows.see(GOOD, GOOD)
    assert windows.kinds == ["setting.tuned", "setting.kept"] * 2
    assert "one step back" in windows.told[2][1]["reason"]


def test_a_way_back_that_makes_things_worse_is_undone(windows, pause):
    windows.see(BAD, BAD, GOOD, GOOD, *[GOOD] * CALM_WINDOWS, BAD)
    assert windows.kinds[2:] == ["setting.tuned", "setting.restored"]
    assert pause.value == 2
    windows.see(*[GOOD] * (CALM_WINDOWS + 5))
    assert pause.value == 2


def test_it_moves_no_further_than_its_bounds(windows, pause):
    windows.see(1000, 1000, 800, 800, *[800] * REST_WINDOWS, 600, 600)
    assert windows.kinds == ["setting.tuned", "setting.kept"] * 2
    assert pause.value == 4
    windows.see(*[600] * 100)
    assert pause.value == 4
    assert len(windows.told) == 4


def test_one_change_is_judged_before_the_next_is_made():
    first, second = knob(), knob(cures={CPU: "up"})
    windows = Windows(first, second)
    for _ in range(3):
        windows.tuner.look([reading(400), reading(80, CPU)], proving=False)
    assert (first.value, second.value) == (2, 1)


def test_number_of_proofs_is_judged_by_windows_in_which_a_proof_ran():
    proofs = knob(usual=4, least=1, most=4, cures={LAG: "down"}, while_proving=True)
    windows = Windows(proofs)
    windows.see(BAD, BAD, BAD)
    assert proofs.value == 4
    windows.see(BAD, proving=True)
    assert proofs.value == 2
    windows.see(GOOD, GOOD)
    assert windows.kinds == ["setting.tuned"]
    windows.see(BAD, BAD, proving=True)
    assert windows.kinds == ["setting.tuned", "setting.restored"]


def test_turned_off_everything_is_as_usual_at_once(windows, pause):
    windows.see(BAD, BAD)
    windows.tuner.restore("`self_tuning` is off")
    assert pause.value == 1
    assert windows.kinds == ["setting.tuned", "setting.restored"]
    windows.tuner.restore("`self_tuning` is off")
    assert len(windows.told) == 2


@given(st.lists(st.tuples(st.dictionaries(st.sampled_from((LAG, CPU, HITS)), st.integers(0, 500)), st.booleans())))
def test_whatever_is_measured_bounds_hold_and_every_move_is_told_as_it_was(rows):
    effects = {}

    def made(name, **wanted):
        return Knob(name, take_effect=lambda value: effects.update({name: value}), **wanted)

    knobs = (
        made("pause", usual=1.0, least=0.5, most=4.0, cures={LAG: "up", CPU: "up"}),
        made("texts", usual=4, least=4, most=64, cures={HITS: "up", LAG: "down"}),
        made("proofs", usual=4, least=1, most=4, cures={LAG: "down"}, while_proving=True),
    )
    told = []
    tuner = Tuner(knobs, lambda kind, data: told.append((kind, data)))
    known = {one.name: one.usual for one in knobs}
    for values, proving in rows:
        tuner.look([reading(value, name) for name, value in values.items()], proving=proving)
        for kind, data in told:
            msgspec.convert(data, KINDS[kind])
            if kind != "setting.kept":
                assert known[data["setting"]] == data["before"]
                known[data["setting"]] = data["after"]
        told.clear()
        for one in knobs:
            assert one.least <= one.value <= one.most
            assert one.value == known[one.name] == effects.get(one.name, one.usual)


# -- in a session ----------------------------------------------------------------------------------------------------


async def late_windows(conversation, count):
    for _ in range(count):
        conversation.server.session.meter.requests["textDocument/hover"].observe(1)
        conversation.server.session.meter.lateness.observe(300_000_000)
        await conversation.server.session.pulse.end_window()


async def test_the_pause_is_tuned_and_recorded_for_good(project):
    conversation = Conversation(meter=Meter(cpu_clock=lambda: 0))
    await conversation.begin(folder=project.as_uri())
    await late_windows(conversation, 2)
    assert conversation.server.session.pause_seconds == 0.3
    await late_windows(conversation, 2)
    assert conversation.server.session.pause_seconds == 0.15
    await conversation.ask("shutdown")
    with open_for_reading(state.events(project)) as store:
        events = store.between(kind="setting")
    assert [(event.action, event.data["setting"], event.data["after"]) for event in events] == [
        ("tuned", "pause_seconds", 0.3),
        ("restored", "pause_seconds", 0.15),
    ]
    assert all(KINDS[event.kind].for_good for event in events)


async def test_a_project_may_forbid_it(project):
    (project / "pyproject.toml").write_text("[tool.whetstone]\nself_tuning = false\n")
    conversation = Conversation(meter=Meter(cpu_clock=lambda: 0))
    await conversation.begin(folder=project.as_uri())
    await late_windows(conversation, 3)
    assert conversation.server.session.pause_seconds == 0.15
    conversation.server.session.end()


async def test_forbidden_while_it_runs_it_takes_everything_back(project):
    conversation = Conversation(meter=Meter(cpu_clock=lambda: 0))
    await conversation.begin(folder=project.as_uri())
    await late_windows(conversation, 2)
    conversation.tell("workspace/didChangeConfiguration", settings={"whetstone": {"selfTuning": False}})
    await late_windows(conversation, 1)
    assert conversation.server.session.pause_seconds == 0.15
    conversation.server.session.end()


async def test_every_knob_takes_effect(conversation):
    session = conversation.server.session
    pause, texts, proofs = knobs_of(session)
    pause.set(0.4)
    texts.set(8)
    assert (session.pause_seconds, session.verdicts.texts.size) == (0.4, 8)
    proofs.set(proofs.least)
    assert session.provers.most == (1 if proofs.most > 1 else None)
    proofs.set(proofs.usual)
    assert session.provers.most is None


@pytest.fixture
async def conversation():
    conversation = Conversation()
    yield conversation
    conversation.server.session.end()
