"""try and pass replaced by contextlib.suppress: shorter, and many times slower."""

import contextlib


def forget(known, name):
    try:
        del known[name]
    except KeyError:
        pass
    return len(known)
