"""Hash order: a joined set of strings differs from run to run."""


def tags(text: str) -> str:
    found: list[str] = []
    for word in text.split():
        if word.startswith("#") and word not in found:
            found.append(word)
    return ", ".join(found)
