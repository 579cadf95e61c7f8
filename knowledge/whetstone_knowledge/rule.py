"""What a rule is: a page that finds, explains and mends one thing that costs time."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from whetstone_knowledge.finding import Fix, Severity
    from whetstone_knowledge.rewriting import Scene
    from whetstone_knowledge.syntax.match import Match


class Refused(Exception):  # noqa: N818 -- a refusal is an answer, not an error
    """A rewrite that cannot be made safely here; the message is one sentence for the person who asked."""


class Rule:
    """One thing that costs time: how it is found, when it holds its tongue, and how it is rewritten.

    A subclass's docstring is its page: the first line says what is found, the rest why it costs time
    and when the rule stays quiet. Everything else a reader needs stands in the class attributes.
    """

    code: ClassVar[str]
    """`WP###` for Python, `WE###` for Elixir; never reused."""
    title: ClassVar[str]
    """The cure, as the title of a code action: "Join the pieces once"."""
    message: ClassVar[str]
    """The squiggle's sentence; `{name}` stands for the text captured as `@name`."""
    severity: ClassVar[Severity]
    weight: ClassVar[int]
    """Impact, 0 to 100, of one match that stands in no loop."""
    fix: ClassVar[Fix] = "proof-needed"
    query: ClassVar[str]
    """One or more tree-sitter patterns; `@here` is what is underlined. No text predicates: `applies` compares names."""
    literals: ClassVar[tuple[str, ...]]
    """Words of which one at least stands in every function with a match. A scan never parses a function without any."""
    needs_loop: ClassVar[bool] = False
    """True when every match stands in, or is, a `for` or `while` statement: a scan skips functions without one."""
    trigger: ClassVar[str] = ""
    """A regular expression (see `triggers`) that matches and fills a group in every function with a match, behind its
    first loop if `needs_loop`: where `literals` say too little, it spares a scan most of the functions they let
    through. `.` matches newlines."""
    before: ClassVar[str]
    """The first thing a reader sees: a whole function that the rule finds something in."""
    after: ClassVar[str]
    """What `mend` makes of `before`, imports included."""
    more: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Further pairs of before and after, for the edge cases."""
    quiet: ClassVar[tuple[str, ...]]
    """Look-alikes in which the rule finds nothing."""
    sample: ClassVar[str]
    """Python source that binds `args`, a tuple: an example call of the function in `before`, for timing it."""
    evidence: ClassVar[Mapping[str, float]]
    """Old time over new time of `before` and `after`, by interpreter version; measured by `benchmarks/evidence.py`."""

    @property
    def name(self) -> str:
        """The class name in kebab-case: what is found, as an editor or a setting calls it."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", type(self).__name__).lower()

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """What the rule rewrites and into what, as source that starts at column 0: the first pair, then `more`."""
        return tuple((_flush(before), _flush(after)) for before, after in ((self.before, self.after), *self.more))

    @property
    def look_alikes(self) -> tuple[str, ...]:
        """The examples in `quiet`, as source that starts at column 0."""
        return tuple(_flush(example) for example in self.quiet)

    @property
    def language(self) -> str:
        """The language whose code it reads, in lower case."""
        return "elixir" if self.code.startswith("WE") else "python"

    def applies(self, match: Match) -> bool:
        """Whether this match of the query is worth a squiggle: names, scopes and kinds are decided here.

        What `mend` has to find again, it names with `match.also`.
        """
        raise NotImplementedError

    def mend(self, scene: Scene) -> None:
        """Rewrite the function in `scene`, or raise `Refused` with the reason when it cannot be done safely."""
        raise NotImplementedError


def _flush(example: str) -> str:
    """Return an example as it would stand in a file of its own."""
    return dedent(example).lstrip("\n")
