"""A list sorted after each append, sorted once at the end; both keep equal ones as they came."""


def ordered(values):
    return sorted(values)
