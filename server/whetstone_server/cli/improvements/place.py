"""Which history is meant, and which improvements in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli.workspace import root
from whetstone_server.improvements.history import History

if TYPE_CHECKING:
    from argparse import Namespace

    from whetstone_server.improvements.improvement import Improvement


def history(arguments: Namespace) -> History:
    """Return the history of the workspace, after what a crash broke off was settled.

    Raises `InputError` when there is no such workspace.
    """
    found = history_as_it_is(arguments)
    found.recover()
    return found


def history_as_it_is(arguments: Namespace) -> History:
    """Return the same without touching anything."""
    return History(root(arguments))


def wanted(arguments: Namespace, known: History) -> list[Improvement]:
    """Return the improvements that were named, each once. Raises `InputError` when there is none of that name."""
    named = [known.improvement(each) for each in arguments.ids]
    return list({each.id: each for each in named}.values())
