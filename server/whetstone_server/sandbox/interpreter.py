"""Finding the user's Python, by reading files only: it never runs outside the sandbox."""

from __future__ import annotations

import ast
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from whetstone_server.errors import InputError
from whetstone_server.sandbox.engine import Interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OLDEST = (3, 8)

_SHARED_PREFIXES = {Path("/"), Path("/usr"), Path("/usr/local")}
_MOST_LINKS = 40
_EDITABLE_MAPPING = re.compile(r"^MAPPING(?:\s*:[^=]+)?\s*=\s*(\{.*\})\s*$", re.MULTILINE)


def find_interpreter(root: Path, given: Path | None = None, environ: Mapping[str, str] | None = None) -> Interpreter:
    """Return the Python of a project, with every folder it needs to start.

    The first of: the one given, the active virtual environment, `.venv` or `venv` in the project, `python3` on the
    path. Raises `InputError` when it does not exist, is a script nobody but it can follow, or is too old.
    """
    environ = os.environ if environ is None else environ
    try:
        return _found(root, given, environ)
    except PermissionError as error:
        raise InputError(f"{error.filename} cannot be read by this account; name another with --python") from None


def _found(root: Path, given: Path | None, environ: Mapping[str, str]) -> Interpreter:
    named = _absolute(given, root, environ) if given is not None else _usual(root, environ)
    executable = _behind_shims(named, root, environ)
    hops = list(_hops(executable))
    _check(executable, hops[-1])
    mounts = [*_environment(executable), *(folder for hop in hops for folder in _home(hop))]
    version = _version(executable, hops[-1])
    isolated = isolated_environment(executable)
    user_base = None if isolated or version is None else _user_base(environ, version)
    if user_base is not None:
        mounts.append(user_base / "lib" / f"python{version}")
    mounts += _editables(mounts)
    return Interpreter(executable, tuple(dict.fromkeys(mounts)), user_base)


def _absolute(given: Path, root: Path, environ: Mapping[str, str]) -> Path:
    """Return what was given as a path: a folder is taken for an environment, a bare name is looked up."""
    given = given.expanduser()
    if given.is_dir():
        given = given / "bin" / "python"
    elif given.parent == Path() and not given.exists():
        found = shutil.which(str(given), path=environ.get("PATH", os.defpath))
        if found is None:
            raise InputError(f"there is no {given} on the path; name the interpreter with its folder")
        given = Path(found)
    elif not given.is_absolute() and not given.exists():
        given = root / given
    if not given.is_file():
        raise InputError(f"there is no Python at {given}; name another with --python or the setting")
    return Path(os.path.abspath(given))  # noqa: PTH100 -- a link is not followed: an environment is known by its link


def _usual(root: Path, environ: Mapping[str, str]) -> Path:
    folders = [environ.get("VIRTUAL_ENV"), root / ".venv", root / "venv"]
    for folder in folders:
        if folder and (python := Path(folder, "bin", "python")).is_file():
            return Path(os.path.abspath(python))  # noqa: PTH100 -- as above
    found = shutil.which("python3", path=environ.get("PATH", os.defpath))
    if found is None:
        raise InputError("no Python was found; make a virtual environment in the project, or name one with --python")
    return Path(os.path.abspath(found))  # noqa: PTH100 -- as above


def _behind_shims(python: Path, root: Path, environ: Mapping[str, str]) -> Path:
    """Return the interpreter that a pyenv shim would start."""
    if not _is_script(python):
        return python
    if python.parent.name != "shims" or b"pyenv" not in python.read_bytes()[:4096]:
        raise InputError(f"{python} is a script, not an interpreter; name the interpreter it starts")
    home = python.parent.parent
    for version in _pyenv_versions(home, root, environ):
        candidate = home / "versions" / version / "bin" / python.name
        if version == "system":
            return _on_path_without(python.parent, python.name, environ)
        if candidate.is_file():
            return candidate
    raise InputError(f"pyenv has no version chosen that has {python.name}; run `pyenv local` or name one with --python")


def _pyenv_versions(home: Path, root: Path, environ: Mapping[str, str]) -> list[str]:
    """Return the chosen versions as pyenv looks for them: the environment, the project upward, its own file."""
    chosen = environ.get("PYENV_VERSION")
    if chosen:
        return chosen.split(":")
    for file in (*(folder / ".python-version" for folder in (root, *root.parents)), home / "version"):
        if file.is_file():
            words = [line.split("#")[0].strip() for line in file.read_text(errors="replace").splitlines()]
            return [word for word in words if word]
    return ["system"]


def _on_path_without(shims: Path, name: str, environ: Mapping[str, str]) -> Path:
    folders = [folder for folder in environ.get("PATH", os.defpath).split(os.pathsep) if Path(folder) != shims]
    found = shutil.which(name, path=os.pathsep.join(folders))
    if found is None:
        raise InputError(f"pyenv points to the system's {name}, and there is none; name one with --python")
    return Path(found)


