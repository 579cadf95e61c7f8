"""How much more a finding matters when a profile says that its function is hot."""

from __future__ import annotations

from math import sqrt


def raised(impact: int, heat: float) -> int:
    """Return `impact`, 0 to 100, raised by `heat`, the function's share of all time from 0 to 1.

    The square root of the heat says which part of the way to 100 is gone: a function that takes a quarter of the
    time goes half the way, one that takes a hundredth a tenth of it, one that takes none stays where it was.
    The root keeps functions that are warm apart from cold ones, of which a program has hundreds.
    """
    share = min(max(heat, 0.0), 1.0)
    return round(impact + (100 - impact) * sqrt(share))
