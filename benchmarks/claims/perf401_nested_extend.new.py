"""A nested loop that appends, as one extend with a generator per short row."""


def flattened(rows):
    result = []
    for row in rows:
        result.extend(value for value in row)
    return result
