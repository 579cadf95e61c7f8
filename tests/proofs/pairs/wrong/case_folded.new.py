"""Unicode case: casefold takes more for equal than lower does."""


def same_name(left: str, right: str) -> bool:
    return left.casefold() == right.casefold()
