"""Membership of a list asked for each of many numbers, of a set instead."""


def all_known(numbers: list[int], known: list[int]) -> bool:
    return all(number in known for number in numbers)
