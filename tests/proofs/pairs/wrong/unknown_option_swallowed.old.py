"""Keyword arguments: a misspelt option was refused."""


def query(path, **options):
    text = path
    for name, value in options.items():
        if name not in ("page", "size", "sort"):
            raise TypeError(f"no such option: {name}")
        text += ("&" if "?" in text else "?") + name + "=" + str(value)
    return text
