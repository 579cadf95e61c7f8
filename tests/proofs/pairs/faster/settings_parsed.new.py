"""A line split twice to part key from value, parted once."""


def settings(text):
    result = {}
    for line in text.split("\n"):
        if line.strip():
            key, _, value = line.partition("=")
            result[key] = value
    return result
