"""The options that several commands share, and a parser that complains in one line."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from textwrap import fill
from typing import TYPE_CHECKING, Any, Literal, NoReturn

if TYPE_CHECKING:
    from argparse import Namespace

    from whetstone_server.settings import Settings

_EXAMPLE = "example:"
SANDBOXES = ("auto", "docker", "bubblewrap", "namespaces")


class _Help(RawDescriptionHelpFormatter):
    """Wraps what a command does at the width of the terminal, and leaves its examples as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if text.startswith(_EXAMPLE):
            return super()._fill_text(text, width, indent)
        return "\n".join(_filled(line, width, indent) for line in text.splitlines())


def _filled(line: str, width: int, indent: str) -> str:
    """Return a line in as many as it takes; of a word and what it means, only the meaning goes on below itself."""
    _, column, meaning = line.rpartition("  ")
    below = indent + " " * (len(line) - len(meaning) if column else 0)
    return fill(line, width, initial_indent=indent, subsequent_indent=below)


class Parser(ArgumentParser):
    """A command's parser: its help ends in an example, and misuse is one line on standard error."""

    def __init__(self, command: str, description: str, example: str) -> None:
        super().__init__(
            prog=f"whetstone {command}",
            description=description,
            epilog=f"{_EXAMPLE}\n{example}",
            formatter_class=_Help,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where to read on, and leave with status 2."""
        print(f"{self.prog}: {message}; see `{self.prog} --help`", file=sys.stderr)  # noqa: T201
        raise SystemExit(2)

    def add_format(self, *formats: str) -> None:
        """Add `--format`; the first format is the default."""
        self.add_argument(
            "--format", choices=formats, default=formats[0], help="how to print it (default: %(default)s)"
        )

    def add_rule_choice(self) -> None:
        """Add `--select`."""
        self.add_argument(
            "--select", type=words, metavar="CODES", help="only these rules: codes, beginnings of codes, or names"
        )

    def add_jobs(self) -> None:
        """Add `--jobs`."""
        self.add_argument("--jobs", type=int, metavar="N", help="processes side by side (default: one per processor)")

    def add_proving(self) -> None:
        """Add what proving needs to know: the workload, the interpreter, the sandbox and the budget."""
        self.add_argument("--workload", metavar="'TEST COMMAND'", help="the command that runs the project's tests")
        self.add_argument("--python", metavar="EXE", help="the interpreter that runs the project's code")
        self.add_argument("--sandbox", choices=SANDBOXES, help="what holds code that is run (default: auto)")
        self.add_argument("--budget", type=float, metavar="SECONDS", help="time for one rewrite (default: 10)")

    def add_ids(self, *, least: Literal["*", "+"] = "+") -> None:
        """Add which improvements are meant, at least one unless `least` says otherwise."""
        self.add_argument("ids", nargs=least, metavar="ID", help="an improvement's id, or enough of its beginning")

    def add_reason(self) -> None:
        """Add `--reason`."""
        self.add_argument("--reason", metavar="TEXT", help="why, for whoever reads the history")

    def add_commit(self) -> None:
        """Add `--commit`."""
        self.add_argument("--commit", action="store_true", help="commit what is written, with the evidence as trailers")

    def add_policy(self) -> None:
        """Add what has to hold before an improvement is applied by itself."""
        self.add_argument(
            "--confidence",
            dest="auto_apply_confidence",
            type=_confidence,
            metavar="SHARE",
            help="how sure an improvement must be to be applied by itself, 0 to 1 (default: 0.8)",
        )
        self.add_argument(
            "--gain",
            dest="auto_apply_gain",
            type=_gain,
            metavar="SHARE",
            help="how much faster it must be at least: 0.2, the default, is 20 %%",
        )


def words(text: str) -> tuple[str, ...]:
    """Split a comma list, as in `--select WP101,WP2`."""
    found = tuple(word.strip() for word in text.split(",") if word.strip())
    if not found:
        raise ArgumentTypeError("expected a comma list")
    return found


def _confidence(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ArgumentTypeError("expected 0 to 1")
    return value


def _gain(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise ArgumentTypeError("expected 0 or more: 0.2 is 20 %")
    return value


def with_options(settings: Settings, arguments: Namespace) -> Settings:
    """Return `settings` overridden by the options that were given on the command line."""
    from dataclasses import fields  # noqa: PLC0415 -- so that --help stays quick

    from whetstone_server.settings import Settings, overridden  # noqa: PLC0415

    given: dict[str, Any] = {}
    for setting in fields(Settings):
        value = getattr(arguments, setting.name, None)
        if value is not None:
            given[setting.name] = value
    return overridden(settings, given, "--")
