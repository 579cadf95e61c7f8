"""Large sizes: a float's square root is off by one above two to the fifty-second."""

import math


def side(area: int) -> int:
    if area < 0:
        raise ValueError("negative area")
    return int(math.sqrt(area))
