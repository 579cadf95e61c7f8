"""Output order: lines printed as they came, now all at the end or, after an error, not at all."""


def report(amounts):
    print("\n".join([str(100 // amount) for amount in amounts]))
