"""Runs at the start of every Python process of a test run, then gives way to the `sitecustomize` that was there."""

import os
import sys


def _boot() -> None:
    inside = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path.insert(0, inside)
    try:
        import whetstone_boot  # can be imported for this moment only
    finally:
        sys.path.remove(inside)
    whetstone_boot.boot(os.environ["WHETSTONE_TRIAL"])


def _give_way() -> None:
    import importlib.machinery
    import importlib.util

    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", sys.path)
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


if "WHETSTONE_TRIAL" in os.environ:
    _boot()
_give_way()
