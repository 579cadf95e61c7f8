"""Comments that ask for silence, as the editor shows them: what in them silences nothing, and what removes that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from whetstone_knowledge.suppression import UNUSED, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_knowledge.spans import Span
    from whetstone_knowledge.suppression import Suppression
    from whetstone_server.session import OpenFile

SOURCE = "whetstone"


def unused(file: OpenFile) -> Iterator[types.Diagnostic]:
    """Yield a hint on each suppression, or code in one, that silences nothing; an unknown code is said more loudly."""
    for suppression in file.suppressions():
        yield from hints(file, suppression)


def hints(file: OpenFile, suppression: Suppression) -> Iterator[types.Diagnostic]:
    """Yield what is to be said about one suppression; nothing while it is being typed."""
    words = suppression.words or ()
    idle = range(len(words)) if suppression.unused is None else suppression.unused
    strangers = [number for number in idle if not known(words[number][0])]
    for number in strangers:
        word, place = words[number]
        yield _hint(file, place, f"no rule is called {word}", types.DiagnosticSeverity.Information)
    if suppression.unused is None and (not words or len(strangers) < len(words)):
        yield _hint(file, suppression.span, "nothing is found here that it silences")
    for number in suppression.unused or ():
        if number not in strangers:
            word, place = words[number]
            yield _hint(file, place, f"{word} is not found here")


def title(suppression: Suppression) -> str:
    """Return the title of the action that removes what is unused."""
    words = suppression.words or ()
    if suppression.unused is None or len(suppression.unused) == len(words):
        return "Remove the unused suppression"
    return f"Remove {', '.join(words[number][0] for number in suppression.unused)} from the suppression"


def _hint(
    file: OpenFile, place: Span, reason: str, severity: types.DiagnosticSeverity = types.DiagnosticSeverity.Hint
) -> types.Diagnostic:
    return types.Diagnostic(
        range=file.text.range(place),
        message=f"Unused suppression: {reason}",
        severity=severity,
        code=UNUSED,
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary],
    )