def _is_script(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def _check(executable: Path, real: Path) -> None:
    try:
        with real.open("rb") as file:
            starts = file.read(4)
    except OSError as error:
        raise InputError(f"{executable} cannot be read ({error.strerror}); name another with --python") from None
    if starts != b"\x7fELF":
        raise InputError(f"{executable} is not a program of this machine; name another Python with --python")
    version = _version(executable, real)
    if version is not None and tuple(map(int, version.split("."))) < OLDEST:
        raise InputError(f"{executable} is Python {version}; proving needs 3.8 or newer")


def _hops(path: Path) -> Iterator[Path]:
    """Yield a path and every path its links lead over, to the file itself."""
    for _ in range(_MOST_LINKS):
        yield path
        if not path.is_symlink():
            break
        path = Path(os.path.normpath(path.parent / path.readlink()))
    yield Path(os.path.realpath(path))


def _home(executable: Path) -> Iterator[Path]:
    """Yield what holds an interpreter's own files: its prefix, or the parts of one shared with everything else."""
    prefix = executable.parent.parent
    if "Cellar" in prefix.parts:
        # Homebrew's Python loads libraries that stand beside it, each in a folder of its own.
        yield Path(*prefix.parts[: prefix.parts.index("Cellar")])
        return
    if prefix not in _SHARED_PREFIXES and prefix != Path.home():
        yield prefix
        return
    yield executable
    for folder in (prefix / "lib", prefix / "lib64"):
        yield from sorted(path for path in folder.glob("*python3*") if path.exists())


def _settings(executable: Path) -> tuple[Path, dict[str, str]] | None:
    """Return the folder of the virtual environment that an executable belongs to, and its `pyvenv.cfg`."""
    for folder in (executable.parent, executable.parent.parent):
        file = folder / "pyvenv.cfg"
        if file.is_file():
            lines = (line.partition("=") for line in file.read_text(errors="replace").splitlines())
            return folder, {name.strip().lower(): value.strip() for name, _, value in lines}
    return None


def _environment(executable: Path) -> Iterator[Path]:
    """Yield a virtual environment's folder and those of the interpreter it was made from."""
    found = _settings(executable)
    if found is None:
        return
    folder, settings = found
    yield folder
    if home := settings.get("home"):
        yield from _home(Path(home) / "python3")


def isolated_environment(executable: Path) -> Path | None:
    """Return the virtual environment that alone says what an executable imports; `None` when there is none."""
    found = _settings(executable)
    if found is None or found[1].get("include-system-site-packages", "false").lower() == "true":
        return None
    return found[0]


def _version(executable: Path, real: Path) -> str | None:
    """Return the version as major.minor, from the file's own name or from what the environment says of itself."""
    named = re.search(r"(\d+\.\d+)$", real.name)
    if named:
        return named[1]
    found = _settings(executable)
    settings = found[1] if found else {}
    told = re.match(r"\d+\.\d+", settings.get("version", settings.get("version_info", "")))
    return told[0] if told else None


def _user_base(environ: Mapping[str, str], version: str) -> Path | None:
    base = Path(environ.get("PYTHONUSERBASE") or Path.home() / ".local")
    return base if (base / "lib" / f"python{version}" / "site-packages").is_dir() else None


def _editables(mounts: list[Path]) -> list[Path]:
    """Return the folders that installed packages point to: projects installed where they are edited."""
    targets: list[Path] = []
    for place in mounts:
        for site in (*place.glob("lib*/python3*/site-packages"), *place.glob("site-packages")):
            for file in sorted(site.glob("*.pth")):
                targets += _path_lines(file)
            for file in sorted(site.glob("__editable__*_finder.py")):
                targets += _mapping(file)
    return [target for target in dict.fromkeys(targets) if _may_be_shown(target)]


def _path_lines(file: Path) -> list[Path]:
    lines = (line.strip() for line in _text(file).splitlines())
    return [Path(line) for line in lines if line.startswith("/")]


def _mapping(file: Path) -> list[Path]:
    found = _EDITABLE_MAPPING.search(_text(file))
    try:
        places = ast.literal_eval(found[1]) if found else {}
    except (ValueError, SyntaxError):
        return []
    # A package is found through its parent, which is what imports look into.
    return [Path(place).parent for place in places.values() if isinstance(place, str) and place.startswith("/")]


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""


def _may_be_shown(folder: Path) -> bool:
    """Tell whether a folder is some project's own, rather than one that holds everything."""
    real = Path(os.path.realpath(folder))
    return real.is_dir() and len(real.parts) > 2 and not Path.home().is_relative_to(real)
