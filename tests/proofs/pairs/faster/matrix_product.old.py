"""A product of matrices by three indices, by rows and columns instead."""


def product(left, right):
    if not left or not right or any(len(row) != len(right) for row in left):
        raise ValueError("shapes differ")
    if any(len(row) != len(right[0]) for row in right):
        raise ValueError("shapes differ")
    result = []
    for i in range(len(left)):
        line = []
        for j in range(len(right[0])):
            total = 0
            for k in range(len(right)):
                total += left[i][k] * right[k][j]
            line.append(total)
        result.append(line)
    return result
