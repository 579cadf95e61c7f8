"""The bubblewrap engine: the only file that knows `bwrap`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from whetstone_server.errors import SandboxError
from whetstone_server.sandbox import seccomp
from whetstone_server.sandbox.cgroup import ControlGroup
from whetstone_server.sandbox.engine import Limits
from whetstone_server.sandbox.piped import PipedWire
from whetstone_server.sandbox.resident import ResidentSession, command, environment
from whetstone_server.sandbox.rlimits import NOBODY, per_process, processors
from whetstone_server.sandbox.view import INSIDE, Step, View, bare_view, view_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_server.sandbox.engine import EngineName, Interpreter, Session

SHARED_MEMORY_BYTES = 64 << 20
_INSTALL = "install the package bubblewrap"

# Joins the control group before anything else exists, so that nothing of the sandbox is ever outside it.
_JOIN = 'n=$1; shift; while [ "$n" -gt 0 ]; do echo 0 > "$1" || exit 97; shift; n=$((n - 1)); done; exec "$@"'


class Bubblewrap:
    """Namespaces made by `bwrap`."""

    name: EngineName = "bubblewrap"

    def __init__(self, inside: Path = INSIDE) -> None:
        """`inside` is the folder of jobs, mounted read-only."""
        self._inside = inside

    def refusal(self) -> str | None:
        """Return why `bwrap` cannot be used here; found out by using it, once."""
        return self._refusal

    @cached_property
    def _refusal(self) -> str | None:
        if sys.platform != "linux" or not seccomp.supported():
            return "bubblewrap needs Linux on x86_64 or aarch64"
        if shutil.which("bwrap") is None:
            return f"bubblewrap is not installed; {_INSTALL}"
        missing = [tool for tool in ("setpriv", "prlimit", "taskset", "true") if shutil.which(tool) is None]
        if missing:
            return f"bubblewrap needs {' and '.join(missing)}; install util-linux"
        return self._trial()

    def _trial(self) -> str | None:
        fds = _Descriptors()
        argv = [*_wrapped(bare_view(), Limits(), {}, fds, None), os.path.realpath(str(shutil.which("true")))]
        try:
            tried = subprocess.run(argv, pass_fds=fds.given, capture_output=True, timeout=10, check=False)
        except subprocess.TimeoutExpired:
            return "bubblewrap did not come back within 10 seconds; use a Docker engine"
        finally:
            fds.close()
        if tried.returncode:
            why = tried.stderr.decode(errors="replace").strip().splitlines()[-1:]
            return f"bubblewrap cannot work here ({' '.join(why)}); allow unprivileged user namespaces"
        return None

    def start(self, root: Path, interpreter: Interpreter, limits: Limits) -> Session:
        """Start a sandbox; see `engine.Engine`."""
        root = Path(os.path.abspath(root))  # noqa: PTH100 -- the project stays at the place it was named by
        view = view_of(root, interpreter, self._inside, as_owner=os.geteuid() != 0)
        group = ControlGroup.make(limits)
        fds = _Descriptors()
        argv = [
            *_wrapped(view, limits, environment(interpreter, view), fds, group),
            *command(interpreter.executable, view, self._inside),
        ]
        try:
            wire = PipedWire(argv, group, info=fds.told, fds=fds.given)
        except OSError as error:
            raise SandboxError(f"the bubblewrap sandbox could not be started: {error}") from error
        return ResidentSession(self.name, wire, limits)


class _Descriptors:
    """The filter that `bwrap` reads, and the pipe on which it tells who runs inside."""

    def __init__(self) -> None:
        self.filter = os.memfd_create("filter")
        os.write(self.filter, seccomp.program())
        os.lseek(self.filter, 0, os.SEEK_SET)
        self.told, self.tell = os.pipe()

    @property
    def given(self) -> tuple[int, int]:
        return self.filter, self.tell

    def close(self) -> None:
        for fd in (self.told, *self.given):
            os.close(fd)


def _wrapped(
    view: View, limits: Limits, variables: dict[str, str], fds: _Descriptors, group: ControlGroup | None
) -> list[str]:
    """Return the command line up to what runs inside."""
    grouped = group is not None
    return [
        *_joined(group.entrances if group else []),
        *_limited(per_process(limits, grouped=grouped)),
        *_kept_on(processors(limits, grouped=grouped)),
        str(shutil.which("bwrap")),
        *("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--unshare-net"),
        *("--hostname", "sandbox", "--new-session", "--as-pid-1", "--clearenv"),
        *(word for name, value in variables.items() for word in ("--setenv", name, value)),
        *_identity(),
        *(word for step in view.steps for word in _put(step, limits)),
        *("--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", "--dev", "/dev"),
        *(word for name in ("keys", "timer_list") for word in _covered(f"/proc/{name}")),
        *("--size", str(SHARED_MEMORY_BYTES), "--perms", "1777", "--tmpfs", "/dev/shm"),  # noqa: S108
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", str(view.root)),
        *("--seccomp", str(fds.filter), "--info-fd", str(fds.tell), "--"),
        *_dropped(),
    ]


def _covered(file: str) -> list[str]:
    return ["--ro-bind", "/dev/null", file] if os.path.exists(file) else []  # noqa: PTH110 -- a word of a command


def _joined(entrances: Sequence[str]) -> list[str]:
    return ["/bin/sh", "-c", _JOIN, "sh", str(len(entrances)), *entrances] if entrances else []


def _limited(held: dict[str, int]) -> list[str]:
    return [str(shutil.which("prlimit")), *(f"--{name.lower()}={value}:{value}" for name, value in held.items())]


def _kept_on(wanted: list[int]) -> list[str]:
    return [str(shutil.which("taskset")), "-c", ",".join(map(str, wanted))] if wanted else []


def _identity() -> list[str]:
    """Return how to become nobody: in a user namespace for an ordinary account.

    Root must not take that way, for it would stay root to the kernel.
    """
    if os.geteuid() == 0:
        return ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"]
    nobody = str(NOBODY)
    return ["--unshare-user", "--uid", nobody, "--gid", nobody, "--disable-userns", "--cap-drop", "ALL"]


def _dropped() -> list[str]:
    if os.geteuid() != 0:
        return []
    who = ["--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
    setpriv = os.path.realpath(str(shutil.which("setpriv")))
    return [setpriv, *who, "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]


def _put(step: Step, limits: Limits) -> list[str]:
    match step.kind:
        case "folder":
            return ["--perms", "0755", "--dir", step.place]
        case "bind":
            return ["--ro-bind", step.source, step.place]
        case "link":
            return ["--symlink", step.source, step.place]
        case "scratch":
            return ["--perms", "1777", "--size", str(limits.scratch_bytes), "--tmpfs", step.place]
        case "empty":
            return ["--perms", "0755", "--size", "65536", "--tmpfs", step.place]
        case "mute":
            return ["--ro-bind", "/dev/null", step.place]
