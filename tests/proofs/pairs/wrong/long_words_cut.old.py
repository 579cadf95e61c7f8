"""Rare branch at large sizes: only texts beyond eighty characters show it."""


def shortened(text: str) -> str:
    result = ""
    for letter in text:
        if len(result) == 80:
            return result[:77] + "..."
        result += letter
    return result
