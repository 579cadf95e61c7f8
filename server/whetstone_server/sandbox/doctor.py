"""What `whetstone doctor` says of proving here: the interpreter, each engine, and the limits in force."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from whetstone_server.errors import InputError, SandboxError
from whetstone_server.sandbox.cgroup import ControlGroup
from whetstone_server.sandbox.engine import MIB, Limits
from whetstone_server.sandbox.engines import engines
from whetstone_server.sandbox.interpreter import find_interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_server.sandbox.engine import Engine, Interpreter


class Check(NamedTuple):
    """One thing looked at."""

    name: str
    ok: bool
    detail: str
    remedy: str | None
    """What to do about it, when it is not as it should be."""


def checks(root: Path | None = None) -> Iterator[Check]:
    """Yield what there is for a project (the working directory when not given), engine by engine."""
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
        yield _interpreter(root, interpreter, usable)
    yield _limits()


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


def _limits() -> Check:
    limits = Limits()
    group = ControlGroup.make(limits)
    if group is not None:
        group.remove()
        detail = f"{limits.memory_bytes // MIB} MiB and {limits.processes} processes together, by a control group"
    else:
        detail = f"{limits.memory_bytes // MIB} MiB for each process; the Docker engine limits them together"
    return Check("limits", True, detail, None)
