"""Kills an application and a rollback over three files at every file operation, and looks at what is left.

`python -m tests.server.improvements.killed SEED` prints one JSON document: how often something was killed, and what was
wrong afterwards. It is a process of its own because it forks for every kill, which wants a single thread.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.server.improvements.proposals import ADA, SOURCE, kept, proof
from whetstone_server.improvements import journal
from whetstone_server.improvements.apply import apply
from whetstone_server.improvements.history import History
from whetstone_server.improvements.rollback import roll_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CALLS = ("open", "write", "fsync", "replace", "link", "unlink", "ftruncate", "chmod", "chown", "mkdir")
"""Every call by which something reaches a file or a folder."""
AFTER = SOURCE.replace(b"sorted(prices)[0]", b"min(prices)")
NAMES = ("a.py", "b.py", "sub/c.py")


def main(seed: int) -> None:
    dice = random.Random(seed)
    kills, problems = 0, []
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # what is flushed outlives a kill wherever it lies
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        os.environ["WHETSTONE_HOME"] = f"{folder}/home"
        journal.tell = lambda *_: None  # what became of the event store is another story
        for name, deed in (("apply", do_apply), ("roll back", do_roll_back)):
            place = Place(Path(folder))
            place.prepare(rolled_back=deed is do_roll_back)
            for turn in range(10_000):
                place.restore()
                if not killed(deed, place.root, turn, half=False):
                    break
                kills += 1
                for later in (None, dice.randrange(4), dice.randrange(30)):
                    place.restore()
                    killed(deed, place.root, turn, half=dice.random() < 0.5)
                    if later is not None:
                        kills += killed(recover, place.root, later, half=False)
                    problems += [f"{name}, killed at {turn} and {later}: {each}" for each in place.faults()]
    sys.stdout.write(json.dumps({"kills": kills, "problems": problems}))


class Place:
    """A project and a home, put back as they were before each kill."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "project"
        self._kept = folder / "kept"

    def prepare(self, *, rolled_back: bool) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.rmtree(self.folder / "home", ignore_errors=True)
        (self.root / "sub").mkdir(parents=True)
        for name in NAMES:
            (self.root / name).write_bytes(SOURCE)
        history = History(self.root)
        kept(history, *(proof(self.root / name, SOURCE, "sorted(prices)[0]", "min(prices)") for name in NAMES))
        if rolled_back:
            do_apply(self.root)
        shutil.rmtree(self._kept, ignore_errors=True)
        self._kept.mkdir()
        for part in ("project", "home"):
            shutil.copytree(self.folder / part, self._kept / part)

    def restore(self) -> None:
        for part in ("project", "home"):
            shutil.rmtree(self.folder / part)
            shutil.copytree(self._kept / part, self.folder / part)

    def faults(self) -> Iterator[str]:
        """Yield what is wrong after somebody has looked at the history again."""
        history = History(self.root)
        history.recover()
        texts = {(self.root / name).read_bytes() for name in NAMES}
        standing = {each.status for each in history.improvements().values()}
        if len(texts) != 1 or len(standing) != 1:
            yield f"half of it was done: {standing}, {len(texts)} texts"
        elif texts != {AFTER if standing == {"applied"} else SOURCE}:
            yield f"the files say one thing and the history another: {standing}"
        yield from (f"record {problem.record}: {problem.message}" for problem in history.verify())
        left = {str(file.relative_to(self.root)) for file in self.root.rglob("*") if file.is_file()} - set(NAMES)
        if left or history.intent_file.exists():
            yield f"left behind: {left or history.intent_file}"
        kept(history, proof(self.root / NAMES[0], (self.root / NAMES[0]).read_bytes(), "sorted(prices)[-1]", "1"))


def do_apply(root: Path) -> None:
    history = History(root)
    apply(history, list(history.improvements().values()), ADA)


def do_roll_back(root: Path) -> None:
    history = History(root)
    roll_back(history, list(history.improvements().values()), ADA)


def recover(root: Path) -> None:
    History(root).recover()


def killed(deed: Callable[[Path], None], root: Path, turn: int, *, half: bool) -> bool:
    """Kill a deed at its operation number `turn`, which with `half` is half done if it writes; `False` if it ended."""
    child = os.fork()
    if child == 0:
        arm(turn, half=half)
        deed(root)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    if status:
        raise RuntimeError(f"{deed.__name__} failed")
    return False


def arm(turn: int, *, half: bool) -> None:
    """Have this process killed right before its operation number `turn`."""
    left = [turn]

    def armed(name: str) -> Callable[..., object]:
        real = getattr(os, name)

        def call(*arguments: object, **options: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                if half and name == "write":
                    real(arguments[0], arguments[1][: len(arguments[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)

        return call

    for name in CALLS:
        setattr(os, name, armed(name))


if __name__ == "__main__":
    main(int(sys.argv[1]))
