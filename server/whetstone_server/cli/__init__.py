"""The command line: one file per command, of which only the one that was asked for is imported."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from whetstone_server.errors import WhetstoneError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = (
    ("check", "find code that costs time"),
    ("prove", "rewrite what was found, and prove which rewrites are equal and faster"),
    ("compare", "give a verdict on any rewrite of a function"),
    ("rules", "list the rules"),
    ("explain", "show the page of a rule"),
    ("new", "write a supervised server, a pool, a breaker … with the test that proves it"),
    ("knowledge", "how to build what lasts: patterns, practices, anti-patterns, and which of them you need"),
    ("improvements", "what was proposed, approved, applied and rolled back, and the way back"),
    ("events", "what happened here: edits, findings, proofs, measurements"),
    ("metrics", "measurements of this project: record them, see where they are going"),
    ("bottlenecks", "what costs too much, how much it matters, and what would resolve it"),
    ("doctor", "say what this machine offers, and what to install"),
    ("lsp", "serve an editor"),
)
"""Every command with what it does, in the order of `whetstone --help`; each is a module of this package."""

FOUND_NOTHING, FOUND, FAILED, INTERRUPTED = 0, 1, 2, 130
"""Exit status: done, or nothing found · findings, or a proof that said no · could not be carried out · Ctrl-C."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; a request that cannot be carried out says so in one line."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(given)
    except WhetstoneError as error:
        from whetstone_server.cli.terminal import plain  # noqa: PLC0415 -- only read when something went wrong

        print(plain(f"whetstone: {_one_line(error)}"), file=sys.stderr)  # noqa: T201
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough; without this Python complains again while it shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FOUND
    except SystemExit as finish:  # argparse ends --help and misuse this way
        return finish.code if isinstance(finish.code, int) else FAILED


def _run(given: list[str]) -> int:
    """Hand the arguments to the command they name, or to the front page of the help."""
    if given and given[0] in dict(COMMANDS):
        name = given.pop(0)
        module = import_module(f"whetstone_server.cli.{name}")
        status: int = module.run(module.parser().parse_args(given))
        sys.stdout.flush()
        return status
    from whetstone_server.cli import front_page  # noqa: PLC0415 -- only read when no command was named

    return front_page.show(given)


def _one_line(error: WhetstoneError) -> str:
    return " ".join(str(error).split())
