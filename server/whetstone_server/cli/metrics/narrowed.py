"""The options that say which measurements are meant, and the store they are in."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

WINDOW = "7d"


def add_meta(options: ArgumentParser, sentence: str) -> None:
    """Add `--meta`, once for each key."""
    options.add_argument("--meta", type=_pair, action="append", default=[], metavar="KEY=VALUE", help=sentence)


def add_window(options: ArgumentParser) -> None:
    """Add `--since` and `--until`."""
    from whetstone_server.cli.events.wanted import moment  # noqa: PLC0415 -- asked for once

    options.add_argument(
        "--since",
        type=moment,
        default=WINDOW,
        metavar="TIME",
        help="from this time on: 90s, 30m, 2h, 7d ago, or RFC 3339 (default: %(default)s)",
    )
    options.add_argument("--until", type=moment, metavar="TIME", help="before this time")


def window(arguments: Namespace) -> tuple[int, int]:
    """Return the first and the last time that are meant, in microseconds since 1970.

    Raises `InputError` when there is nothing between them.
    """
    from whetstone_server.errors import InputError  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_server.events.event import now  # noqa: PLC0415

    end = arguments.until if arguments.until is not None else now() + 1
    if arguments.since >= end:
        raise InputError("--since is not before --until; nothing can have been measured between them")
    return arguments.since, end


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key.strip() or not equals:
        raise ArgumentTypeError(f"expected KEY=VALUE, as suite=integration, not {text!r}")
    return key.strip(), value
