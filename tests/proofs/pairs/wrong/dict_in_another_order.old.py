"""Dict order: equal dicts whose keys come in another order."""


def inverted(names: dict[str, int]) -> dict[int, str]:
    result: dict[int, str] = {}
    for name in sorted(names):
        result[names[name]] = name
    return result
