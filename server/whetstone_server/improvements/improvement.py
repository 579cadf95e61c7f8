"""An improvement: a rewrite on its way from proposed to applied, and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from whetstone_server.errors import InputError
from whetstone_server.sandbox.verdict import Speedup

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from whetstone_server.improvements.record import Change, Record, Status

STEPS: Mapping[Status | None, tuple[Status, ...]] = {
    None: ("proposed",),
    "proposed": ("testing",),
    "testing": ("approved", "rejected"),
    "approved": ("applied",),
    "applied": ("rolled-back",),
    "rejected": (),
    "rolled-back": (),
}
"""From where an improvement stands to where it may go, and no other way; `None` is before it was proposed."""

_PROVE_AGAIN = "a new proof makes a new proposal: whetstone prove"
_WAY_OUT: Mapping[Status | None, str] = {
    None: _PROVE_AGAIN,
    "proposed": _PROVE_AGAIN,
    "testing": "a proof or a person approves or rejects it first: whetstone improvements approve",
    "approved": "it can only be applied, or be left alone",
    "applied": "it can only be rolled back: whetstone improvements rollback",
    "rejected": _PROVE_AGAIN,
    "rolled-back": _PROVE_AGAIN,
}


@dataclass(frozen=True, slots=True)
class Improvement:
    """An improvement as its records tell it."""

    id: str
    status: Status
    code: str | None
    """The rule's; `None` where somebody else made the rewrite. So is `rule`, its name."""
    rule: str | None
    path: str
    """As seen from the project's folder, with `/` between its parts; absolute for a file elsewhere."""
    function: str
    line: int
    """1-based, where it was found."""
    evidence: Mapping[str, Any]
    """The proof's verdict as JSON names it, with `python`, `sandbox` and versions; empty while there is none."""
    records: tuple[Record, ...]
    """Its steps, oldest first."""

    @property
    def measured(self) -> Speedup | None:
        """Old time over new time as it was measured, with its interval; `None` without a measurement."""
        measured = self.evidence.get("speedup")
        return Speedup(**measured) if measured else None

    @property
    def speedup(self) -> float | None:
        """The estimate of that alone."""
        return self.measured.estimate if self.measured else None

    @property
    def about(self) -> str:
        """The code and the name of its rule, or that somebody else made the rewrite."""
        return f"{self.code} {self.rule}" if self.code else "a rewrite by hand"

    @property
    def confidence(self) -> float | None:
        """How sure it is that the rewrite holds what it promises, 0 to 1, where that was worked out."""
        return self.evidence.get("confidence")

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The calls on which old and new differ, unlike any that was seen: whoever approves it takes these on."""
        return tuple(each["input"] for each in self.evidence.get("assumptions", ()))

    @property
    def proven_texts(self) -> tuple[str, str] | None:
        """SHA-256 of the text it was proven for and of the one it makes, in UTF-8; `None` where that was not said."""
        about = self.records[0].subject
        return (about.before, about.after) if about and about.before else None

    def same_rewrite(self, other: Improvement) -> bool:
        """Whether both make the same text of the same file."""
        return self.path == other.path and self.proven_texts is not None and self.proven_texts == other.proven_texts

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file that it changed, or would change."""
        return tuple(change.path for change in self.changes) or (self.path,)

    @property
    def changes(self) -> tuple[Change, ...]:
        """What applying it did to each file; empty before that."""
        applied = self._record("applied")
        return applied.changes if applied else ()

    @property
    def proposed_at(self) -> str:
        """RFC 3339 in UTC; so are the times below."""
        return self.records[0].time

    @property
    def decided_at(self) -> str | None:
        """When it was approved or rejected."""
        decided = self._record("approved") or self._record("rejected")
        return decided.time if decided else None

    @property
    def applied_at(self) -> str | None:
        """When it was applied, also when it was rolled back since."""
        applied = self._record("applied")
        return applied.time if applied else None

    @property
    def rolled_back_at(self) -> str | None:
        """When it was rolled back."""
        rolled_back = self._record("rolled-back")
        return rolled_back.time if rolled_back else None

    def _record(self, step: Status) -> Record | None:
        return next((record for record in self.records if record.step == step), None)


def check_step(improvement: str, status: Status | None, step: Status) -> None:
    """Raise `InputError`, with what can be done instead, when `step` does not lead on from `status`."""
    if step not in STEPS[status]:
        stands = f"is {status}" if status else "was never proposed"
        raise InputError(f"{improvement} {stands}, so it cannot be {step}; {_WAY_OUT[status]}")


def improvements_in(records: Iterable[Record]) -> dict[str, Improvement]:
    """Return every improvement that the records are about, by its id, in the order in which they were proposed.

    Raises `InputError` at a step that is not allowed, which no Whetstone writes.
    """
    found: dict[str, Improvement] = {}
    for record in records:
        known = found.get(record.improvement)
        check_step(record.improvement, known.status if known else None, record.step)
        found[record.improvement] = _after(known, record)
    return found


def _after(known: Improvement | None, record: Record) -> Improvement:
    """Return an improvement after one more step."""
    if known:
        proven = record.evidence if record.step != "rolled-back" else None  # which says why, not what was promised
        evidence = proven or known.evidence
        return replace(known, status=record.step, evidence=evidence, records=(*known.records, record))
    about = record.subject
    if about is None:
        raise InputError(f"record {record.number} proposes {record.improvement}, but does not say what it is about")
    return Improvement(
        record.improvement,
        record.step,
        about.code,
        about.rule,
        about.path,
        about.function,
        about.line,
        record.evidence or {},
        (record,),
    )
