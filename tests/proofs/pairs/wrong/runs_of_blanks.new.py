"""Rare input: split() swallows runs of blanks and other white space, split(" ") does not."""


def fields(line):
    return line.split()
