"""Rare input: rstrip takes letters, not a suffix."""


def module_name(file_name):
    return file_name.rstrip(".py")
