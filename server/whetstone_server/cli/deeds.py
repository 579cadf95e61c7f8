"""Commands with several things to do: `whetstone events list`, each in a module of the command's package."""

from __future__ import annotations

import builtins
from importlib import import_module
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, NamedTuple

from whetstone_server.cli.parser import Parser

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence


class Deeds(NamedTuple):
    """The deeds of one command, in the order of its help.

    The module of each lies in the command's package, with an underscore where its name is a word of Python. It holds
    an `EXAMPLE`, `add_options(parser)` and `run(arguments)`.
    """

    command: str
    sentence: str
    example: str
    deeds: Sequence[tuple[str, str]]
    """Names, and what they do."""
    of_a_project: bool = True
    """Whether each is about one project, which `--workspace` names."""

    def parser(self) -> Parser:
        """Return the options of all deeds."""
        options = Parser(self.command, self.sentence, self.example)
        deeds = options.add_subparsers(dest="deed", required=True, metavar="DEED", parser_class=_Deed)
        for name, words in self.deeds:
            module = self._module(name)
            sentence = f"{words[0].upper()}{words[1:]}."
            one = deeds.add_parser(name, help=words, description=sentence, example=module.EXAMPLE)
            if self.of_a_project:
                one.add_argument("--workspace", metavar="DIR", help="the project that is meant (default: this one)")
            module.add_options(one)
        return options

    def run(self, arguments: Namespace) -> int:
        """Do one deed."""
        status: int = self._module(arguments.deed).run(arguments)
        return status

    def _module(self, name: str) -> Any:
        taken = iskeyword(name) or hasattr(builtins, name)
        return import_module(f"whetstone_server.cli.{self.command}.{name}{'_' if taken else ''}")


class _Deed(Parser):
    """The parser of one deed, made by argparse, which names it in full."""

    def __init__(self, prog: str, description: str, example: str) -> None:
        super().__init__(prog.removeprefix("whetstone "), description, example)
