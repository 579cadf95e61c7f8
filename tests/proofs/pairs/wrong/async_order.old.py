"""Async: one after the other, not all at once."""

import asyncio

order: list[int] = []


async def _visit(number: int) -> int:
    order.append(number)
    await asyncio.sleep(0)
    order.append(-number)
    return number


async def visit(numbers: list[int]) -> list[int]:
    found: list[int] = []
    for number in numbers:
        found = found + [await _visit(number)]
    return found
