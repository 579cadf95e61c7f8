"""Speedscope's JSON, which py-spy, pyinstrument, austin and many others write.

https://github.com/jlfwong/speedscope/wiki/Importing-from-custom-sources
"""

from __future__ import annotations

import json
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Any

from whetstone_server.profiles.profile import Frame, NotAProfile, Profile, from_stacks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAME = "speedscope JSON"


def begins(head: bytes) -> bool:
    """Whether this is a JSON object."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def read(content: bytes) -> Profile:
    """Return own time by function over every thread of the file."""
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise NotAProfile("it is not valid JSON") from error
    try:
        frames = [_frame(frame) for frame in document["shared"]["frames"]]
        return from_stacks("speedscope", _stacks(document["profiles"], frames))
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise NotAProfile("it has no profiles over shared frames") from error


def _frame(frame: dict[str, Any]) -> Frame:
    line = frame.get("line")
    return Frame(str(frame["name"]), str(frame.get("file") or ""), line if isinstance(line, int) else None)


def _stacks(profiles: Sequence[dict[str, Any]], frames: Sequence[Frame]) -> Iterator[tuple[Sequence[Frame], float]]:
    for profile in profiles:
        stacks = {"sampled": _sampled, "evented": _evented}.get(profile["type"])
        if stacks is None:
            raise NotAProfile(f"it holds a profile of type {profile['type']!r}")
        for stack, weight in stacks(profile):
            yield [frames[index] for index in stack], _checked(weight)


def _sampled(profile: dict[str, Any]) -> Iterator[tuple[Sequence[int], float]]:
    """Yield the samples as they stand, outermost frame first."""
    if len(profile["samples"]) != len(profile["weights"]):
        raise NotAProfile("its samples and their weights do not pair up")
    yield from zip(profile["samples"], profile["weights"], strict=True)


def _evented(profile: dict[str, Any]) -> Iterator[tuple[Sequence[int], float]]:
    """Yield the stack that was open between each event and the next."""
    open_frames: list[int] = []
    for event, following in pairwise([*profile["events"], None]):
        if event["type"] == "O":
            open_frames.append(event["frame"])
        elif open_frames:
            open_frames.pop()
        if following is not None and open_frames:
            yield tuple(open_frames), following["at"] - event["at"]


def _checked(weight: Any) -> float:
    if not isinstance(weight, int | float) or not isfinite(weight) or weight < 0:
        raise NotAProfile(f"it holds a weight of {weight!r}")
    return float(weight)
