"""The engine that needs nothing installed: the kernel's own namespaces, entered through `launcher.py`."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whetstone_server.errors import SandboxError
from whetstone_server.sandbox import seccomp
from whetstone_server.sandbox.cgroup import ControlGroup
from whetstone_server.sandbox.engine import Limits
from whetstone_server.sandbox.piped import PipedWire
from whetstone_server.sandbox.resident import ResidentSession, command, environment
from whetstone_server.sandbox.rlimits import per_process, processors
from whetstone_server.sandbox.view import INSIDE, View, bare_view, view_of

if TYPE_CHECKING:
    from whetstone_server.sandbox.engine import EngineName, Interpreter, Session

_LAUNCHER = Path(__file__).with_name("launcher.py")
_REMEDY = "allow unprivileged user namespaces, or install bubblewrap or a Docker engine"
SHARED_MEMORY_BYTES = 64 << 20


class Namespaces:
    """Mount, process, network, message, host-name and (for an ordinary account) user namespaces of the kernel's own."""

    name: EngineName = "namespaces"

    def __init__(self, inside: Path = INSIDE) -> None:
        """`inside` is the folder of jobs, mounted read-only."""
        self._inside = inside

    def refusal(self) -> str | None:
        """Return why this kernel or account cannot make namespaces; found out by making some, once."""
        return self._refusal

    @cached_property
    def _refusal(self) -> str | None:
        if sys.platform != "linux" or not seccomp.supported():
            return "namespaces need Linux on x86_64 or aarch64"
        plan = _Plan(bare_view(), Limits(), None)
        try:
            tried = subprocess.run(
                plan.argv(), pass_fds=plan.fds, capture_output=True, timeout=10, check=False, cwd="/", env={}
            )
        except subprocess.TimeoutExpired:
            return f"namespaces could not be made within 10 seconds; {_REMEDY}"
        finally:
            plan.close()
        if tried.returncode:
            why = tried.stderr.decode(errors="replace").strip().splitlines()[-1:]
            return f"namespaces cannot be made here ({' '.join(why)}); {_REMEDY}"
        return None

    def start(self, root: Path, interpreter: Interpreter, limits: Limits) -> Session:
        """Start a sandbox; see `engine.Engine`."""
        root = Path(os.path.abspath(root))  # noqa: PTH100 -- the project stays at the place it was named by
        view = view_of(root, interpreter, self._inside, as_owner=os.geteuid() != 0)
        group = ControlGroup.make(limits)
        plan = _Plan(view, limits, group)
        plan.command = command(interpreter.executable, view, self._inside)
        plan.environment = environment(interpreter, view)
        try:
            wire = PipedWire(plan.argv(), group, info=plan.told, fds=plan.fds)
        except OSError as error:
            raise SandboxError(f"the namespaces sandbox could not be started: {error}") from error
        return ResidentSession(self.name, wire, limits)


class _Plan:
    """What the launcher is told, and the descriptors over which it is told and tells."""

    def __init__(self, view: View, limits: Limits, group: ControlGroup | None) -> None:
        self.view = view
        self.limits = limits
        self.group = group
        self.command: list[str] = []
        self.environment: dict[str, str] = {}
        self.told, self._tell = os.pipe()
        self._text = os.memfd_create("plan")

    @property
    def fds(self) -> tuple[int, int]:
        return self._text, self._tell

    def argv(self) -> list[str]:
        os.write(self._text, json.dumps(self._as_json()).encode())
        os.lseek(self._text, 0, os.SEEK_SET)
        return [sys.executable, "-I", "-S", "-B", str(_LAUNCHER), str(self._text)]

    def _as_json(self) -> dict[str, Any]:
        grouped = self.group is not None
        return {
            "command": self.command,
            "environment": self.environment,
            "root": str(self.view.root),
            "steps": [(step.kind, step.place, step.source) for step in self.view.steps],
            "entrances": self.group.entrances if self.group else [],
            "limits": per_process(self.limits, grouped=grouped),
            "processors": processors(self.limits, grouped=grouped),
            "scratch_bytes": self.limits.scratch_bytes,
            "shm_bytes": SHARED_MEMORY_BYTES,
            "filter": base64.b64encode(seccomp.program()).decode(),
            "info": self._tell,
        }

    def close(self) -> None:
        for fd in (self.told, *self.fds):
            os.close(fd)
