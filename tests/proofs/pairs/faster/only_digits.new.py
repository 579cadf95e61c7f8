"""Every letter looked for among the digits, the digits stripped instead; nothing left is nothing else."""


def only_digits(text: str) -> bool:
    return not text.strip("0123456789")
