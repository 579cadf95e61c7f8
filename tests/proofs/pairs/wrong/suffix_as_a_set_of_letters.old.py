"""Rare input: rstrip takes letters, not a suffix."""


def module_name(file_name):
    if file_name.endswith(".py"):
        return file_name[: len(file_name) - len(".py")]
    return file_name
