"""Unicode case: casefold takes more for equal than lower does."""


def same_name(left: str, right: str) -> bool:
    return "".join([letter.lower() for letter in left]) == "".join([letter.lower() for letter in right])
