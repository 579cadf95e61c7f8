"""Pairs of an old and a new function of which it is known whether the new one is right, and whether it is faster.

`pairs/faster` holds rewrites that are right and faster, `pairs/wrong` rewrites that are subtly wrong and mostly faster,
`pairs/equal` rewrites that are right and no faster. A pair is `NAME.old.py` and `NAME.new.py`, both opening with what
the pair shows; `NAME.tests.py`, where there is one, tests the old one as the module `subject`.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FOLDER = Path(__file__).parent / "pairs"
KINDS = ("faster", "wrong", "equal")


@dataclass(frozen=True)
class Pair:
    """One function in two versions."""

    kind: str
    name: str
    folder: Path = FOLDER

    @property
    def module(self) -> str:
        """The name of the old version's module in a project made by `project`."""
        return f"{self.kind}_{self.name}"

    @cached_property
    def old(self) -> bytes:
        """The text of the module with the old version."""
        return self._part("old").read_bytes()

    @cached_property
    def new(self) -> bytes:
        """The text of the module with the new version."""
        return self._part("new").read_bytes()

    @cached_property
    def tests(self) -> str | None:
        """The old version's tests, which import the module as it is called in a project."""
        path = self._part("tests")
        return (
            path.read_text("utf-8").replace("from subject import", f"from {self.module} import")
            if path.exists()
            else None
        )

    @cached_property
    def function(self) -> str:
        """The function that differs between the two texts, as `name` or `Class.name`."""
        before, after = (dict(_functions(ast.parse(text))) for text in (self.old, self.new))
        (name,) = [name for name in before if before[name] != after[name]]
        return name

    def _part(self, part: str) -> Path:
        return self.folder / self.kind / f"{self.name}.{part}.py"


def all_pairs() -> list[Pair]:
    """Return every pair, ordered by kind and name."""
    return [
        Pair(kind, path.name.removesuffix(".old.py"))
        for kind in KINDS
        for path in sorted((FOLDER / kind).glob("*.old.py"))
    ]


def project(root: Path, pairs: Iterable[Pair]) -> Path:
    """Return `root`, in which each pair now has its old version as a module, with its tests."""
    for pair in pairs:
        (root / f"{pair.module}.py").write_bytes(pair.old)
        if pair.tests is not None:
            (root / f"test_{pair.module}.py").write_text(pair.tests, "utf-8")
    return root


def _functions(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for statement in tree.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield statement.name, ast.dump(statement)
        elif isinstance(statement, ast.ClassDef):
            for inner in statement.body:
                if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    yield f"{statement.name}.{inner.name}", ast.dump(inner)
