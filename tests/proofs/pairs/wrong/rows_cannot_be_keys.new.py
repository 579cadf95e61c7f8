"""Unhashable: rows that are lists can be compared but not put in a set."""


def distinct(rows):
    seen = set()
    result = []
    for row in rows:
        if row not in seen:
            seen.add(row)
            result.append(row)
    return result
