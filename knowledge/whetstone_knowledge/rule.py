"""What a rule is: a page that finds, explains and mends one thing that costs time."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from whetstone_knowledge.elixir.match import Match as ElixirMatch
    from whetstone_knowledge.elixir.match import Replacement
    from whetstone_knowledge.finding import Fix, Severity
    from whetstone_knowledge.rewriting import Scene
    from whetstone_knowledge.syntax.match import Match


_LONGEST_CAPTURE = 60


class Refused(Exception):  # noqa: N818 -- a refusal is an answer, not an error
    """A rewrite that cannot be made safely here; the message is one sentence for the person who asked."""


class Rule:
    """One thing that costs time, or that breaks: how it is found, when it holds its tongue, and how it is rewritten.

    A subclass's docstring is its page: the first line says what is found, the rest why it costs time
    and when the rule stays quiet. Everything else a reader needs stands in the class attributes.
    """

    code: ClassVar[str]
    """`WP###` for Python, `WE###` for Elixir; never reused."""
    language: ClassVar[str]
    """The language whose code it reads, in lower case."""
    title: ClassVar[str]
    """The cure, as the title of a code action: "Join the pieces once"."""
    message: ClassVar[str]
    """The squiggle's sentence; `{name}` stands for the text captured as `@name`."""
    severity: ClassVar[Severity]
    weight: ClassVar[int]
    """Impact, 0 to 100, of one match that stands in no loop."""
    fix: ClassVar[Fix]
    on_request: ClassVar[bool] = False
    """Whether it is silent unless somebody selects it by its whole code or its name."""
    before: ClassVar[str]
    """The first thing a reader sees: code that the rule finds something in."""
    after: ClassVar[str]
    """What `mend` makes of `before`."""
    more: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Further pairs of before and after, for the edge cases."""
    quiet: ClassVar[tuple[str, ...]]
    """Look-alikes in which the rule finds nothing."""
    evidence: ClassVar[Mapping[str, float]]
    """Old time over new time of `before` and `after`, by version of the language."""

    @property
    def name(self) -> str:
        """The class name in kebab-case: what is found, as an editor or a setting calls it."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", type(self).__name__).lower()

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """What the rule rewrites and into what, as source that starts at column 0: the first pair, then `more`."""
        return tuple((_flush(before), _flush(after)) for before, after in ((self.before, self.after), *self.more))

    @property
    def look_alikes(self) -> tuple[str, ...]:
        """The examples in `quiet`, as source that starts at column 0."""
        return tuple(_flush(example) for example in self.quiet)

    def is_called(self, word: str) -> bool:
        """Whether a word is its whole code or its name, in letters of either size."""
        return word.upper() == self.code or word.lower() == self.name

    def said(self, captured: Mapping[str, str]) -> str:
        """Return the rule's sentence with captured texts put in, each on one line and cut where it gets long."""
        return self.message.format(**{name: _short(text) for name, text in captured.items()})


class PythonRule(Rule):
    """A rule for Python: `before` and `after` are whole functions, and a proof can judge the rewrite."""

    language = "python"
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
    sample: ClassVar[str]
    """Python source that binds `args`, a tuple: an example call of the function in `before`, for timing it."""
    evidence: ClassVar[Mapping[str, float]]
    """Old time over new time of `before` and `after`, by interpreter version; measured by `benchmarks/evidence.py`."""

    def applies(self, match: Match) -> bool:
        """Whether this match of the query is worth a squiggle: names, scopes and kinds are decided here.

        What `mend` has to find again, it names with `match.also`.
        """
        raise NotImplementedError

    def mend(self, scene: Scene) -> None:
        """Rewrite the function in `scene`, or raise `Refused` with the reason when it cannot be done safely."""
        raise NotImplementedError


class ElixirRule(Rule):
    """A rule for Elixir: what it finds it may mend by replacing text, which is never called proven."""

    language = "elixir"
    words: ClassVar[tuple[str, ...]]
    """Where it begins to look: at each of these that stands in the text as a token of its own. The name of a function
    (`"at"`, `"member?"`), an operator (`"++"`), a module (`"GenServer"`), an atom (`":infinity"`) or the key of an
    option (`"name:"`)."""
    beside: ClassVar[tuple[str, ...]] = ()
    """Words that stand in every text in which it finds something: for a rule whose `words` are common."""
    leaves_tests: ClassVar[bool] = True
    """Whether test files and scripts, where such code does no harm, are left alone."""
    reads_macros: ClassVar[bool] = False
    """Whether it looks into macros and `quote` as well: code of another module, of which nothing is known here."""
    needs_whole_module: ClassVar[bool] = False
    """Whether it speaks of what a module lacks: it is quiet while part of the module cannot be read."""
    template: ClassVar[str] = ""
    """The template that writes what should stand there instead, where no rewrite can say it."""
    evidence: ClassVar[Mapping[str, float]] = {}
    """Old time over new time of `before` and `after`, by version of Elixir; measured by
    `benchmarks/elixir_evidence.py`. Empty where time is not the point."""
    sample: ClassVar[str] = ""
    """The call of `before` that is measured, such as `"Report.ids(rows)"`: it gives the same after the rewrite. Its
    arguments are the values that the benchmark has, each of a thousand items where it is a collection."""

    def applies(self, match: ElixirMatch) -> bool:
        """Whether one of its `words` stands here in code worth a squiggle.

        Underlined is the call whose name the word is, the whole of an operator's expression, or else the word alone;
        `match.underline` says otherwise. What the message shows is named with `match.also`.
        """
        raise NotImplementedError

    def mend(self, match: ElixirMatch) -> Iterator[Replacement]:
        """Yield what replaces what, or raise `Refused` with the reason when it cannot be done safely.

        `match` is one to which `applies` has said yes. Never called when `fix` is "none".
        """
        raise NotImplementedError


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_CAPTURE else line[: _LONGEST_CAPTURE - 1] + "…"


def _flush(example: str) -> str:
    """Return an example as it would stand in a file of its own."""
    return dedent(example).lstrip("\n")
