"""Rare input: split() swallows runs of blanks and other white space, split(" ") does not."""


def fields(line):
    result = [""]
    for letter in line:
        if letter == " ":
            result.append("")
        else:
            result[-1] += letter
    return result
