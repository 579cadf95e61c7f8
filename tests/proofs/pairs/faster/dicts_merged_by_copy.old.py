"""A dict copied whole for each layer, updated in place; later layers win and keys keep their places."""


def layered(layers: list[dict[str, int]]) -> dict[str, int]:
    result: dict[str, int] = {}
    for layer in layers:
        result = {**result, **layer}
    return result
