"""One job in a process of its own: `job.py NAME FOLDER` calls `run` of the file NAME.py beside this one.

Its arguments are read from the folder and what it returns is written there, both as JSON.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import sys
import traceback
from typing import Any, Callable


def main(name: str, folder: str) -> int:
    """Run the job; return the exit status of the process."""
    _be_first_to_go()
    with open(os.path.join(folder, "arguments.json"), encoding="utf-8") as file:
        arguments = json.load(file)
    os.unlink(file.name)
    try:
        _write(folder, "result.json", json.dumps(_job(name)(arguments)))
    except BaseException as error:
        traceback.print_exc()
        _write(folder, "failure.txt", traceback.format_exception_only(type(error), error)[-1].strip())
        return 1
    return 0


def _be_first_to_go() -> None:
    """When memory runs out, end a job before the server that has to tell of it."""
    try:
        with open("/proc/self/oom_score_adj", "w") as score:
            score.write("1000")
    except OSError:
        pass


def _job(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    # The user's own modules come first: a project may well have a `record` or a `test` of its own.
    here = sys.path.pop(0)
    sys.path.append(here)
    module_name = name if name.startswith("whetstone_") else "whetstone_job_" + name
    spec = importlib.util.spec_from_file_location(module_name, os.path.join(here, name + ".py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    spec.loader.exec_module(module)
    run: Callable[[dict[str, Any]], dict[str, Any]] = module.run
    return run


def _write(folder: str, name: str, text: str) -> None:
    """Write beside and rename, so that half an answer is never taken for one."""
    path = os.path.join(folder, name)
    with open(path + ".part", "w", encoding="utf-8", errors="surrogatepass") as file:
        file.write(text)
    os.rename(path + ".part", path)


def _leave(status: int) -> None:
    """End the process now: threads that the user's code left running are not waited for."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    _leave(main(sys.argv[1], sys.argv[2]))
