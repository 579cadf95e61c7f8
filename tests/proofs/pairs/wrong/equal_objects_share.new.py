"""Shared state: a memo keyed by an object whose equality leaves a field out."""

from dataclasses import dataclass, field

_loads: dict["Job", int] = {}


@dataclass(frozen=True)
class Job:
    name: str
    weights: tuple[int, ...] = field(default=(), compare=False)


def load(job: Job) -> int:
    if job not in _loads:
        _loads[job] = 50 * sum(job.weights)
    return _loads[job]
