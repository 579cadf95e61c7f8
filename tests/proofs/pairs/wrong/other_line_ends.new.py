"""Unicode and rare characters: splitlines knows more line ends than the newline, and no empty last line."""


def line_count(text: str) -> int:
    return len(text.splitlines()) or 1
