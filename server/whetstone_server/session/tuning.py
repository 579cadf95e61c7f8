"""Self-tuning: a setting that is safe to move is moved when a target is missed, and moved back when that did not help.

One change at a time: after two windows in a row have missed a target, a setting that may cure it is doubled or halved
within its bounds. Two windows later the change is kept if the target is met or the figure is a tenth better, and taken
back otherwise. After ten windows without a miss, what was changed takes a step back to what is usual, on trial as well.
Nothing of it outlives the session.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from whetstone_server.session.knobs import Knob
    from whetstone_server.vitals.judging import Reading

MISSED_WINDOWS = 2
"""Windows in a row that must miss a target before anything is changed: a single one may be an accident."""
TRIAL_WINDOWS = 2
"""Windows by which a change is judged."""
LONGEST_TRIAL = 10
"""Windows after which a change is taken back if its figure was not measured again."""
CALM_WINDOWS = 10
"""Windows in a row without a miss before a step back to what is usual."""
REST_WINDOWS = 2
"""Windows between one trial and the next."""
REFUSED_WINDOWS = 60
"""Windows for which a change that did not help is not tried again for the same figure."""
MARGIN = 0.1
"""How much better a figure must become, as a share of what it was, for a change to be kept."""


class _Trial(NamedTuple):
    """A change that is not judged yet."""

    knob: Knob
    before: float
    cause: Reading
    is_return: bool
    """Whether it is a step back to what is usual: then it must not make anything worse."""
    since: int
    seen: list[Reading]


class Tuner:
    """Moves knobs, one at a time; each move, and what became of it, is told as an event."""

    def __init__(self, knobs: Sequence[Knob], tell: Callable[[str, dict[str, Any]], None]) -> None:
        """`tell` gets the kind of an event and its data."""
        self.knobs = knobs
        self._tell = tell
        self._trial: _Trial | None = None
        self._causes: dict[Knob, Reading] = {}
        """What each knob was moved for, first."""
        self._missed: Counter[tuple[str, str]] = Counter()
        self._calm = 0
        self._window = 0
        self._rest_until = 0
        self._refused: dict[tuple[Knob, str, bool], int] = {}
        """Until which window a change is not tried again, by knob, metric and whether it is a return."""

    def look(self, readings: Sequence[Reading], *, proving: bool) -> None:
        """Take one window into account. Effect: at most one knob is moved."""
        self._window += 1
        self._count(readings)
        if self._trial:
            self._go_on(self._trial, readings, proving=proving)
        elif self._window >= self._rest_until and not self._cure(readings, proving=proving):
            self._return()

    def restore(self, reason: str) -> None:
        """Move every knob back to what is usual, and forget all trials."""
        self._trial = None
        self._missed.clear()
        self._calm = 0
        for knob in self.knobs:
            if knob.value != knob.usual:
                before = knob.value
                knob.set(knob.usual)
                self._tell("setting.restored", _restored(knob, before, None, None, reason))

    # -- when to begin -----------------------------------------------------------------------------------------------

    def _count(self, readings: Sequence[Reading]) -> None:
        for reading in readings:
            self._missed[reading.key] = 0 if reading.is_met else self._missed[reading.key] + 1
        self._calm = self._calm + 1 if all(reading.is_met for reading in readings) else 0

    def _cure(self, readings: Sequence[Reading], *, proving: bool) -> bool:
        """Begin to cure the worst that something may cure; answer whether there is such a thing."""
        for reading in sorted(readings, key=lambda reading: -reading.severity):
            if self._missed[reading.key] < MISSED_WINDOWS:
                continue
            for knob in self.knobs:
                direction = knob.cures.get(reading.name)
                if direction is None or (knob.while_proving and not proving) or self._is_refused(knob, reading, False):
                    continue
                if (value := knob.moved(direction)) != knob.value:
                    self._causes.setdefault(knob, reading)
                    self._begin(knob, value, reading, is_return=False)
                    return True
        return False

    def _return(self) -> None:
        if self._calm < CALM_WINDOWS:
            return
        for knob in self.knobs:
            if knob.value != knob.usual and not self._is_refused(knob, self._causes[knob], True):
                self._begin(knob, knob.nearer(), self._causes[knob], is_return=True)
                return

    def _is_refused(self, knob: Knob, reading: Reading, is_return: bool) -> bool:
        return self._refused.get((knob, reading.name, is_return), 0) > self._window

    def _begin(self, knob: Knob, value: float, cause: Reading, *, is_return: bool) -> None:
        self._trial = _Trial(knob, knob.value, cause, is_return, self._window, [])
        knob.set(value)
        calm = f"no target was missed for {CALM_WINDOWS} windows: one step back to the usual {knob.usual:g}"
        self._tell(
            "setting.tuned",
            {
                "setting": knob.name,
                "before": self._trial.before,
                "after": value,
                "least": knob.least,
                "most": knob.most,
                "metric": cause.name,
                "value": cause.value,
                "target": cause.target.value,
                "reason": calm if is_return else f"{cause.sentence}, in {MISSED_WINDOWS} windows in a row",
            },
        )

    # -- what becomes of it ------------------------------------------------------------------------------------------

    def _go_on(self, trial: _Trial, readings: Sequence[Reading], *, proving: bool) -> None:
        if trial.is_return:
            missed = [reading for reading in readings if not reading.is_met and reading.name in trial.knob.cures]
            if missed:
                self._end(trial, missed[0], kept=False, reason=f"it was needed: {missed[0].sentence}")
            elif self._window - trial.since >= TRIAL_WINDOWS:
                self._end(trial, None, kept=True, reason="still no target is missed")
            return
        if proving or not trial.knob.while_proving:
            trial.seen.extend(reading for reading in readings if reading.key == trial.cause.key)
        if len(trial.seen) >= TRIAL_WINDOWS:
            self._judge(trial)
        elif self._window - trial.since >= LONGEST_TRIAL:
            self._end(trial, None, kept=False, reason="it was not measured again, so nothing speaks for the change")

    def _judge(self, trial: _Trial) -> None:
        """Keep the change if it helped."""
        now = trial.cause._replace(value=sum(reading.value for reading in trial.seen) / len(trial.seen))
        better = now.is_met or now.severity <= trial.cause.severity * (1 - MARGIN)
        self._end(trial, now, kept=better, reason=("it helped: " if better else "it did not help: ") + now.sentence)

    def _end(self, trial: _Trial, now: Reading | None, *, kept: bool, reason: str) -> None:
        self._trial = None
        self._rest_until = self._window + REST_WINDOWS
        self._calm = 0
        after = trial.knob.value
        if not kept:
            self._refused[trial.knob, trial.cause.name, trial.is_return] = self._window + REFUSED_WINDOWS
            trial.knob.set(trial.before)
            self._tell("setting.restored", _restored(trial.knob, after, trial.cause, now, reason))
        else:
            data = _restored(trial.knob, trial.before, trial.cause, now, reason)
            self._tell("setting.kept", data)
        if trial.knob.value == trial.knob.usual:
            self._causes.pop(trial.knob, None)


def _restored(knob: Knob, before: float, cause: Reading | None, now: Reading | None, reason: str) -> dict[str, Any]:
    return {
        "setting": knob.name,
        "before": before,
        "after": knob.value,
        "metric": cause and cause.name,
        "value_before": cause and cause.value,
        "value_after": now and now.value,
        "reason": reason,
    }
