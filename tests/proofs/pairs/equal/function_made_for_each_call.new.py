"""A lambda given a name of its own."""


def by_second(pairs):
    def second(pair):
        return pair[1]

    return sorted(pairs, key=second)
