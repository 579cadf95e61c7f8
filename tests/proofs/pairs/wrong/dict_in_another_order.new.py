"""Dict order: equal dicts whose keys come in another order."""


def inverted(names: dict[str, int]) -> dict[int, str]:
    return {number: name for name, number in names.items()}
