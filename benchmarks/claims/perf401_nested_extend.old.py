"""A nested loop that appends, as one extend with a generator per short row."""


def flattened(rows):
    result = []
    for row in rows:
        for value in row:
            result.append(value)
    return result
