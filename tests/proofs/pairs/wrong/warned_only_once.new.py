"""Warnings: one for every old name."""

import warnings


def renamed(names: list[str]) -> list[str]:
    old = [name for name in names if name.startswith("old_")]
    for name in dict.fromkeys(old):
        warnings.warn(f"{name} is old", DeprecationWarning, stacklevel=2)
    return [name[4:] if name.startswith("old_") else name for name in names]
