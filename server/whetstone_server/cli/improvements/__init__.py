"""`whetstone improvements`: rewrites on their way from proposed to applied, and back; one file per thing to do."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from whetstone_server.cli.parser import Parser

if TYPE_CHECKING:
    from argparse import Namespace

DEEDS = (
    ("list", "list improvements, the newest first"),
    ("show", "show every step of one: who, when, why, what was measured, and the diff"),
    ("approve", "let one be applied that only a person can judge"),
    ("reject", "have one never applied"),
    ("apply", "write approved ones into their files, all or none"),
    ("auto", "apply what is sure enough and gains enough"),
    ("recheck", "see whether applied ones still hold, with the tests, texts and interpreter there are now"),
    ("rollback", "take applied ones out of their files again, all or none"),
    ("verify", "check that nobody altered the history"),
)
"""Each is a module of this package, with an underscore where its name is a word of Python."""
_MODULES = {"list": "list_"}


def parser() -> Parser:
    """Return the options of all deeds."""
    options = Parser(
        "improvements",
        "Rewrites on their way from proposed to applied, and back: what was tested, by whom it was decided, and why.",
        "  whetstone improvements list\n  whetstone improvements rollback 5d1ac6f10c54 --reason 'slower in production'",
    )
    deeds = options.add_subparsers(dest="deed", required=True, metavar="DEED", parser_class=Deed)
    for name, sentence in DEEDS:
        module = _module(name)
        one = deeds.add_parser(name, help=sentence, description=_sentence(sentence), example=module.EXAMPLE)
        one.add_argument("--workspace", metavar="DIR", help="the project that is meant (default: this one)")
        module.add_options(one)
    return options


class Deed(Parser):
    """The parser of one deed, made by argparse, which names it in full."""

    def __init__(self, prog: str, description: str, example: str) -> None:
        super().__init__(prog.removeprefix("whetstone "), description, example)

    def add_ids(self, *, least: Literal["*", "+"] = "+") -> None:
        """Add which improvements are meant, at least one unless `least` says otherwise."""
        self.add_argument("ids", nargs=least, metavar="ID", help="an improvement's id, or enough of its beginning")

    def add_commit(self) -> None:
        """Add `--commit`."""
        self.add_argument("--commit", action="store_true", help="commit what is written, with the evidence as trailers")

    def add_reason(self) -> None:
        """Add `--reason`."""
        self.add_argument("--reason", metavar="TEXT", help="why, for whoever reads the history")


def run(arguments: Namespace) -> int:
    """Do one deed."""
    status: int = _module(arguments.deed).run(arguments)
    return status


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _module(name: str) -> Any:
    return import_module(f"whetstone_server.cli.improvements.{_MODULES.get(name, name)}")
