"""A dotted name called in a loop, as an imported name."""

import math
from math import floor


def rounded(values):
    result = []
    for value in values:
        result.append(math.floor(value))
    return result
