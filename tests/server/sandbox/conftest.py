"""Every engine that can be used here, and sandboxes in which a test's own code runs."""

from __future__ import annotations

import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from whetstone_server.sandbox.bubblewrap import Bubblewrap
from whetstone_server.sandbox.docker import Docker
from whetstone_server.sandbox.engine import MIB, Engine, Interpreter, Limits, Outcome, Session
from whetstone_server.sandbox.interpreter import find_interpreter
from whetstone_server.sandbox.namespaces import Namespaces
from whetstone_server.sandbox.view import INSIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SMALL = Limits(memory_bytes=256 * MIB, processes=40, scratch_bytes=16 * MIB, cpus=1.0, result_bytes=MIB)

# The job of these tests: it runs the code it is given and answers with what that code leaves in `answer`.
ATTACK = """
def run(arguments):
    names = {"arguments": arguments}
    exec(compile(arguments["code"], "attack", "exec"), names)
    return {"answer": names.get("answer")}
"""


class Sandbox:
    """One session, in the words of these tests."""

    def __init__(self, session: Session, project: Path) -> None:
        self.session = session
        self.project = project

    def tries(self, code: str, *, timeout: float = 20.0, **arguments: object) -> Outcome:
        """Run some code inside."""
        return self.session.run("attack", {"code": textwrap.dedent(code), **arguments}, timeout=timeout)

    def answers(self, code: str, **arguments: object) -> object:
        """Run some code inside that must come to its end, and return its `answer`."""
        outcome = self.tries(code, **arguments)
        assert outcome.state == "done", (outcome.detail, outcome.output)
        assert outcome.result is not None
        return outcome.result["answer"]


@pytest.fixture(scope="session")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code that runs inside, with the job of these tests beside it."""
    folder = tmp_path_factory.mktemp("code") / "inside"
    shutil.copytree(INSIDE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "attack.py").write_text(ATTACK)
    return folder


@pytest.fixture(scope="session", params=["docker", "bubblewrap", "namespaces"])
def engine(request: pytest.FixtureRequest, inside: Path) -> Engine:
    """Every engine; one that cannot be used here is skipped."""
    chosen: Engine = {"docker": Docker, "bubblewrap": Bubblewrap, "namespaces": Namespaces}[request.param](inside)
    refusal = chosen.refusal()
    if refusal is not None:
        pytest.skip(refusal)
    return chosen


@pytest.fixture(scope="session")
def interpreter() -> Interpreter:
    return find_interpreter(Path("/"), Path(sys.executable))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project."""
    return _project(tmp_path)


@pytest.fixture(scope="module")
def sandbox(engine: Engine, interpreter: Interpreter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox with tight limits, shared by the tests of a module."""
    project = _project(tmp_path_factory.mktemp("shared"))
    with engine.start(project, interpreter, SMALL) as session:
        yield Sandbox(session, project)


@pytest.fixture
def start(engine: Engine, interpreter: Interpreter) -> Iterator[Callable[..., Sandbox]]:
    """Start a sandbox of one's own."""
    started: list[Session] = []

    def _start(project: Path, limits: Limits = SMALL) -> Sandbox:
        started.append(engine.start(project, interpreter, limits))
        return Sandbox(started[-1], project)

    yield _start
    for session in started:
        session.close()


def _project(folder: Path) -> Path:
    project = folder / "project"
    (project / "package").mkdir(parents=True)
    (project / "package" / "module.py").write_text("VALUE = 1\n")
    (project / "notes.txt").write_text("kept\n")
    return project
