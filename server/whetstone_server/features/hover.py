"""`textDocument/hover`: why something was found here, what a proof of it showed, and the page of its rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from whetstone_knowledge import BY_CODE
from whetstone_knowledge.catalogue import page
from whetstone_knowledge.finding import LOOP_WEIGHT
from whetstone_knowledge.spans import Span
from whetstone_server import markdown
from whetstone_server.features import wording
from whetstone_server.features.feature import Feature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_knowledge import Finding
    from whetstone_server.improvements.prove import Proof
    from whetstone_server.sandbox.verdict import Counterexample
    from whetstone_server.session import OpenFile, Session

_LONGEST = 300
"""Characters of an input or an answer that are shown."""


def hover(session: Session, params: types.HoverParams) -> types.Hover | None:
    """Return what is known of each finding at the position; `None` where there is none."""
    file = session.file(params.text_document.uri)
    if file is None:
        return None
    offset = file.text.offset(params.position)
    findings = session.findings_at(file, Span(offset, offset))
    if not findings:
        return None
    kind = types.MarkupKind.Markdown if session.abilities.reads_markdown else types.MarkupKind.PlainText
    text = "\n\n---\n\n".join(_known(session, file, finding) for finding in findings)
    return types.Hover(types.MarkupContent(kind, text), range=file.text.range(findings[0].span))


def _known(session: Session, file: OpenFile, finding: Finding) -> str:
    proof = session.verdicts.proof(file, finding)
    return "\n\n".join([*(_shown(proof) if proof else ()), rank(finding), page(BY_CODE[finding.code])])


def rank(finding: Finding) -> str:
    """Return why a finding stands where it does among the others."""
    weight = BY_CODE[finding.code].weight
    reasons = [f"{weight} for the rule"]
    if more := finding.impact - weight:
        loops = -(-more // LOOP_WEIGHT)
        reasons.append(f"{more} for {'another loop' if loops == 1 else f'{loops} more loops'} around it")
    return f"*Impact {finding.impact} of 100: {' and '.join(reasons)}; severity {finding.severity}.*"


def _shown(proof: Proof) -> Iterator[str]:
    """Yield what a proof showed, in paragraphs."""
    from whetstone_server.sandbox.support import by_size, inputs  # noqa: PLC0415 -- loaded by now

    verdict = proof.verdict
    said = markdown.words(wording.brief(verdict) if verdict.counterexample else wording.tail(verdict))
    yield f"**{said[0].upper()}{said[1:]}.**"
    facts = [inputs(verdict.workload), by_size(verdict.growth)]
    if verdict.unreached:
        facts.append(f"never reached: {len(verdict.unreached)} of {verdict.lines} lines")
    if proof.confidence and verdict.answer == "faster":
        facts.append(
            f"confidence {proof.confidence.value:.2f}; what speaks least for it: {proof.confidence.weakest.sentence}"
        )
    if listed := [f"- {markdown.words(f'{fact[0].upper()}{fact[1:]}')}" for fact in facts if fact]:
        yield "\n".join(listed)
    if verdict.counterexample:
        yield f"Old and new differ:\n\n{_difference(verdict.counterexample)}"
    for assumption in verdict.assumptions:
        yield f"This assumes no call like:\n\n{_difference(assumption)}"


def _difference(found: Counterexample) -> str:
    rows = (("input ", found.input), ("before", found.before), ("after ", found.after))
    return markdown.block("\n".join(f"{name}  {_short(value)}" for name, value in rows), "text")


def _short(text: str) -> str:
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST * 2 // 3]} … {text[-_LONGEST // 3 :]}"
    return text.replace("\n", "\n        ")


FEATURE = Feature(types.TEXT_DOCUMENT_HOVER, hover)
