"""Formatting: a float in the shortest form that is exact."""


def spelled(values: list[float]) -> str:
    return "%.16g;" * len(values) % tuple(values) if all(value % 1 for value in values) else "".join(f"{value};" for value in values)
