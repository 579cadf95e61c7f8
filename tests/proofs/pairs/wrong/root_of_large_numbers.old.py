"""Large sizes: a float's square root is off by one above two to the fifty-second."""

import math


def side(area: int) -> int:
    if area < 0:
        raise ValueError("negative area")
    if area == 0:
        return 0
    root = area
    while True:
        better = (root + area // root) // 2
        if better >= root:
            return root
        root = better
