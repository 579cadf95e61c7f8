"""Writes what was proven into the user's files: whole or not at all, only over the texts that it was proven for.

Effect: replaces files, after the texts before were kept and with the steps in the history. Together with `rollback`
it is all of Whetstone that writes into a project.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from whetstone_codegen import Edit, applied
from whetstone_server.errors import InputError
from whetstone_server.improvements.changes import change_between
from whetstone_server.improvements.files import Replacement, check_writable, replace_together
from whetstone_server.improvements.improvement import check_step
from whetstone_server.improvements.record import Step
from whetstone_server.improvements.store import ProofStore
from whetstone_server.improvements.texts import name_of
from whetstone_server.scan.source import UnreadableError, declared_encoding, in_utf_8

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from whetstone_codegen import Rewrite
    from whetstone_server.improvements.history import History, Writing
    from whetstone_server.improvements.improvement import Improvement
    from whetstone_server.improvements.proof import Proof
    from whetstone_server.improvements.record import Actor


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to become of one file."""

    path: Path
    taken: tuple[Proof, ...]
    """In the order in which they are made."""
    texts: tuple[bytes, ...]
    """The file's bytes as they are, and after each of `taken`."""
    held: tuple[Proof, ...]
    """Proven for a text that is then no longer there: find and prove them again."""


def apply(history: History, wanted: Sequence[Improvement], actor: Actor, reason: str | None = None) -> list[Plan]:
    """Write approved improvements into their files, all or none, and return what became of each file.

    Raises `InputError` when one is not approved, two change the same function, a file no longer has the text that was
    proven, or something cannot be written.
    """
    known = history.improvements().values()
    by_file: dict[str, list[Proof]] = {}
    for improvement in wanted:
        by_file.setdefault(improvement.path, []).append(applicable(history, improvement, known))
    plans = [plan(proofs) for proofs in by_file.values()]
    for each in plans:
        if each.held:
            first, second = each.taken[0].improvement, each.held[0].improvement
            raise InputError(
                f"{first} and {second} change the same lines of {each.path}, so neither was applied; "
                "apply one of them, and prove the other again"
            )
    write(history, plans, actor, reason)
    return plans


def applicable(history: History, improvement: Improvement, known: Iterable[Improvement]) -> Proof:
    """Return the proof that an improvement is applied by; `known` are all there are.

    Raises `InputError` when it is not approved, a later proof said no, or what is kept is not what was proven.
    """
    check_step(improvement.id, improvement.status, "applied")
    _check_newest(improvement, known)
    return _proof(history, improvement)


def _check_newest(improvement: Improvement, known: Iterable[Improvement]) -> None:
    """Raise `InputError` when the same rewrite was proven again since, and that proof did not say yes."""
    for other in known:
        later = other.records[0].number > improvement.records[0].number
        if later and other.same_rewrite(improvement) and other.status in ("rejected", "testing"):
            raise InputError(
                f"{improvement.id} was not applied: it was proven again since, as {other.id}, which is {other.status} "
                f"({other.evidence.get('reason', 'no reason given')}); see `whetstone improvements show {other.id}`"
            )


def _proof(history: History, improvement: Improvement) -> Proof:
    """Return the proof of an improvement; raises `InputError` when what is kept of it is not what was proven."""
    proof = ProofStore(history.folder.parent).proof(improvement.id, history.file_of(improvement.path))
    if not _is_proven(proof, improvement.proven_texts):
        raise InputError(
            f"what is kept of the proof {improvement.id} was altered, so it was not applied; prove it again"
        )
    return proof


def _is_proven(proof: Proof, texts: tuple[str, str] | None) -> bool:
    """Whether a proof is about these texts, given by their hashes, and its edits lead from one to the other."""
    source, rewrite = proof.candidate.source, proof.rewrite
    try:
        made = applied(source, rewrite.edits) if rewrite else b""
    except ValueError:
        return False
    return rewrite is not None and rewrite.text == made and texts in (None, (name_of(source), name_of(made)))


def plan(proofs: Sequence[Proof]) -> Plan:
    """Return what the rewrites of `proofs`, all `faster` and about one file, make of it; nothing is written.

    Of several rewrites of one function the one with the surest gain is taken. Raises `InputError` when the file no
    longer has the text that the proofs are about, or a proof was not kept.
    """
    path, source = proofs[0].candidate.path, proofs[0].candidate.source
    stored = StoredText(path)
    if stored.source != source or any(proof.candidate.source != source for proof in proofs):
        raise InputError(_changed(path, stored.source, source))
    check_writable(path, path)
    taken, texts = side_by_side(source, proofs)
    held = tuple(proof for proof in proofs if proof not in taken)
    return Plan(path, tuple(taken), (stored.raw, *map(stored.encoded, texts)), held)


