"""Code in which something is found."""

from __future__ import annotations

CHEAPEST = """\
def cheapest(prices):
    if not prices:
        return None
    return sorted(prices)[0]
"""
CHEAPEST_AFTER = CHEAPEST.replace("sorted(prices)[0]", "min(prices)")
FOUND = "sorted(prices)[0]"
"""What is underlined in `CHEAPEST`."""
DEAREST = CHEAPEST.replace("cheapest", "dearest").replace("[0]", "[-1]")
