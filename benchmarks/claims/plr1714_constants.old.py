"""A comparison with two constants, as membership."""


def is_unit(word):
    return word == "mm" or word == "cm"
