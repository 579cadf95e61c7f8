"""A string compared with a joined reversal, with a slice instead."""


def is_palindrome(text: str) -> bool:
    return text == "".join(reversed(text))
