"""A product of matrices by three indices, by rows and columns instead."""

from operator import mul


def product(left, right):
    if not left or not right or any(len(row) != len(right) for row in left):
        raise ValueError("shapes differ")
    if any(len(row) != len(right[0]) for row in right):
        raise ValueError("shapes differ")
    columns = list(zip(*right))
    return [[sum(map(mul, row, column)) for column in columns] for row in left]
