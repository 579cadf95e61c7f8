"""Exception, when: a generator function raises at the first item, not at the call."""


def every(items, step):
    if step < 1:
        raise ValueError("step must be positive")
    return iter([items[place] for place in range(0, len(items), step)])
