"""`whetstone --help`: what there is; and a word about a command that does not exist."""

from __future__ import annotations

from difflib import get_close_matches

from whetstone_server import __version__, cli
from whetstone_server.errors import InputError

_HEAD = """\
usage: whetstone COMMAND [OPTIONS]

Finds code that costs time, and only calls a fix faster when it has proved it.

commands:
"""
_FOOT = """
`whetstone COMMAND --help` shows a command's options and an example.

example:
  whetstone check src
"""


def show(given: list[str]) -> int:
    """Print the version or the help; raises `InputError` for anything else."""
    if given and given[0] in {"--version", "-V"}:
        print(f"whetstone {__version__}")  # noqa: T201
        return cli.FOUND_NOTHING
    if given and given[0] in {"--help", "-h", "help"}:
        print(text(), end="")  # noqa: T201
        return cli.FOUND_NOTHING
    names = [name for name, _ in cli.COMMANDS]
    if not given:
        raise InputError(f"name a command: {', '.join(names)}; `whetstone --help` says what they do")
    close = get_close_matches(given[0], names, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(names)}"
    raise InputError(f"{given[0]} is not a command; {hint}")


def text() -> str:
    """Return the help page."""
    widest = max(len(name) for name, _ in cli.COMMANDS)
    commands = "".join(f"  {name:<{widest}}  {sentence}\n" for name, sentence in cli.COMMANDS)
    return _HEAD + commands + _FOOT
