"""Exception, when: a generator function raises at the first item, not at the call."""


def every(items, step):
    if step < 1:
        raise ValueError("step must be positive")
    for place in range(0, len(items), step):
        yield items[place]
