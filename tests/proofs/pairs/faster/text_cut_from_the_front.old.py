"""A text shortened from the front for each piece, cut by position instead."""


def pieces(text: str, size: int) -> list[str]:
    if size < 1:
        raise ValueError("size must be positive")
    result = []
    while text:
        result.append(text[:size])
        text = text[size:]
    return result
