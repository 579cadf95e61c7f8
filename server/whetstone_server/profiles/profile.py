"""What every profile comes down to: how much own time each frame took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Frame(NamedTuple):
    """A place in a program, as a profiler names it."""

    function: str
    """The bare or the qualified name, whichever the profiler wrote."""
    file: str
    """The path as it was where the program ran; empty when the profiler did not say."""
    line: int | None
    """The function's first line or the line that was running, whichever the profiler wrote."""


class NotAProfile(ValueError):  # noqa: N818 -- reads as the sentence it is
    """A file that begins like a format and then breaks its rules; the message says where."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Own time by Python frame, in whatever unit the tool used; only shares of the total mean anything."""

    tool: str
    own: Mapping[Frame, float]
    total: float


def is_python(frame: Frame) -> bool:
    """Whether the frame is in a Python file; built-in and native frames are not."""
    return frame.file.endswith((".py", ".pyw", ".pyx"))


def from_stacks(tool: str, stacks: Iterable[tuple[Sequence[Frame], float]]) -> Profile:
    """Return the profile of sampled stacks, each written from the outermost frame in, with its weight.

    Time in native code at the end of a stack is counted for the Python frame that called it: a slow `list.pop(0)`
    belongs to the loop that calls it.
    """
    own: dict[Frame, float] = {}
    total = 0.0
    for stack, weight in stacks:
        total += weight
        for frame in reversed(stack):
            if is_python(frame):
                own[frame] = own.get(frame, 0.0) + weight
                break
    return Profile(tool, own, total)
