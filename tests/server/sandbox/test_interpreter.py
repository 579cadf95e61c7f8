"""Finding the user's Python by reading files, in the shapes that tools leave behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from whetstone_server.errors import InputError
from whetstone_server.sandbox.interpreter import find_interpreter

ELF = b"\x7fELF" + bytes(60)


def python(path: Path) -> Path:
    """Something that looks like an interpreter and would not run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(ELF)
    path.chmod(0o755)
    return path


def environment(folder: Path, base: Path, **settings: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(base)
    lines = {"home": str(base.parent), "version": "3.12.4", **settings}
    (folder / "pyvenv.cfg").write_text("".join(f"{name} = {value}\n" for name, value in lines.items()))
    return folder / "bin" / "python"


@pytest.fixture
def base(tmp_path):
    return python(tmp_path / "opt" / "python-3.12" / "bin" / "python3.12")


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def test_the_order_in_which_it_is_looked_for(tmp_path, root, base):
    on_path = python(tmp_path / "bin" / "python3")
    environ = {"PATH": str(on_path.parent)}
    assert find_interpreter(root, environ=environ).executable == on_path
    plain = environment(root / "venv", base)
    assert find_interpreter(root, environ=environ).executable == plain
    dotted = environment(root / ".venv", base)
    assert find_interpreter(root, environ=environ).executable == dotted
    active = environment(tmp_path / "active", base)
    environ["VIRTUAL_ENV"] = str(tmp_path / "active")
    assert find_interpreter(root, environ=environ).executable == active
    given = python(tmp_path / "given" / "bin" / "python3")
    assert find_interpreter(root, given, environ).executable == given


def test_an_environment_brings_the_interpreter_it_was_made_from(tmp_path, root, base):
    environment(root / ".venv", base)
    found = find_interpreter(root, environ={})
    assert set(found.mounts) >= {root / ".venv", tmp_path / "opt" / "python-3.12"}


def test_every_folder_that_links_lead_over_is_there(tmp_path, root, base):
    (tmp_path / "opt" / "current").symlink_to("python-3.12")
    (tmp_path / "opt" / "python-3.12" / "bin" / "python3").symlink_to("python3.12")
    environment(root / ".venv", tmp_path / "opt" / "current" / "bin" / "python3")
    found = find_interpreter(root, environ={})
    assert set(found.mounts) >= {tmp_path / "opt" / "current", tmp_path / "opt" / "python-3.12"}


def test_homebrews_python_brings_its_libraries(tmp_path, root):
    brew = tmp_path / "linuxbrew"
    real = python(brew / "Cellar" / "python@3.12" / "3.12.4" / "bin" / "python3.12")
    (brew / "bin").mkdir()
    (brew / "bin" / "python3").symlink_to(real)
    assert brew in find_interpreter(root, brew / "bin" / "python3", {}).mounts


def test_a_folder_is_taken_for_an_environment_and_a_name_is_looked_up(tmp_path, root, base):
    environment(root / "other", base)
    assert find_interpreter(root, root / "other", {}).executable == root / "other" / "bin" / "python"
    named = python(tmp_path / "bin" / "python3.13")
    assert find_interpreter(root, Path("python3.13"), {"PATH": str(named.parent)}).executable == named


def shim(home: Path) -> Path:
    path = python(home / "shims" / "python3")
    path.write_text('#!/usr/bin/env bash\nexec "pyenv" exec "$program" "$@"\n')
    return path


@pytest.mark.parametrize("chosen_by", ["environment", "project", "folder above", "global"])
def test_a_pyenv_shim_is_seen_through(tmp_path, root, chosen_by):
    home = tmp_path / "pyenv"
    path = shim(home)
    real = python(home / "versions" / "3.12.1" / "bin" / "python3")
    environ = {"PATH": str(path.parent)}
    match chosen_by:
        case "environment":
            environ["PYENV_VERSION"] = "3.12.1:3.11"
        case "project":
            (root / ".python-version").write_text("# why\n3.12.1\n")
        case "folder above":
            (tmp_path / ".python-version").write_text("3.12.1\n")
        case "global":
            (home / "version").write_text("3.12.1\n")
    found = find_interpreter(root, environ=environ)
    assert found.executable == real
    assert home / "versions" / "3.12.1" in found.mounts


def test_pyenvs_system_version_is_the_next_on_the_path(tmp_path, root):
    path = shim(tmp_path / "pyenv")
    real = python(tmp_path / "bin" / "python3")
    environ = {"PATH": f"{path.parent}:{real.parent}", "PYENV_VERSION": "system"}
    assert find_interpreter(root, environ=environ).executable == real


def test_editable_installs_are_there(tmp_path, root, base):
    environment(root / ".venv", base)
    site = root / ".venv" / "lib" / "python3.12" / "site-packages"
    site.mkdir(parents=True)
    for name in ("beside", "mapped/package"):
        (tmp_path / name).mkdir(parents=True)
    (site / "beside.pth").write_text(f"import something\n{tmp_path / 'beside'}\n/nowhere\n/\n{Path.home()}\n")
    (site / "__editable___mapped_finder.py").write_text(
        f"import sys\nMAPPING: dict[str, str] = {{'package': '{tmp_path / 'mapped' / 'package'}'}}\nNAMESPACES = {{}}\n"
    )
    mounts = find_interpreter(root, environ={}).mounts
    assert set(mounts) >= {tmp_path / "beside", tmp_path / "mapped"}
    assert {Path("/"), Path("/nowhere"), Path.home()} & set(mounts) == set()


def test_packages_of_the_account_are_there_unless_the_environment_shuts_them_out(tmp_path, root, base):
    user = tmp_path / "user"
    (user / "lib" / "python3.12" / "site-packages").mkdir(parents=True)
    environ = {"PYTHONUSERBASE": str(user)}
    assert find_interpreter(root, base, environ).user_base == user
    environment(root / "shut", base)
    environment(root / "open", base, **{"include-system-site-packages": "true"})
    assert find_interpreter(root, root / "shut", environ).user_base is None
    assert find_interpreter(root, root / "open", environ).user_base == user


def test_nothing_is_ever_run(tmp_path, root):
    trap = python(tmp_path / "bin" / "python3")
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path / 'was-run'}\n")
    with pytest.raises(InputError, match="script"):
        find_interpreter(root, trap, {})
    assert not (tmp_path / "was-run").exists()


