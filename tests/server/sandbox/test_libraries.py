"""What a module imports is named with its version, and nothing runs for that."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

from whetstone_server.sandbox.engine import Interpreter
from whetstone_server.sandbox.interpreter import find_interpreter
from whetstone_server.sandbox.libraries import libraries


def test_installed_libraries_are_named_with_their_versions(tmp_path):
    here = find_interpreter(tmp_path, Path(sys.executable))
    source = b"import os, libcst.matchers\ndef f():\n    from rich.text import Text\n    from . import hypothesis\n"
    assert libraries(here, source) == {"libcst": version("libcst"), "rich": version("rich")}


def test_a_name_that_differs_from_its_module_is_found(tmp_path):
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    for folder, record, top in (("a", None, "yaml\n_yaml\n"), ("b", "numbered/__init__.py,,\nb.py,,\n", None)):
        info = site / f"{folder}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: The{folder}\nVersion: 1.0\n")
        if record:
            (info / "RECORD").write_text(record)
        if top:
            (info / "top_level.txt").write_text(top)
    interpreter = Interpreter(tmp_path / "python", (tmp_path,))
    assert libraries(interpreter, b"import yaml") == {"Thea": "1.0"}
    assert libraries(interpreter, b"from numbered import one") == {"Theb": "1.0"}
    assert libraries(interpreter, b"import b") == {"Theb": "1.0"}
    assert libraries(interpreter, b"import other") == {}


def test_a_text_that_does_not_parse_imports_nothing(tmp_path):
    assert libraries(Interpreter(tmp_path / "python", (tmp_path,)), b"import (") == {}
