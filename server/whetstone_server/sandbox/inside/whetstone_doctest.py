"""Runs the docstring examples of files given by path; imported modules keep the names the tests know them by."""

from __future__ import annotations

import doctest
import importlib
import os
import sys
import traceback


def main() -> None:
    """Run the examples of the files in `sys.argv[1:]`; a file that cannot be imported is left out."""
    for path in sys.argv[1:]:
        name = module_name(path)
        if name is None:
            continue
        try:
            module = importlib.import_module(name)
            doctest.testmod(module, report=False)
        except (Exception, SystemExit):
            traceback.print_exc()


def module_name(path: str) -> str | None:
    """Return the name under which the deepest folder on `sys.path` leads to the file."""
    entries = {os.path.realpath(entry or os.curdir) for entry in sys.path}
    for entry in sorted(entries, key=len, reverse=True):
        inner = os.path.relpath(os.path.realpath(path), entry)
        if not inner.startswith(os.pardir):
            stem = os.path.splitext(inner)[0].replace(os.sep, ".")
            return stem[: -len(".__init__")] if stem.endswith(".__init__") else stem
    return None