@pytest.mark.parametrize("given", ["/nowhere/python", "python-that-is-not", "relative/python"])
def test_one_that_does_not_exist_is_said_so(root, given):
    with pytest.raises(InputError, match="there is no"):
        find_interpreter(root, Path(given), {"PATH": str(root)})


def test_none_at_all_is_said_so(root):
    with pytest.raises(InputError, match="no Python was found"):
        find_interpreter(root, environ={"PATH": str(root)})


def test_a_link_that_leads_nowhere_is_said_so(root):
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").symlink_to("/nowhere/python3")
    with pytest.raises(InputError):
        find_interpreter(root, root / ".venv", {})


def test_one_that_may_not_be_read_is_said_so(root, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", "/closed/python")

    monkeypatch.setattr(Path, "is_dir", refuse)
    with pytest.raises(InputError, match="cannot be read by this account"):
        find_interpreter(root, Path("/closed/python"), {})


def test_one_that_is_too_old_is_said_so(tmp_path, root):
    with pytest.raises(InputError, match=r"3\.8 or newer"):
        find_interpreter(root, python(tmp_path / "bin" / "python3.7"), {})


def test_a_file_that_is_no_program_is_said_so(tmp_path, root):
    path = python(tmp_path / "bin" / "python3")
    path.write_text("hello")
    with pytest.raises(InputError, match="not a program"):
        find_interpreter(root, path, {})


def test_a_real_environment_starts_inside(engine, tmp_path):
    from whetstone_server.sandbox.engine import Limits

    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / ".venv"], check=True)
    with engine.start(tmp_path, find_interpreter(tmp_path, environ={}), Limits()) as session:
        assert session.python_version == ".".join(map(str, sys.version_info[:3]))


@pytest.mark.skipif(not Path("/usr/bin/python3").exists(), reason="the system brings no Python")
def test_the_systems_own_python_starts_inside(engine, tmp_path):
    from whetstone_server.sandbox.engine import Limits

    found = find_interpreter(tmp_path, Path("/usr/bin/python3"), {})
    with engine.start(tmp_path, found, Limits()) as session:
        outcome = session.run("attack", {"code": "import json, sys; answer = sys.executable"}, timeout=20)
    assert outcome.result == {"answer": "/usr/bin/python3"}
