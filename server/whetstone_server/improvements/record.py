"""One record of the history: who took which step with an improvement, when, why, and what it did to which file."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

Status: TypeAlias = Literal["proposed", "testing", "approved", "rejected", "applied", "rolled-back"]
"""Where an improvement stands; also the name of the step that leads there."""


class Actor(msgspec.Struct, frozen=True):
    """Who took a step."""

    kind: Literal["person", "policy", "proof"]
    name: str
    """Of a person as git or the system has it; of a policy or a proof what it is called."""

    def __str__(self) -> str:
        return self.name if self.kind == "person" else f"the {self.kind} ({self.name})"


class Subject(msgspec.Struct, frozen=True):
    """What an improvement is about."""

    code: str | None
    """The rule's; `None` where somebody else made the rewrite. So is `rule`, its name."""
    rule: str | None
    path: str
    """As seen from the project's folder, with `/` between its parts; absolute for a file elsewhere."""
    function: str
    """Dotted name."""
    line: int
    """1-based, where it was found."""
    before: str = ""
    """SHA-256 of the text that it was proven for, in UTF-8 and in hexadecimal; so is `after`, of the text it makes.

    The proof itself lies elsewhere, where nobody signs it: this says whether it still is what was proven.
    """
    after: str = ""


class Hunk(msgspec.Struct, frozen=True, array_like=True):
    """One place where two texts differ, and so the edit from the one to the other and its inverse in one."""

    start: int
    """Of `old` in the text before, in bytes."""
    new_start: int
    """Of `new` in the text after, in bytes."""
    old: str
    new: str


class Change(msgspec.Struct, frozen=True):
    """What a step did to one file, down to the byte."""

    path: str
    """As in `Subject`."""
    before: str
    """SHA-256 of the file's bytes before the step, in hexadecimal; under this name `Texts` has them."""
    after: str
    encoding: Literal["utf-8", "latin-1"]
    """How the texts of the hunks are bytes; the second where the file is not in UTF-8, since it can say any byte."""
    hunks: tuple[Hunk, ...]
    """In order, not crossing: the exact edit and its inverse."""


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A step that is to be taken, as `History` is told of it."""

    step: Status
    improvement: str
    actor: Actor
    reason: str | None = None
    subject: Subject | None = None
    """Said once, when it is proposed."""
    evidence: dict[str, Any] | None = None
    """What was measured, with which interpreter, libraries and sandbox; said with what the proof decided."""
    changes: tuple[Change, ...] = ()
    """One per file, when it is applied or rolled back."""
    writing: str | None = None
    """Which writing of files it belongs to: all its files were written, or none."""


class Record(Step, frozen=True, kw_only=True, omit_defaults=True):
    """A step that was taken. A line of the history is one of these in JSON, and its signature."""

    number: int
    """From 1, without gaps: the order in which things happened, whatever the clock said."""
    time: str
    """RFC 3339 in UTC, by the wall clock."""
    until: int
    """The number of the last record that was written together with it: all of those count, or none."""
    previous: str
    """SHA-256 of the line before, in hexadecimal."""
    key: str
    """The first letters of the public key that it is signed with."""


encode = msgspec.json.Encoder().encode
"""Returns a record as one line of JSON, without its end."""
decode = msgspec.json.Decoder(Record).decode
"""Returns the record that a line of JSON holds; raises `msgspec.DecodeError` when it is none."""
