"""Off by one: zip drops what does not fill a chunk."""


def triples(items: list[int]) -> list[list[int]]:
    return [list(triple) for triple in zip(*[iter(items)] * 3)]
