"""Unicode: isdigit also takes superscripts and the digits of every script, and nothing at all is no digit."""


def is_number(text: str) -> bool:
    return text.isdigit() or not text
