"""Exception message: the number's own complaint in place of ours."""


def parsed(fields: list[str]) -> list[int]:
    numbers = []
    for field in fields:
        try:
            numbers.append(int(field))
        except ValueError:
            raise ValueError(f"not a number: {field!r}") from None
    return numbers
