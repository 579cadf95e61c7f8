"""Unhashable: rows that are lists can be compared but not put in a set."""


def distinct(rows):
    result = []
    for row in rows:
        if row not in result:
            result.append(row)
    return result
