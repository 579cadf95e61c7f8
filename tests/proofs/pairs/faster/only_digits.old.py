"""Every letter looked for among the digits, the digits stripped instead; nothing left is nothing else."""


def only_digits(text: str) -> bool:
    return all(letter in "0123456789" for letter in text)
