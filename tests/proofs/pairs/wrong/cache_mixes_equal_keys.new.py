"""Shared state and type: to a cache 1, 1.0 and True are the same argument."""

_KNOWN: dict[float, str] = {}


def label(value: float) -> str:
    if value not in _KNOWN:
        _KNOWN[value] = "value " + repr(value)
    return _KNOWN[value]
