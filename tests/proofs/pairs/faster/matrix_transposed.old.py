"""A matrix transposed by index, with zip instead; ragged rows are refused before."""


def transposed(rows: list[list[int]]) -> list[list[int]]:
    if not rows:
        return []
    if any(len(row) != len(rows[0]) for row in rows):
        raise ValueError("ragged rows")
    result = []
    for column in range(len(rows[0])):
        line = []
        for row in range(len(rows)):
            line.append(rows[row][column])
        result.append(line)
    return result
