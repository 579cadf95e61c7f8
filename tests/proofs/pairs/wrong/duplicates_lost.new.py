"""Duplicates: the common ones once each instead of as often as they occur."""


def common(left: list[int], right: list[int]) -> list[int]:
    return sorted(set(left) & set(right))
