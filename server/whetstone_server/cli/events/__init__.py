"""`whetstone events`: the event store; one file per thing to do with it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from whetstone_server.cli.parser import Parser

if TYPE_CHECKING:
    from argparse import Namespace

DEEDS = (
    ("stats", "say how many events there are, of which kinds, and what they take"),
    ("list", "list events, the newest first"),
    ("search", "list the events that hold a text"),
    ("tail", "show events as they come"),
    ("export", "write events as JSON Lines"),
    ("import", "add exported events that are not there yet"),
    ("backup", "write a consistent copy of the store, while it is used"),
    ("restore", "put a backup in the store's place"),
    ("compact", "give the room of deleted events back to the disk"),
    ("verify", "read everything, and say what is damaged"),
)
"""Each is a module of this package, with an underscore where its name is a word of Python."""
_MODULES = {"import": "import_", "list": "list_"}


def parser() -> Parser:
    """Return the options of all deeds."""
    options = Parser(
        "events",
        "What happened in this workspace: edits, findings, proofs and measurements.",
        "  whetstone events list --since 2h --type document.change\n  whetstone events stats",
    )
    deeds = options.add_subparsers(dest="deed", required=True, metavar="DEED", parser_class=_Deed)
    for name, sentence in DEEDS:
        module = _module(name)
        one = deeds.add_parser(name, help=sentence, description=_sentence(sentence), example=module.EXAMPLE)
        one.add_argument("--workspace", metavar="DIR", help="the project whose events are meant (default: this one)")
        module.add_options(one)
    return options


class _Deed(Parser):
    """The parser of one deed, made by argparse, which names it in full."""

    def __init__(self, prog: str, description: str, example: str) -> None:
        super().__init__(prog.removeprefix("whetstone "), description, example)


def run(arguments: Namespace) -> int:
    """Do one deed."""
    status: int = _module(arguments.deed).run(arguments)
    return status


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _module(name: str) -> Any:
    return import_module(f"whetstone_server.cli.events.{_MODULES.get(name, name)}")
