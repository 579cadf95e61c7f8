"""`whetstone lsp`: the language server, over standard input and output or a socket."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

from whetstone_server.cli.parser import Parser

if TYPE_CHECKING:
    from argparse import Namespace


def parser() -> Parser:
    """Return the options of the command."""
    options = Parser("lsp", "Serve an editor, over standard input and output unless told otherwise.", "  whetstone lsp")
    way = options.add_mutually_exclusive_group()
    way.add_argument("--stdio", action="store_true", help="standard input and output, which is also the default")
    way.add_argument("--tcp", type=address, metavar="HOST:PORT", help="wait for one editor at this address")
    return options


def run(arguments: Namespace) -> int:
    """Serve until the editor says goodbye; status 1 when it went away without a word."""
    from whetstone_server.server import serve  # noqa: PLC0415 -- so that --help stays quick

    return serve(tcp=arguments.tcp)


def address(text: str) -> tuple[str, int]:
    """Return host and port; an IPv6 host may stand in brackets."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise ArgumentTypeError(f"{text} is not HOST:PORT")
    return host.removeprefix("[").removesuffix("]"), int(port)
