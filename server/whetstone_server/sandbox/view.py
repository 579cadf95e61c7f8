"""What can be seen inside a sandbox: which of this machine's folders, where, and what is covered up.

Every engine shows the same view; nothing in it can be written but the scratch folder.
"""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from whetstone_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from whetstone_server.sandbox.engine import Interpreter

INSIDE = Path(__file__).parent / "inside"
_ETC = Path(__file__).parent / "etc"

Kind: TypeAlias = Literal["folder", "bind", "link", "scratch", "empty", "mute"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing put into the view at `place`."""

    kind: Kind
    """A plain folder, something of this machine's, a symbolic link, the scratch folder, an empty folder over
    something that is not to be seen, or nothing over a file or socket that is not to be used."""
    place: str
    source: str = ""
    """The path on this machine for `bind`, the text of the link for `link`."""


@dataclass(frozen=True, slots=True)
class View:
    """Everything put into a sandbox, in the order in which it has to be put there."""

    root: Path
    scratch: str
    steps: tuple[Step, ...]


_SYSTEM = (
    *("/usr/bin", "/usr/lib", "/usr/lib64", "/usr/lib32", "/usr/share/zoneinfo", "/usr/local/lib"),
    *("/bin", "/lib", "/lib64", "/lib32", "/nix/store", "/gnu/store"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives"),
)
_NEVER_A_PROJECT = frozenset(
    {"/", "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr", "/var"}
)
_NEVER_INSIDE = ("/proc", "/sys", "/dev")
_READABLE = stat.S_IROTH | stat.S_IXOTH


def view_of(root: Path, interpreter: Interpreter, inside: Path = INSIDE, *, as_owner: bool) -> View:
    """Return the view for one project and one interpreter.

    `as_owner` says that code inside runs under the account that asked, so that what this account can read stays
    readable; otherwise a project folder closed to others is opened entry by entry. Raises `InputError` when `root`
    is not a folder that could be a project.
    """
    _check(root)
    scratch = "/var/tmp" if os.path.realpath(root) == "/tmp" else "/tmp"  # noqa: S108 -- a tmpfs of the sandbox's own
    wanted = [
        Step("scratch", scratch),
        *_system(),
        *(step for path in (root, inside, *interpreter.mounts) for step in _shown(path, as_owner=as_owner)),
        *(Step("empty" if path.is_dir() else "mute", str(path)) for path in _private(root)),
    ]
    placed = _in_order(wanted)
    return View(root, scratch, (*placed.values(), *_sockets(placed)))


def bare_view() -> View:
    """Return a view of the system's own folders alone, to try an engine with."""
    return View(Path("/"), "/tmp", tuple(_in_order([Step("scratch", "/tmp"), *_system()]).values()))  # noqa: S108


def _check(root: Path) -> None:
    if not root.is_dir():
        raise InputError(f"{root} is not a folder; name the project's folder")
    real = os.path.realpath(root)
    if real in _NEVER_A_PROJECT or real.startswith(tuple(f"{place}/" for place in _NEVER_INSIDE)):
        raise InputError(f"{real} belongs to the system and cannot be a project; name the project's own folder")


def _system() -> Iterator[Step]:
    for name in ("passwd", "group", "hosts"):
        yield Step("bind", f"/etc/{name}", str(_ETC / name))
    for place in map(Path, _SYSTEM):
        if place.is_symlink() and place.parent == Path("/"):
            yield Step("link", str(place), os.readlink(place))
        elif place.exists():
            yield Step("bind", str(place), os.path.realpath(place))


def _shown(path: Path, *, as_owner: bool) -> Iterator[Step]:
    """Yield a path at its own place and, when a link leads there, at its real place too."""
    real = os.path.realpath(path)
    if not os.path.exists(real):
        return
    for place in dict.fromkeys((os.path.abspath(path), real)):
        if as_owner or not os.path.isdir(real) or _open_to_all(real):
            yield Step("bind", place, real)
        else:
            yield Step("folder", place)
            yield from _entries(real, place)


def _entries(folder: str, place: str) -> Iterator[Step]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        real = os.path.realpath(entry.path)
        if os.path.isdir(real) or os.path.isfile(real):
            yield Step("bind", f"{place}/{entry.name}", real)


def _open_to_all(folder: str) -> bool:
    return os.stat(folder).st_mode & _READABLE == _READABLE


def _private(root: Path) -> Iterator[Path]:
    """Yield what is covered up where the project holds a home folder: its hidden entries, such as keys and tokens."""
    real = Path(os.path.realpath(root))
    homes = {Path(os.path.realpath(entry.pw_dir)) for entry in pwd.getpwall()}
    homes.add(Path(os.path.realpath(Path.home())))
    for home in sorted(homes):
        if home.is_relative_to(real) and home.is_dir() and os.access(home, os.R_OK):
            yield from sorted(path for path in home.iterdir() if path.name.startswith(".") and not path.is_symlink())


def _in_order(wanted: Iterable[Step]) -> dict[str, Step]:
    """Return the steps parents first, with the folders between, without those that an earlier one already shows."""
    order: dict[Kind, int] = {"scratch": 0, "folder": 1, "bind": 2, "link": 3, "empty": 4, "mute": 5}
    placed: dict[str, Step] = {}
    for step in sorted(wanted, key=lambda step: (step.place.count("/") if step.place != "/" else 0, order[step.kind])):
        above = _above(step.place, placed)
        if step.place in placed and placed[step.place].kind != "folder" and step.kind not in {"empty", "mute"}:
            continue
        if above is not None and above.kind == "bind":
            shows = above.source + step.place[len(above.place) :]
            if step.kind not in {"empty", "mute"} and step.source == shows:
                continue
        else:
            placed |= {folder: Step("folder", folder) for folder in _between(step.place, placed)}
        placed[step.place] = step
    return placed


def _above(place: str, placed: dict[str, Step]) -> Step | None:
    while (place := os.path.dirname(place)) != "/":
        if place in placed and placed[place].kind != "folder":
            return placed[place]
    return None


def _between(place: str, placed: dict[str, Step]) -> list[str]:
    folders: list[str] = []
    while (place := os.path.dirname(place)) != "/" and place not in placed:
        folders.append(place)
    return folders[::-1]


def _sockets(placed: dict[str, Step]) -> Iterator[Step]:
    """Yield the listening sockets that the view would show: a read-only folder does not keep one from connecting."""
    for path in _listening():
        for step in placed.values():
            place = step.place + path[len(step.source) :]
            if step.kind == "bind" and path.startswith(f"{step.source}/") and _above(place, placed) is step:
                yield Step("mute", place)


def _listening() -> list[str]:
    try:
        lines = Path("/proc/net/unix").read_bytes().splitlines()
    except OSError:
        return []
    # Num RefCount Protocol Flags Type St Inode Path
    paths = {os.fsdecode(fields[7]) for line in lines if len(fields := line.split(None, 7)) == 8}
    return sorted({os.path.realpath(path) for path in paths if path.startswith("/") and _is_socket(path)})


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(os.lstat(path).st_mode)
    except OSError:
        return False
