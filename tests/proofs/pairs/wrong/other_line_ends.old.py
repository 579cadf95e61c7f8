"""Unicode and rare characters: splitlines knows more line ends than the newline, and no empty last line."""


def line_count(text: str) -> int:
    count = 1
    for letter in text:
        if letter == "\n":
            count += 1
    return count
