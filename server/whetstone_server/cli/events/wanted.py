"""The options that say which events are meant."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from whetstone_server.events.reading import Wanted

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def add_time(options: ArgumentParser) -> None:
    """Add `--since` and `--until`."""
    options.add_argument(
        "--since", type=moment, metavar="TIME", help="from this time on: 90s, 30m, 2h, 7d ago, or RFC 3339"
    )
    options.add_argument("--until", type=moment, metavar="TIME", help="before this time")


def add_choice(options: ArgumentParser) -> None:
    """Add what narrows a list: time, type, source and path, and how many."""
    add_time(options)
    options.add_argument(
        "--type", metavar="TYPE", help="only of this type, or of its subject: document.change, document"
    )
    options.add_argument("--source", metavar="NAME", help="only what this part saw")
    options.add_argument("--path", metavar="PATH", help="only about this file, named as the events name it")
    options.add_argument(
        "--limit", type=number, default=100, metavar="N", help="at most so many (default: %(default)s)"
    )


def wanted(arguments: Namespace, text: str | None = None) -> Wanted:
    """Return what the options ask for."""
    from whetstone_server.events.reading import FOREVER, Wanted  # noqa: PLC0415 -- so that --help stays quick

    return Wanted(
        arguments.since or 0, arguments.until or FOREVER, arguments.type, arguments.source, arguments.path, text
    )


def number(text: str) -> int:
    """Return how many; argparse's error for what is no number from 1 on."""
    if not text.isdecimal() or int(text) == 0:
        raise ArgumentTypeError(f"expected a number from 1 on, not {text!r}")
    return int(text)


def moment(text: str) -> int:
    """Return microseconds since 1970 for `2h` (ago) or an RFC 3339 time; argparse's error for anything else."""
    from whetstone_server.events.event import now  # noqa: PLC0415
    from whetstone_server.events.transfer import microseconds  # noqa: PLC0415

    if ago := re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw])", text):
        return max(0, now() - int(float(ago[1]) * _UNITS[ago[2]] * 1_000_000))
    try:
        return max(0, microseconds(text))
    except ValueError:
        raise ArgumentTypeError(f"expected 2h, 7d or an RFC 3339 time, not {text!r}") from None
