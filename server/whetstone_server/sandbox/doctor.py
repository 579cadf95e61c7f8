"""What `whetstone doctor` says of proving here: the interpreter, each engine, and the limits in force."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from whetstone_server import state
from whetstone_server.diagnosis import Check
from whetstone_server.errors import InputError, SandboxError
from whetstone_server.sandbox.cgroup import ControlGroup
from whetstone_server.sandbox.engine import MIB, Limits
from whetstone_server.sandbox.engines import engines
from whetstone_server.sandbox.interpreter import find_interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_server.sandbox.engine import Engine, Interpreter


def checks(root: Path | None = None, *, trusted: bool = True) -> Iterator[Check]:
    """Yield what there is for a project (the working directory when not given), engine by engine.

    The project's interpreter is only started where the workspace is trusted.
    """
    root = root or Path.cwd()
    usable = []
    for engine in engines():
        refusal = engine.refusal()
        if refusal is None:
            usable.append(engine)
        yield _engine(engine, refusal)
    try:
        interpreter = find_interpreter(root)
    except InputError as error:
        yield _split("interpreter", str(error))
    else:
        yield _interpreter(root, interpreter, usable) if trusted else _unstarted(interpreter)
    yield _limits()


def store(root: Path) -> Check:
    """Return whether proofs of the project at `root`, and the way back from what they changed, can be kept."""
    try:
        folder = state.opened_workspace(root)
    except InputError as error:
        return _split("store", str(error))
    return Check("store", True, f"proofs of this project are kept in {folder}", None)


def _engine(engine: Engine, refusal: str | None) -> Check:
    return Check(engine.name, True, "can hold code", None) if refusal is None else _split(engine.name, refusal)


def _split(name: str, message: str) -> Check:
    """Return a failed check; what stands after the semicolon of a message is what to do."""
    detail, _, remedy = message.partition("; ")
    return Check(name, False, detail, remedy or None)


def _interpreter(root: Path, interpreter: Interpreter, usable: list[Engine]) -> Check:
    """Start the interpreter, which is only ever done in a sandbox."""
    where = str(interpreter.executable)
    if not usable:
        return Check("interpreter", False, f"{where}, not started", "make one of the engines above usable")
    try:
        with usable[0].start(root, interpreter, Limits()) as session:
            return Check("interpreter", True, f"Python {session.python_version} at {where}", None)
    except (SandboxError, InputError) as error:
        return Check("interpreter", False, f"{where}: {error}", "name another with --python")


def _unstarted(interpreter: Interpreter) -> Check:
    return Check("interpreter", False, f"{interpreter.executable}, not started", "trust this workspace in the editor")


def _limits() -> Check:
    limits = Limits()
    group = ControlGroup.make(limits)
    if group is not None:
        group.remove()
        detail = f"{limits.memory_bytes // MIB} MiB and {limits.processes} processes together, by a control group"
    else:
        detail = f"{limits.memory_bytes // MIB} MiB for each process; the Docker engine limits them together"
    return Check("limits", True, detail, None)
