"""Off by one: zip drops what does not fill a chunk."""


def triples(items: list[int]) -> list[list[int]]:
    result: list[list[int]] = []
    for item in items:
        if not result or len(result[-1]) == 3:
            result.append([])
        result[-1].append(item)
    return result
