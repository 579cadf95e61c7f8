"""From a finding to a verdict: rewrite it, run old and new in the sandbox, keep what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from whetstone_codegen import Rewrite
    from whetstone_knowledge.finding import Finding

    from whetstone_server.sandbox.engine import EngineChoice, EngineName
    from whetstone_server.sandbox.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Candidate:
    """A finding in a file, as it stood when it was found."""

    path: Path
    source: bytes
    finding: Finding


@dataclass(frozen=True, slots=True)
class Proof:
    """A candidate with the verdict on its rewrite."""

    candidate: Candidate
    rewrite: Rewrite | None
    """`None` when the rule refused, in which case the verdict is `not-tried` with the rule's reason."""
    verdict: Verdict
    improvement: str | None
    """The id under which everything needed to repeat it is kept; `None` when nothing was rewritten."""
    diff: str
    """A unified diff of the file, empty without a rewrite."""


class Prover:
    """Proves rewrites in one project with one interpreter; keeps one sandbox warm and records the tests once."""

    def __init__(
        self,
        root: Path,
        *,
        python: Path | None = None,
        sandbox: EngineChoice = "auto",
        workload: Sequence[str] | None = None,
        budget: float = 10.0,
        jobs: int = 1,
        threshold: float = 1.05,
    ) -> None:
        """Nothing is started here. `workload` is a test command; without one the project's tests are looked for."""
        raise NotImplementedError

    @property
    def engine(self) -> EngineName:
        """The engine in use; starts it. Raises `NoSandbox` when none can hold code here."""
        raise NotImplementedError

    @property
    def python_version(self) -> str:
        """Version of the user's interpreter, as it said itself inside the sandbox."""
        raise NotImplementedError

    def prove(
        self,
        candidates: Sequence[Candidate],
        *,
        on_step: Callable[[str, int, int], None] | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[Proof]:
        """Yield a proof per candidate, in the order they finish.

        `on_step(sentence, done, total)` is told of progress. When `cancelled` answers True the sandbox is taken down
        and the iterator ends. Raises `SandboxError` when no sandbox can be had; a fault in one candidate becomes its
        own `not-tried` verdict.
        """
        raise NotImplementedError

    def compare(
        self, path: Path, old: bytes, new: bytes, function: str, *, cancelled: Callable[[], bool] = lambda: False
    ) -> Proof:
        """Return the verdict on replacing `function` of `old`, the text of the file at `path`, by that of `new`."""
        raise NotImplementedError

    def close(self) -> None:
        """End the sandbox; a running proof ends with it. Safe from another thread."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
