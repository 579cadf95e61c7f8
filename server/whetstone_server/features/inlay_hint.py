"""`textDocument/inlayHint`: at the end of a line how much faster it would be, where that was proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from whetstone_knowledge import BY_CODE
from whetstone_server.features import wording
from whetstone_server.features.feature import Feature

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from whetstone_knowledge import Span
    from whetstone_server.session import OpenFile, Session


def inlay_hint(session: Session, params: types.InlayHintParams) -> Sequence[types.InlayHint] | None:
    """Return the measured gains at the ends of lines in the range; `None` where hints are turned off."""
    file = session.file(params.text_document.uri)
    if file is None or not session.settings_of(file).inlay_hints:
        return None
    return list(_hints(session, file, file.text.span(params.range)))


def _hints(session: Session, file: OpenFile, shown: Span) -> Iterator[types.InlayHint]:
    for finding in session.findings(file):
        end = file.text.line_end(finding.span.start)
        if not shown.start <= end <= shown.end:
            continue
        verdict = session.verdicts.verdict(file, finding)
        if verdict and verdict.answer == "faster" and verdict.speedup:
            yield types.InlayHint(
                position=file.text.position(end),
                label=f"{verdict.speedup.gain} if fixed",
                tooltip=f"{finding.code}: {wording.title(BY_CODE[finding.code].title, verdict)}",
                padding_left=True,
            )


FEATURE = Feature(types.TEXT_DOCUMENT_INLAY_HINT, inlay_hint, types.InlayHintOptions(resolve_provider=False))
