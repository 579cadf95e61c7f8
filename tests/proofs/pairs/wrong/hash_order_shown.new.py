"""Hash order: a joined set of strings differs from run to run."""


def tags(text: str) -> str:
    return ", ".join({word for word in text.split() if word.startswith("#")})
