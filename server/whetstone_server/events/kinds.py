"""Every kind of event with the fields it carries: one class each, listed in `KINDS`.

A field may be added with a default at any time. Anything else raises the kind's `version`, and readers then show what
an older or newer version wrote as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

if TYPE_CHECKING:
    from whetstone_server.events.event import Event


class Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an event of one kind carries."""

    kind: ClassVar[str]
    version: ClassVar[int] = 1
    repeats: ClassVar[bool] = False
    """Whether the same again within a minute is merged into one event with a count."""
    for_good: ClassVar[bool] = False
    """Whether it belongs to the history of improvements, which is never let go."""


class DocumentOpen(Payload, frozen=True):
    """A document was opened."""

    kind = "document.open"
    language: str
    document_version: int
    lines: int
    size: int
    """In code points."""


class DocumentChange(Payload, frozen=True):
    """A range of a document was replaced; lines count from 0, columns in what the editor counts them in.

    An editor that sends whole texts replaces everything up to the last line there can be.
    """

    kind = "document.change"
    document_version: int
    start_line: int
    start_column: int
    end_line: int
    end_column: int
    inserted: int
    """Size of the new text, in code points."""
    text: str | None = None
    """The new text itself, only where the setting allows it."""


class DocumentSave(Payload, frozen=True):
    """A document was saved."""

    kind = "document.save"
    document_version: int
    size: int
    """In bytes of UTF-8."""


class DocumentClose(Payload, frozen=True):
    """A document was closed."""

    kind = "document.close"
    document_version: int


class DiagnosticsShown(Payload, frozen=True):
    """Findings were put before somebody's eyes."""

    kind = "diagnostics.shown"
    repeats = True
    findings: list[str]
    """Rule codes, in the order of the text."""


class DiagnosticsCleared(Payload, frozen=True):
    """The findings of a document were taken away."""

    kind = "diagnostics.cleared"
    repeats = True
    findings: int


class ActionOffered(Payload, frozen=True):
    """A code action was listed."""

    kind = "action.offered"
    repeats = True
    code: str
    proven: bool


class ActionChosen(Payload, frozen=True):
    """A code action was picked."""

    kind = "action.chosen"
    code: str
    proven: bool
    improvement: str | None = None


class ActionUndone(Payload, frozen=True):
    """What an action wrote was taken back in the editor."""

    kind = "action.undone"
    code: str
    improvement: str | None = None


class ProofStarted(Payload, frozen=True):
    """A rewrite went into the sandbox."""

    kind = "proof.started"
    code: str | None
    function: str
    line: int


class ProofVerdict(Payload, frozen=True):
    """What a proof came to."""

    kind = "proof.verdict"
    for_good = True
    code: str | None
    function: str
    line: int
    verdict: str
    reason: str
    seconds: float
    speedup: float | None = None
    low: float | None = None
    high: float | None = None
    improvement: str | None = None
    python: str | None = None
    sandbox: str | None = None


class ImprovementProposed(Payload, frozen=True):
    """A rewrite was made of a function, to be tested."""

    kind = "improvement.proposed"
    for_good = True
    improvement: str
    code: str | None
    function: str
    record: int | None = None
    """Its number in the history of improvements; so in the kinds below."""


class ImprovementTesting(Payload, frozen=True):
    """A proposed rewrite went into the sandbox."""

    kind = "improvement.testing"
    for_good = True
    improvement: str
    record: int | None = None


class ImprovementApproved(Payload, frozen=True):
    """A rewrite may be applied: its proof left nothing open, or somebody said so."""

    kind = "improvement.approved"
    for_good = True
    improvement: str
    reason: str
    actor: str | None = None
    record: int | None = None


class ImprovementRejected(Payload, frozen=True):
    """A rewrite may not be applied: its proof said no, or somebody did."""

    kind = "improvement.rejected"
    for_good = True
    improvement: str
    reason: str
    actor: str | None = None
    record: int | None = None


class ImprovementApplied(Payload, frozen=True):
    """A proven rewrite was written into a file."""

    kind = "improvement.applied"
    for_good = True
    improvement: str
    code: str | None
    function: str
    actor: str | None = None
    record: int | None = None


class ImprovementRolledBack(Payload, frozen=True):
    """An applied rewrite was taken out again."""

    kind = "improvement.rolled-back"
    for_good = True
    improvement: str
    reason: str
    actor: str | None = None
    record: int | None = None


class TemplateWritten(Payload, frozen=True):
    """A template was written into a project."""

    kind = "template.written"
    template: str
    name: str
    files: int


class ProfileRun(Payload, frozen=True):
    """A profile was recorded or read."""

    kind = "profile.run"
    format: str
    seconds: float
    functions: int


