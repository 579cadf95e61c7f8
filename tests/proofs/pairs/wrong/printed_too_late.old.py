"""Output order: lines printed as they came, now all at the end or, after an error, not at all."""


def report(amounts):
    for amount in amounts:
        print(100 // amount)
