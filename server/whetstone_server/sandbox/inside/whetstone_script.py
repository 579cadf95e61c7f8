"""Runs a script as `__main__`, as `python script.py` does, with the hooks that only imported files would get."""

from __future__ import annotations

import os
import sys
from typing import Any

import whetstone_instrument


def main() -> None:
    """Run `sys.argv[1]` with the arguments after it."""
    del sys.argv[0]
    path = sys.argv[0]
    main_module: Any = sys.modules["__main__"]
    sys.path[0] = os.path.dirname(os.path.realpath(path))
    main_module.__file__ = path
    main_module.__cached__ = None
    exec(whetstone_instrument.code_at(path), vars(main_module))
