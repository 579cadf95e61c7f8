"""Division of negatives: int(a / b) goes towards zero, a // b goes down."""


def minutes(offsets: list[int]) -> list[int]:
    return [offset // 60 for offset in offsets]
