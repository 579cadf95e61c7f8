"""A nested loop that fills a dict, as one update with a comprehension per short row."""


def merged(rows):
    result = {}
    for row in rows:
        for key, value in row:
            result[key] = value
    return result
