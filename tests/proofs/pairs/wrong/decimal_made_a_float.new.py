"""Type: decimals are summed as floats."""

import math
from decimal import Decimal


def total(prices: list[Decimal]) -> str:
    return format(math.fsum(prices), ".2f")
