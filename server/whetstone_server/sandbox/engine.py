"""What every sandbox engine offers: a session in which jobs run, and the limits it is held to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

EngineName: TypeAlias = Literal["docker", "bubblewrap", "namespaces"]
EngineChoice: TypeAlias = Literal["auto", "docker", "bubblewrap", "namespaces"]

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one session may use. Times are per job, in wall-clock seconds."""

    memory_bytes: int = 2048 * MIB
    processes: int = 256
    scratch_bytes: int = 256 * MIB
    cpus: float = 2.0
    output_bytes: int = 64 * 1024
    """How much of a job's printed output is kept; the rest is read and dropped."""
    result_bytes: int = 64 * MIB
    """How large a job's answer may be."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """The user's Python: found by reading files, never by running it outside the sandbox."""

    executable: Path
    mounts: tuple[Path, ...]
    """Folders that must be readable inside for it to start: its prefix, its base prefix, its site-packages."""
    user_base: Path | None = None
    """Where `pip install --user` puts packages, when this interpreter looks there."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one job ended."""

    state: Literal["done", "crashed", "timed-out", "killed", "too-much-output"]
    result: dict[str, Any] | None
    """What the job answered; `None` unless `state` is `done`."""
    output: str
    """The head of what it printed (stdout and stderr together), cut at `Limits.output_bytes`."""
    detail: str = ""
    """For a person: the traceback's last line, the signal, the limit that was hit."""
    seconds: float = 0.0


class Session(Protocol):
    """A running sandbox that holds one project and one interpreter, warm from job to job."""

    engine: EngineName
    python_version: str
    """Of the interpreter inside, as it said itself: `3.11.7`."""

    def run(self, job: str, arguments: Mapping[str, Any], *, timeout: float) -> Outcome:
        """Run `inside/<job>.py` with JSON arguments, and take everything it started down with it when it ends.

        Never raises for what the job does; raises `SandboxDied` when the sandbox itself went away.
        Thread-safe: jobs from several threads run side by side, each with its own processes and scratch folder.
        """
        ...

    def close(self) -> None:
        """End the sandbox and every process in it, at once; safe to call twice and from another thread."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Engine(Protocol):
    """A way of holding code that may be wrong."""

    name: EngineName

    def refusal(self) -> str | None:
        """Return why this engine cannot be used here and what to do about it, or `None` when it can."""
        ...

    def start(self, root: Path, interpreter: Interpreter, limits: Limits) -> Session:
        """Start a sandbox in which `root` is readable at its own path.

        Raises `SandboxError` when it does not come up, and `InputError` when `root` cannot be a project.
        """
        ...
