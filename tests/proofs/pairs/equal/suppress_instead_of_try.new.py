"""try and pass replaced by contextlib.suppress: shorter, and many times slower."""

import contextlib


def forget(known, name):
    with contextlib.suppress(KeyError):
        del known[name]
    return len(known)
