"""Keyword arguments: a misspelt option was refused."""


def query(path, **options):
    if not options:
        return path
    joined = "&".join([f"{name}={value}" for name, value in options.items()])
    return f"{path}&{joined}" if "?" in path else f"{path}?{joined}"
