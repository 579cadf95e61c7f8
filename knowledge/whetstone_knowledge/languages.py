"""The languages that are read: which one a file is in, and how its findings are looked for.

Whoever reads one language loads the grammar of that one only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_knowledge.finding import Finding
    from whetstone_knowledge.rule import Rule
    from whetstone_knowledge.spans import Span
    from whetstone_knowledge.suppression import Suppression

SUFFIXES = {".py": "python", ".pyw": "python", ".ex": "elixir", ".exs": "elixir"}
"""The language of a file by the end of its name."""
LANGUAGES = tuple(dict.fromkeys(SUFFIXES.values()))
"""The languages that are read, as LSP names them."""


class Document(Protocol):
    """A text whose findings follow each keystroke."""

    @property
    def text(self) -> bytes:
        """The text as it stands, in UTF-8."""

    @property
    def is_fresh(self) -> bool:
        """Whether the findings are those of the whole text, so that `refresh` would change nothing."""

    def findings(self) -> list[Finding]:
        """Return what is found in the text as it stands, in order."""

    def matches(self) -> list[Finding]:
        """Return the same with what a comment asks to be silent about."""

    def suppressions(self) -> list[Suppression]:
        """Return the comments that ask for silence; what is unused in them was seen at the last look at the whole."""

    def is_comment(self, offset: int) -> bool:
        """Whether the byte at `offset` stands in a comment."""

    def edit(self, start: int, end: int, new: bytes) -> None:
        """Put `new` where the bytes from `start` to `end` were."""

    def refresh(self) -> None:
        """Read the whole text again, at a pause."""


def language_of(path: str) -> str:
    """Return the language of a file by its name; one of a name that says nothing is Python."""
    return SUFFIXES.get(path[path.rfind(".") :], "python")


def rules_for(language: str) -> tuple[Rule, ...]:
    """Return the rules for a language, in catalogue order."""
    from whetstone_knowledge import rules  # noqa: PLC0415 -- see above

    return rules.elixir_rules() if language == "elixir" else rules.PYTHON_RULES


def document(text: bytes, language: str, path: str | None = None) -> Document:
    """Return a text to be followed, with what every rule of its language finds in it, also those for request."""
    if language == "elixir":
        from whetstone_knowledge.elixir.document import Document as Elixir  # noqa: PLC0415 -- see above

        return Elixir(text, rules_for(language), path)
    from whetstone_knowledge.syntax import Document as Python  # noqa: PLC0415

    return Python(text)


def find(source: bytes, language: str, rules: Sequence[Rule] | None = None, path: str | None = None) -> list[Finding]:
    """Return every finding of `rules`, or of all that speak unasked, in `source`, UTF-8, in order of the text.

    `path` tells tests and scripts from other code, where a rule makes a difference between them.
    """
    if language == "elixir":
        from whetstone_knowledge.elixir.find import find as in_elixir  # noqa: PLC0415 -- see above

        return in_elixir(source, rules, path)
    from whetstone_knowledge.syntax import find as in_python  # noqa: PLC0415

    return in_python(source, rules)


def find_lazily(
    source: bytes, language: str, rules: Sequence[Rule] | None = None, path: str | None = None
) -> list[Finding]:
    """Return what `find` returns, for less where most of a text need not be read."""
    if language == "python":
        from whetstone_knowledge.syntax import find_lazily as in_python  # noqa: PLC0415 -- see above

        return in_python(source, rules)
    return find(source, language, rules, path)


def strangers(source: bytes, language: str) -> list[tuple[str, Span]]:
    """Return the words in suppressions that name no rule, and so silence nothing, with their places."""
    if language == "elixir":
        from whetstone_knowledge.elixir.find import strangers as in_elixir  # noqa: PLC0415 -- see above

        return in_elixir(source)
    from whetstone_knowledge.syntax import strangers as in_python  # noqa: PLC0415

    return in_python(source)