def write(
    history: History,
    plans: Iterable[Plan],
    actor: Actor,
    reason: str | Mapping[str, str] | None = None,
    *,
    assent: bool = False,
) -> None:
    """Write what was planned, all or nothing; `reason` is one for all, or one for each by its id.

    With `assent`, improvements that wait for a person are approved by `actor`. Raises `InputError` when one may not be
    applied, or a file changed meanwhile or cannot be written.
    """
    plans = [each for each in plans if each.taken]
    if not plans:
        return
    with history.writing() as writing:
        steps = [step for each in plans for step in _steps(writing, each, actor, reason, assent=assent)]
        writing.check(*steps)
        texts = (text for each in plans for text in each.texts)
        history.keep_texts("there would be no way back, so nothing was applied", texts)
        replace_together(writing, [Replacement(each.path, each.texts[0], each.texts[-1]) for each in plans], steps)


def _steps(
    writing: Writing, planned: Plan, actor: Actor, reason: str | Mapping[str, str] | None, *, assent: bool
) -> Iterable[Step]:
    """Yield the steps that a plan takes, each with its own way back."""
    path, known = writing.history.path_of(planned.path), writing.improvements
    for proof, before, after in zip(planned.taken, planned.texts, planned.texts[1:], strict=False):
        improvement = proof.improvement or ""
        if assent and improvement in known and known[improvement].status == "testing":
            assumed = "; ".join(known[improvement].assumptions)
            yield Step(step="approved", improvement=improvement, actor=actor, reason=f"assumes no call like {assumed}")
        change = change_between(path, before, after)
        why = reason if reason is None or isinstance(reason, str) else reason.get(improvement)
        yield Step(step="applied", improvement=improvement, actor=actor, reason=why, changes=(change,))


def _changed(path: Path, now: bytes, proven: bytes) -> str:
    """Return what to say of a file that is not as it was proven."""
    if now.replace(b"\r\n", b"\n") == proven.replace(b"\r\n", b"\n"):
        return (
            f"{path} has other line ends than when its rewrite was proven (git's core.autocrlf may do that), "
            "so it was left alone; prove it again"
        )
    return f"{path} has changed since its rewrite was proven, so it was left alone; prove it again"


def side_by_side(source: bytes, proofs: Sequence[Proof]) -> tuple[list[Proof], list[bytes]]:
    """Return the proofs whose rewrites can stand in one text, and the text after each of them."""
    taken: list[Proof] = []
    texts: list[bytes] = []
    for proof in sorted(proofs, key=_surest):
        try:
            text = combined(source, [_rewrite(each) for each in (*taken, proof)])
        except ValueError:
            continue
        taken.append(proof)
        texts.append(text)
    return taken, texts


def _surest(proof: Proof) -> float:
    return -proof.verdict.speedup.low if proof.verdict.speedup else 0.0


def _rewrite(proof: Proof) -> Rewrite:
    """Return the rewrite, for which there must be a verdict of `faster` and a way back."""
    if proof.verdict.answer != "faster" or proof.rewrite is None:
        raise AssertionError("only what was proven faster is ever written")
    if proof.improvement is None:
        raise InputError(
            f"{proof.candidate.path} was left alone: there would be no way back, because the proof could not be kept; "
            "set WHETSTONE_HOME to a folder that can be written"
        )
    return proof.rewrite


def combined(source: bytes, rewrites: Sequence[Rewrite]) -> bytes:
    """Return `source` with every rewrite made; raises `ValueError` when they touch the same function or do not fit."""
    if len(rewrites) == 1:
        return rewrites[0].text
    imports = [edit for rewrite in rewrites for edit in rewrite.edits if edit.span.start == edit.span.end]
    functions = [edit for rewrite in rewrites for edit in rewrite.edits if edit.span.start < edit.span.end]
    text = applied(source, (*functions, *_merged(imports, rewrites)))
    try:
        ast.parse(text.decode("utf-8-sig"))
    except (SyntaxError, ValueError) as error:
        raise ValueError("together the rewrites do not parse") from error
    return text


def _merged(insertions: Sequence[Edit], rewrites: Sequence[Rewrite]) -> tuple[Edit, ...]:
    """Return one insertion per place with each import line once; the blank lines around them are the first one's."""
    wanted = {each for rewrite in rewrites for each in rewrite.imports}
    if len({each.bound for each in wanted}) < len(wanted):
        raise ValueError("two rewrites want different things under one name")
    merged: dict[int, Edit] = {}
    for edit in insertions:
        other = merged.get(edit.span.start)
        merged[edit.span.start] = edit if other is None else Edit(edit.span, _with_lines(other.text, edit.text))
    return tuple(merged.values())


def _with_lines(text: str, other: str) -> str:
    """Return the import lines of both texts, sorted, between the line ends that stand around those of `text`."""
    body = text.strip("\r\n")
    lead, _, trail = text.partition(body)
    newline = "\r\n" if "\r\n" in text else "\n"
    return lead + newline.join(sorted({*body.splitlines(), *other.strip("\r\n").splitlines()})) + trail


class StoredText:
    """A Python file as it lies on disk, and as the UTF-8 text that everything here works on."""

    def __init__(self, path: Path) -> None:
        try:
            self.raw = path.read_bytes()
            self.source = in_utf_8(self.raw)
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
        except UnreadableError as error:
            raise InputError(f"{path} cannot be read: {error}") from error

    def encoded(self, source: bytes) -> bytes:
        """Return a UTF-8 text in the encoding of the file; its byte order mark is part of both."""
        return source if self.source is self.raw else source.decode().encode(declared_encoding(self.raw))
