"""A line split twice to part key from value, parted once."""


def settings(text):
    result = {}
    for line in text.split("\n"):
        if line.strip():
            key = line.split("=")[0]
            value = "=".join(line.split("=")[1:])
            result[key] = value
    return result
