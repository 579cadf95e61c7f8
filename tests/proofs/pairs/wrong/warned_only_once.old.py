"""Warnings: one for every old name."""

import warnings


def renamed(names: list[str]) -> list[str]:
    out: list[str] = []
    for name in names:
        if name.startswith("old_"):
            warnings.warn(f"{name} is old", DeprecationWarning, stacklevel=2)
            name = name[4:]
        out = out + [name]
    return out