class MetricSample(Payload, frozen=True):
    """A named number was measured."""

    kind = "metric.sample"
    repeats = True
    name: str
    value: float
    unit: str | None = None
    meta: dict[str, str] = {}


class BenchmarkResult(Payload, frozen=True):
    """A benchmark was run."""

    kind = "benchmark.result"
    name: str
    median: float
    """Seconds."""
    low: float
    high: float
    """What the middle half of all rounds lies between."""
    runs: int
    meta: dict[str, str] = {}


class BottleneckFound(Payload, frozen=True):
    """Something was measured to cost too much, or to cost much more or less than it was known to."""

    kind = "bottleneck.found"
    subject: str
    metric: str
    severity: str
    impact: int
    """0 to 100."""
    sentence: str
    remedy: str
    goal: float | None = None
    """What the next measurement must not be on the wrong side of, for it to be resolved."""
    better: str | None = None
    """Which side of the goal is the right one: `lower` or `higher`."""


class BottleneckResolved(Payload, frozen=True):
    """A measurement showed that a bottleneck is gone."""

    kind = "bottleneck.resolved"
    subject: str
    metric: str
    severity: str
    """What it was."""


class ServerError(Payload, frozen=True):
    """A part of the server broke and the others went on."""

    kind = "server.error"
    part: str
    message: str


class SettingTuned(Payload, frozen=True):
    """The server changed a setting of its own, to try whether a measurement of itself gets better."""

    kind = "setting.tuned"
    for_good = True
    setting: str
    before: float
    after: float
    least: float
    most: float
    """How far it may be moved."""
    metric: str
    value: float
    """What was measured before the change."""
    target: float
    reason: str


class SettingKept(Payload, frozen=True):
    """A setting that the server had changed stays as it is."""

    kind = "setting.kept"
    for_good = True
    setting: str
    before: float
    after: float
    metric: str
    value_before: float
    value_after: float
    reason: str


class SettingRestored(Payload, frozen=True):
    """A setting that the server had changed is again what it was."""

    kind = "setting.restored"
    for_good = True
    setting: str
    before: float
    after: float
    metric: str | None
    value_before: float | None
    value_after: float | None
    """`None` where nothing could be measured, or nothing had to be."""
    reason: str


class EventsDropped(Payload, frozen=True):
    """Events could not be kept: the ring was full, or they were too large or not of their kind."""

    kind = "events.dropped"
    for_good = True
    number: int


KINDS: dict[str, type[Payload]] = {
    payload.kind: payload
    for payload in (
        DocumentOpen,
        DocumentChange,
        DocumentSave,
        DocumentClose,
        DiagnosticsShown,
        DiagnosticsCleared,
        ActionOffered,
        ActionChosen,
        ActionUndone,
        ProofStarted,
        ProofVerdict,
        ImprovementProposed,
        ImprovementTesting,
        ImprovementApproved,
        ImprovementRejected,
        ImprovementApplied,
        ImprovementRolledBack,
        TemplateWritten,
        ProfileRun,
        MetricSample,
        BenchmarkResult,
        BottleneckFound,
        BottleneckResolved,
        ServerError,
        SettingTuned,
        SettingKept,
        SettingRestored,
        EventsDropped,
    )
}


LONGEST_KIND = 100
"""Letters: a kind is part of a key of the database."""
LAST_TIME = 253_402_300_800_000_000
"""The year 10000, which a date has no words for."""


def may_repeat(kind: str) -> bool:
    """Whether equal events of a kind may be merged into one that counts them; a newer version says so of its own."""
    return kind not in KINDS or KINDS[kind].repeats


def complaint(event: Event) -> str | None:
    """Return why an event cannot be kept, or `None` when it can.

    Kinds and versions that are not known here are kept as they are, if JSON can hold them.
    """
    if not (
        type(event.kind) is str
        and 0 < len(event.kind) <= LONGEST_KIND
        and type(event.source) is str
        and (event.path is None or type(event.path) is str)
        and type(event.time) is int
        and 0 <= event.time < LAST_TIME
        and type(event.version) is int
        and type(event.count) is int
        and event.count > 0
    ):
        return "its kind, source, path, time, version or count is not what an event's can be"
    known = KINDS.get(event.kind)
    if known is not None and event.version == known.version:
        try:
            msgspec.convert(event.data, known)
        except msgspec.ValidationError as error:
            return str(error)
        return None
    return None if type(event.data) is dict and _is_plain(event.data) else "it holds what JSON cannot"


def _is_plain(value: Any) -> bool:
    kind = type(value)
    if kind is dict:
        return all(type(key) is str and _is_plain(item) for key, item in value.items())
    if kind is list:
        return all(map(_is_plain, value))
    return value is None or kind in (str, int, float, bool)
