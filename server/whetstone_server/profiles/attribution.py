"""From the frames of a profile to the functions of the files that lie here.

A profile names files as they were where the program ran: `/app/src/orders/report.py` is the same file as
`src/orders/report.py` here. Files belong together by the end of their paths, and each profiled file goes to the one
file here that shares the longest end with it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from whetstone_server.profiles.profile import Frame, Profile


class Attribution:
    """Says how hot a function of one of `paths` is in `profile`."""

    def __init__(self, profile: Profile, paths: Iterable[Path]) -> None:
        self._total = profile.total
        self._frames: dict[str, list[tuple[Frame, float]]] = {}
        here = _by_name(paths)
        for frame, own in profile.own.items():
            if (path := _nearest(frame.file, here)) is not None:
                self._frames.setdefault(path, []).append((frame, own))

    def heat(self, path: Path, function: str, lines: tuple[int, int]) -> float | None:
        """Return the share of all time spent in `function` (`Class.method`) of `path`, which stands on `lines`.

        What is defined inside it, comprehensions and inner functions, counts for it. When the file has changed since
        the profile was taken and the lines do not fit, the name decides, if only one function of the file has it.
        `None` when the profile knows nothing of the file.
        """
        frames = self._frames.get(os.path.realpath(path))
        if frames is None or not self._total:
            return None
        inside = [own for frame, own in frames if _stands_on(frame, lines)]
        if not any(_is_called(frame, function) and _stands_on(frame, lines) for frame, _ in frames):
            inside += _by_name_alone(frames, function)
        return min(sum(inside) / self._total, 1.0)


def _stands_on(frame: Frame, lines: tuple[int, int]) -> bool:
    return frame.line is not None and lines[0] <= frame.line <= lines[1]


def _is_called(frame: Frame, function: str) -> bool:
    """Whether a frame's name, bare or qualified, can mean `function`."""
    name = frame.function.removesuffix("()")
    return name == function or name == function.rpartition(".")[2] or name.endswith(f".{function}")


def _by_name_alone(frames: Sequence[tuple[Frame, float]], function: str) -> list[float]:
    """Return the own times of the frames called `function`, unless they are several different functions."""
    named = [(frame, own) for frame, own in frames if _is_called(frame, function)]
    exact = [(frame, own) for frame, own in named if "." in frame.function]
    chosen = exact or named
    return [own for _, own in chosen] if len({frame.line for frame, _ in chosen}) == 1 else []


def _by_name(paths: Iterable[Path]) -> dict[str, list[tuple[str, ...]]]:
    """Return the parts of each real path, under the file's name."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for path in paths:
        parts = _parts(os.path.realpath(path))
        found.setdefault(parts[-1], []).append(parts)
    return found


def _nearest(file: str, here: dict[str, list[tuple[str, ...]]]) -> str | None:
    """Return the path here that a profiled file most likely is; `None` when none, or two equally, could be."""
    parts = _parts(file)
    ranked = sorted(((_shared(parts, other), other) for other in here.get(parts[-1], ())), reverse=True)
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    shared, best = ranked[0]
    # One common name is too little between two long paths: every project has a utils.py and an __init__.py.
    return "/".join(best) if shared > 1 or shared == len(parts) else None


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for left, right in zip(reversed(one), reversed(other), strict=False):
        if left != right:
            break
        count += 1
    return count


def _parts(path: str) -> tuple[str, ...]:
    return tuple(path.replace("\\", "/").removeprefix("./").split("/"))
