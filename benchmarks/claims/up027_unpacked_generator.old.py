"""A list comprehension unpacked, as a generator."""


def fields(line):
    name, value, unit = [part.strip() for part in line]
    return name + value + unit
