"""Shared state: a memo keyed by an object whose equality leaves a field out."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Job:
    name: str
    weights: tuple[int, ...] = field(default=(), compare=False)


def load(job: Job) -> int:
    total = 0
    for weight in job.weights:
        for _ in range(50):
            total += weight
    return total
