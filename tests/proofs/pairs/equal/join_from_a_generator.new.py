"""join([…]) replaced by join(…): join makes a list of the generator first."""


def shouted(words):
    return " ".join(word.upper() for word in words)
