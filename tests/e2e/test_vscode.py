"""The client in a real VS Code: asked from inside of its extension host, and worked by keys in a browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.e2e.conftest import SLOW, TESTS

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "vscode-client"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
VSCODE = Path(os.environ.get("WHETSTONE_VSCODE") or CACHE / "whetstone-tests" / "vscode")
PACKAGES = ("knowledge/whetstone_knowledge", "codegen/whetstone_codegen", "server/whetstone_server")
PATIENCE_SECONDS = 240
"""How long one run of VS Code may take on a busy machine, with two proofs in it."""


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """The client and its tests, built anew in a place of their own; none of it is downloaded here."""
    if shutil.which("npm") is None:
        pytest.skip("there is no npm; install Node.js 20 or newer with npm")
    if not (CLIENT / "node_modules").is_dir():
        pytest.skip("what the client is built with is not there: run `sh dev/vscode`")
    place = tmp_path_factory.mktemp("client")
    for name in ("src", "media"):
        shutil.copytree(CLIENT / name, place / name)
    for name in ("package.json", "tsconfig.json"):
        shutil.copy(CLIENT / name, place)
    (place / "node_modules").symlink_to(CLIENT / "node_modules")
    for script in ("check", "build", "build:tests"):
        ran("npm", "run", "--silent", script, cwd=place)
    return place


@pytest.fixture
def vscode():
    """Where VS Code lies."""
    if not (VSCODE / "out" / "server-main.js").is_file():
        pytest.skip(f"there is no VS Code in {VSCODE}: run `sh dev/vscode`")
    if shutil.which("chromium") is None:
        pytest.skip("there is no Chromium; install the package chromium")
    return VSCODE


@pytest.fixture
def vsix(client):
    """The packed extension, when it holds the client and the server as they are now."""
    packed = sorted((ROOT / "dist").glob("whetstone-*.vsix"))
    if not packed:
        pytest.skip("there is no packed extension: run `make vsix`")
    if changed := difference(packed[0], client):
        pytest.skip(f"{changed} has changed since the extension was packed: run `make vsix`")
    return packed[0]


def difference(vsix, client):
    """Return the first file that is not the same in a packed extension; None when all of them are."""
    with zipfile.ZipFile(vsix) as packed:
        if packed.read("extension/dist/extension.js") != (client / "dist" / "extension.js").read_bytes():
            return "the client"
        (wheel,) = (name for name in packed.namelist() if name.startswith("extension/wheels/whetstone_ls-"))
        with packed.open(wheel) as file, zipfile.ZipFile(file) as server:
            there = set(server.namelist())
            for package in PACKAGES:
                for source in (ROOT / package).rglob("*.py"):
                    name = source.relative_to((ROOT / package).parent).as_posix()
                    if "/example/" in name:  # what a template writes, which is for readers of the source
                        continue
                    if name not in there or server.read(name) != source.read_bytes():
                        return name
    return None


@pytest.fixture
def shop(project):
    """The project with a slow spot, where a proof is quick."""
    (project / "pyproject.toml").write_text("[project]\nname = 'orders'\n\n[tool.whetstone]\nbudget = 2.0\n")
    return project


def ran(*command, cwd=None):
    """Run a program to its good end, and return the lines that it printed."""
    environment = os.environ | {"CHROMIUM": shutil.which("chromium") or ""}
    done = subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def steps(lines):
    """Return the steps that went well."""
    return [line for line in lines if line.startswith("ok ")]


def test_what_needs_no_editor(client):
    assert "# fail 0" in ran("node", "--test", client / "dist" / "test" / "unit.js")


def test_from_inside_of_the_extension_host(client, vscode, shop, tmp_path):
    """The stories are in `vscode-client/src/test/inside.ts`; the server is that of this environment."""
    (shop / ".vscode").mkdir()
    (shop / ".vscode" / "settings.json").write_text(json.dumps({"python.defaultInterpreterPath": sys.executable}))
    program = client / "dist" / "test" / "run_inside.js"
    assert len(steps(ran("node", program, vscode, client, shop, tmp_path / "inside.png"))) == 12
    assert (shop / "report.py").read_text() == SLOW  # only an editor's buffers were changed


def test_by_keys_with_the_packed_extension(client, vscode, vsix, shop, tmp_path):
    """The steps are in `vscode-client/src/test/run_by_keys.ts`; the server is the one that came along.

    Its pictures are for looking at: WHETSTONE_PICTURES names a folder that keeps them.
    """
    pictures = Path(os.environ.get("WHETSTONE_PICTURES") or tmp_path / "pictures")
    pictures.mkdir(parents=True, exist_ok=True)
    program = client / "dist" / "test" / "run_by_keys.js"
    assert len(steps(ran("node", program, vscode, vsix, shop, pictures))) == 8
    assert (shop / "report.py").read_text() == SLOW
    assert (shop / "test_report.py").read_text() == TESTS
    assert (pictures / "4-proven.png").stat().st_size > 0


def test_the_packed_extension_holds_no_more_than_it_needs(vsix):
    with zipfile.ZipFile(vsix) as packed:
        names = [name.removeprefix("extension/") for name in packed.namelist() if name.startswith("extension/")]
    known = ("media/", "wheels/", "dist/extension.js", "package.json", "readme.md", "license.txt")
    assert [name for name in names if not name.lower().startswith(known)] == []
    assert any(name.startswith("wheels/pip-") for name in names)
