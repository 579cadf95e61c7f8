"""Where people read: consoles that colour only terminals, and text that cannot steer one."""

from __future__ import annotations

from typing import IO

from rich.console import Console
from rich.text import Text

SEVERITY_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}


def console(stream: IO[str] | None = None) -> Console:
    """Return a console on `stream`, standard output by default, that adds nothing to what it is given."""
    return Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)


def show_page(text: str) -> None:
    """Print a page of Markdown: laid out for a terminal, as it is otherwise."""
    out = console()
    if out.is_terminal:
        from rich.markdown import Markdown  # noqa: PLC0415 -- a pipe does without

        out.print(Markdown(text), soft_wrap=False)
    else:
        print(text.rstrip("\n"))  # noqa: T201


def plain(text: str) -> str:
    """Return `text` with every character that a terminal might obey, such as an escape, made visible instead."""
    return "".join(
        letter if letter.isprintable() or letter == "\n" else "    " if letter == "\t" else _visible(letter)
        for letter in text
    )


def _visible(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


def styled(*pieces: str | tuple[str, str]) -> Text:
    """Return one line of text assembled from plain pieces and (piece, style) pairs."""
    return Text.assemble(
        *((plain(piece[0]), piece[1]) if isinstance(piece, tuple) else plain(piece) for piece in pieces)
    )
