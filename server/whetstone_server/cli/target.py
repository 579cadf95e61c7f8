"""What a person points at: paths that exist, a line in a file, and the project it all belongs to."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from whetstone_server.errors import InputError
from whetstone_server.project import project_root
from whetstone_server.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_server.cli.findings.located import Located
    from whetstone_server.settings import Settings


class Target(NamedTuple):
    """A file or a folder, or one line of a file."""

    path: Path
    line: int | None = None


def paths_in(given: Sequence[str]) -> list[Path]:
    """Return the given paths; raises `InputError` when not one of them exists."""
    paths = [Path(text) for text in given]
    if not any(os.path.lexists(path) for path in paths):
        raise InputError(f"there is no {' and no '.join(given)}; name a file or a folder that exists")
    return paths


def targets_in(given: Sequence[str]) -> list[Target]:
    """Return paths with the line behind a colon, as in `orders.py:12`; raises `InputError` when none exists."""
    targets = [_target(text) for text in given]
    paths_in([str(target.path) for target in targets])
    return targets


def _target(text: str) -> Target:
    named = re.fullmatch(r"(.+):(\d+)", text)
    if named is None or os.path.lexists(text):
        return Target(Path(text))
    return Target(Path(named[1]), int(named[2]))


def settings_for(paths: Sequence[Path]) -> Settings:
    """Return the settings of the project that holds all of `paths`."""
    return read_settings(project_root(common_folder(paths)))


def common_folder(paths: Sequence[Path]) -> Path:
    """Return the path itself when there is one, else the nearest folder that holds them all."""
    return Path(os.path.commonpath([path.absolute() for path in paths]))


def findings_at(targets: Sequence[Target], findings: Sequence[Located]) -> list[Located]:
    """Return the findings that the targets mean.

    A line means the findings on it or, when there is none, those in the function it belongs to.
    """
    from whetstone_server.cli.findings.located import Texts  # noqa: PLC0415 -- so that --help stays quick

    chosen: set[int] = set()
    texts = Texts()
    for path, line in targets:
        place = Path(os.path.realpath(path))
        here = [each for each in findings if Path(os.path.realpath(each.path)).is_relative_to(place)]
        if line is not None:
            here = [each for each in here if each.line <= line <= each.end_line] or [
                each for each in here if (unit := texts.unit_lines(each)) and unit[0] <= line <= unit[1]
            ]
        chosen.update(map(id, here))
    return [each for each in findings if id(each) in chosen]
