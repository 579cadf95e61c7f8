"""Laziness: a list that grows while its generator is being read."""


def running(numbers: list[int]):
    total = 0
    index = 0
    while index < len(numbers):
        total = 0
        for number in numbers[: index + 1]:
            total += number
        yield total
        index += 1
