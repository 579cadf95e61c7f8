"""Commits that carry improvements: what was done, and the evidence for it in trailers that git can look for.

Effect: commits the files that were written, in each repository that they lie in, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.rules import BY_CODE
from whetstone_server.improvements.git import TRAILER, UNDONE_TRAILER, repository_for_commit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from whetstone_server.improvements.git import Repository
    from whetstone_server.improvements.improvement import Improvement


class Commits:
    """The commits that are to be made once some files are written: one in each repository they lie in."""

    def __init__(self, files: Iterable[Path]) -> None:
        """Look before anything is written.

        Raises `InputError` when a commit of these files would hold anything but what is about to be written.
        """
        self._files: dict[Repository, list[Path]] = {}
        for file in dict.fromkeys(files):
            self._files.setdefault(repository_for_commit(file), []).append(file)
        for repository, its in self._files.items():
            repository.check_committable({file: file.read_bytes() for file in its})

    @staticmethod
    def check(file: Path) -> None:
        """Raise `InputError` as making these for one file would."""
        Commits([file])

    def make(self, message: str) -> list[str]:
        """Commit the files as they are now, and return the short hashes; raises `InputError` when a hook refuses."""
        return [repository.commit(files, message) for repository, files in self._files.items()]


def applied_message(improvements: Sequence[Improvement]) -> str:
    """Return the message of a commit that carries improvements."""
    return _message(_applied_subject(improvements), _reasons(improvements), map(_evidence, improvements))


def rolled_back_message(improvements: Sequence[Improvement], reason: str | None) -> str:
    """Return the message of a commit that takes improvements back."""
    trailers = ({UNDONE_TRAILER: each.id, **_rule(each)} for each in improvements)
    return _message(_rolled_back_subject(improvements), [reason] if reason else [], trailers)


def _message(subject: str, body: Iterable[str], trailers: Iterable[Mapping[str, str]]) -> str:
    lines = [f"{name}: {_one_line(value)}" for group in trailers for name, value in group.items()]
    return "\n\n".join((_one_line(subject), *map(_one_line, body), "\n".join(lines))) + "\n"


def _applied_subject(improvements: Sequence[Improvement]) -> str:
    if len(improvements) > 1:
        return f"Make {len(improvements)} functions faster, as proven, in {_paths(improvements)}"
    (one,) = improvements
    rule = BY_CODE.get(one.code or "")
    return f"{rule.title if rule else 'Rewrite it'}: {one.function} is {_gain(one)} faster"


def _rolled_back_subject(improvements: Sequence[Improvement]) -> str:
    if len(improvements) > 1:
        return f"Take back {len(improvements)} rewrites in {_paths(improvements)}"
    (one,) = improvements
    return f"Take back the rewrite of {one.function}{f' ({one.code})' if one.code else ''}"


def _reasons(improvements: Sequence[Improvement]) -> Iterator[str]:
    for each in improvements:
        yield f"{each.path}, {each.function}: {each.evidence.get('reason', 'proven')}."


def _evidence(improvement: Improvement) -> dict[str, str]:
    """Return what stands under the message, by name."""
    evidence, measured = improvement.evidence, improvement.measured
    workload = evidence.get("workload", {})
    found = {TRAILER: improvement.id, **_rule(improvement)}
    if measured:
        found["Whetstone-Speedup"] = str(measured)
    if improvement.confidence is not None:
        found["Whetstone-Confidence"] = f"{improvement.confidence:.2f}"
    if evidence.get("python"):
        found["Whetstone-Python"] = f"{evidence['python']} in {evidence.get('sandbox')}"
    if workload:
        counts = (
            (workload["distinct_inputs"], "input"),
            (workload["calls"], "recorded call"),
            (workload["tests"], "test"),
        )
        found["Whetstone-Workload"] = ", ".join(f"{n} {noun}{'' if n == 1 else 's'}" for n, noun in counts)
    return found


def _rule(improvement: Improvement) -> dict[str, str]:
    return {"Whetstone-Rule": f"{improvement.code} {improvement.rule}"} if improvement.code else {}


def _gain(improvement: Improvement) -> str:
    return improvement.measured.gain if improvement.measured else "measurably"


def _paths(improvements: Sequence[Improvement]) -> str:
    paths = list(dict.fromkeys(path for each in improvements for path in each.paths))
    return " and ".join((", ".join(paths[:-1]), paths[-1])) if len(paths) > 1 else paths[0]


def _one_line(text: str) -> str:
    return " ".join(text.split())
