"""What may be applied without anybody looking at it: only what is sure enough and gains enough, where that is allowed.

It is off unless the person says otherwise, never on in a workspace that is not trusted, and nothing in a project can
turn it on: whoever writes a project would otherwise grant themselves the right to have it rewritten.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from whetstone_server.errors import InputError
from whetstone_server.improvements.apply import applicable, plan, write
from whetstone_server.improvements.confidence import confidence_now
from whetstone_server.improvements.history import HistoryError
from whetstone_server.improvements.record import Actor

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from whetstone_server.improvements.apply import Plan
    from whetstone_server.improvements.confidence import Confidence
    from whetstone_server.improvements.history import History
    from whetstone_server.improvements.improvement import Improvement
    from whetstone_server.improvements.proof import Proof
    from whetstone_server.settings import Settings


@dataclass(frozen=True, slots=True)
class Policy:
    """What has to hold before an improvement is applied automatically."""

    confidence: float = 0.8
    """At least this sure, 0 to 1."""
    gain: float = 0.2
    """At least this much faster, as a share: 0.2 is 1.2 times as fast, by the low end of the interval."""
    trusted: bool = False
    """Whether the workspace is trusted; without that nothing is applied."""

    @property
    def actor(self) -> Actor:
        """Who applies what it allows: the policy, by its numbers."""
        return Actor("policy", f"confidence ≥ {self.confidence:.2f}, gain ≥ {self.gain:.0%}")


@dataclass(frozen=True, slots=True)
class Decision:
    """What the policy says to one improvement."""

    improvement: Improvement
    confidence: Confidence
    """As of now: how its rule has fared here since the proof counts too."""
    gain: float
    """The share by which it is faster at least."""
    against: str | None
    """Why it is not applied, in a clause; `None` when it is."""

    @property
    def allowed(self) -> bool:
        """Whether it may be applied."""
        return self.against is None

    @property
    def reason(self) -> str:
        """What the policy stands on, for whoever reads the history."""
        return f"confidence {self.confidence.value:.2f}, at least {1 + self.gain:.4g} times as fast"


def policy_of(settings: Settings, *, trusted: bool) -> Policy:
    """Return the policy that the settings ask for, in a workspace that is `trusted` or not."""
    return Policy(settings.auto_apply_confidence, settings.auto_apply_gain, trusted)


class Selection(NamedTuple):
    """What the policy says to everything that waits, and what it would write."""

    decisions: tuple[Decision, ...]
    plans: tuple[Plan, ...]


def select(
    policy: Policy,
    history: History,
    among: Collection[str] | None = None,
    *,
    check: Callable[[Path], None] | None = None,
) -> Selection:
    """Return what the policy says to every improvement that was proven faster and is not applied yet.

    `among` narrows it to some ids; `check` may raise `InputError` against a file. Of several that change the same
    lines the one that gains most is taken. Files are read, and nothing is written.
    """
    found = {each.improvement.id: each for each in decisions(policy, history, among)}
    plans: list[Plan] = []
    for path in dict.fromkeys(each.improvement.path for each in found.values()):
        here = [each for each in found.values() if each.allowed and each.improvement.path == path]
        planned, refused = _planned(history, here, check)
        plans += planned
        found |= refused
    return Selection(tuple(found.values()), tuple(plans))


def decisions(policy: Policy, history: History, among: Collection[str] | None = None) -> list[Decision]:
    """Return what the policy says to what waits, or to some of it, whatever the files look like."""
    known = history.improvements()
    waiting = (each for each in known.values() if among is None or each.id in among)
    return [_decision(policy, each, known) for each in waiting if each.status in {"testing", "approved"}]


def apply_selected(policy: Policy, history: History, selection: Selection) -> Selection:
    """Write what was selected, file by file, and return what came of it: a file that cannot be written is left out.

    Raises `HistoryError` when the history was tampered with.
    """
    found = {each.improvement.id: each for each in selection.decisions}
    written: list[Plan] = []
    for planned in selection.plans:
        here = [found[proof.improvement or ""] for proof in planned.taken]
        try:
            write(history, [planned], policy.actor, {each.improvement.id: each.reason for each in here})
        except HistoryError:
            raise
        except InputError as error:
            found |= {each.improvement.id: replace(each, against=str(error)) for each in here}
        else:
            written.append(planned)
    return Selection(tuple(found.values()), tuple(written))


def _planned(
    history: History, allowed: Sequence[Decision], check: Callable[[Path], None] | None
) -> tuple[list[Plan], dict[str, Decision]]:
    """Return what becomes of one file, and the decisions that its text turns round."""
    proofs: list[Proof] = []
    refused: dict[str, Decision] = {}
    known = history.improvements().values()
    for each in allowed:
        try:
            proof = applicable(history, each.improvement, known)
            plan([proof])  # one that the file no longer fits must not stand in the way of the others
            if check:
                check(proof.candidate.path)
        except InputError as error:
            refused[each.improvement.id] = replace(each, against=str(error))
        else:
            proofs.append(proof)
    if not proofs:
        return [], refused
    planned = plan(proofs)
    by_id = {each.improvement.id: each for each in allowed}
    for held in planned.held:
        name = held.improvement or ""
        why = f"{planned.taken[0].improvement} changes the same lines and gains more; prove it again after that"
        refused[name] = replace(by_id[name], against=why)
    return [planned], refused


def _decision(policy: Policy, improvement: Improvement, known: Mapping[str, Improvement]) -> Decision:
    """Return what the policy says to an improvement, whatever its file looks like."""
    sure = confidence_now(improvement, known.values())
    gain = round(improvement.measured.low - 1, 4) if improvement.measured else 0.0
    return Decision(improvement, sure, gain, _against(policy, improvement, known.values(), sure, gain))


def _against(
    policy: Policy, improvement: Improvement, known: Iterable[Improvement], sure: Confidence, gain: float
) -> str | None:
    """Return the first thing that speaks against it, as a clause."""
    if not policy.trusted:
        return "this workspace is not trusted"
    if Path(improvement.path).is_absolute():  # which a symbolic link of the project may lead to
        return "its file lies outside of the project, so a person decides"
    if improvement.status == "testing":
        assumed = next(iter(improvement.assumptions), "what nobody looked at")
        return f"it waits for a person, since it assumes no call like {assumed}"
    if sure.value < policy.confidence:
        return f"confidence {sure.value:.3g} is less than {policy.confidence:.3g}: {sure.weakest.sentence}"
    if gain < policy.gain:
        return f"it is only sure to be {1 + gain:.4g} times as fast, and {1 + policy.gain:.4g} is asked for"
    if earlier := next(filter(lambda other: _turned_down(improvement, other), known), None):
        return f"the same was {earlier.status} here before ({earlier.id}), so a person decides"
    return None


def _turned_down(improvement: Improvement, other: Improvement) -> bool:
    """Whether the same rewrite of the same function was taken back before, or turned down by a person."""
    same = (other.code, other.path, other.function) == (improvement.code, improvement.path, improvement.function)
    by_person = other.status == "rejected" and other.records[-1].actor.kind == "person"
    return same and (other.status == "rolled-back" or by_person)
