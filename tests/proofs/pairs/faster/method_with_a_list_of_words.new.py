"""A method that searches an attribute's list once per word, in a set made for the call."""


class Censor:
    """Takes words out of a text."""

    def __init__(self, words: list[str]) -> None:
        self.words = words

    def clean(self, text: str) -> str:
        words = set(self.words)
        return " ".join([word for word in text.split() if word not in words])
