"""Letters counted in Python, by str.count instead."""


def vowels(text: str) -> int:
    return sum(1 for letter in text if letter in "aeiou")
