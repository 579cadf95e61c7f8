"""Write VS Code's settings page, in `vscode-client/package.json`, from the server's own settings.

`python dev/editor_settings.py` writes it; with `--check` it only says whether it is current.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from whetstone_server.settings import PerFile, Settings

MANIFEST = Path(__file__).parents[1] / "vscode-client" / "package.json"
SECTION = "whetstone"
TOLD_BY_THE_EDITOR = frozenset({"trusted"})
"""Settings that no person sets in VS Code, because it has its own place for them."""
RESTRICTED = ("server.command", "python", "sandbox", "workload")
"""Settings that decide what is run: those of a workspace count only once it is trusted."""
CLIENT_ONLY: dict[str, Any] = {
    "server.command": {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "scope": "machine-overridable",
        "markdownDescription": "Command that starts the server, such as `whetstone-ls`; when empty, the server of the "
        "selected interpreter is started, and where that has none, the one that came with the extension.",
    },
    "preview": {
        "type": "string",
        "enum": ["always", "unproven", "never"],
        "enumDescriptions": [
            "Every rewrite is shown before it is made.",
            "Only a rewrite that was not proven is shown first.",
            "Every rewrite is made at once.",
        ],
        "default": "always",
        "scope": "window",
        "markdownDescription": "Whether a rewrite is shown side by side with the code before it is made.",
    },
}
"""Settings of the client's own, which the server does not know."""
_KINDS: dict[Any, dict[str, Any]] = {
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    str | None: {"type": ["string", "null"]},
    tuple[str, ...]: {"type": "array", "items": {"type": "string"}},
    PerFile: {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
}


def written(manifest: str) -> str:
    """Return the text of a `package.json` with the settings as they are now; the rest of it stays as it is."""
    data = json.loads(manifest)
    configuration = data["contributes"]["configuration"]
    configuration["properties"] = {f"{SECTION}.{name}": value for name, value in properties().items()}
    trust = data["capabilities"]["untrustedWorkspaces"]
    trust["restrictedConfigurations"] = [f"{SECTION}.{name}" for name in RESTRICTED]
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def properties() -> dict[str, Any]:
    """Return every setting by its name in the editor, the client's own first."""
    kinds = get_type_hints(Settings)
    return CLIENT_ONLY | {
        _camel(setting.name): _property(kinds[setting.name], setting)
        for setting in dataclasses.fields(Settings)
        if setting.name not in TOLD_BY_THE_EDITOR
    }


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or only check it; return 1 when it is not current."""
    parser = argparse.ArgumentParser(description="Write VS Code's settings page from the server's own settings.")
    parser.add_argument("--check", action="store_true", help="write nothing, and exit with 1 when it is not current")
    wanted = parser.parse_args(arguments)
    before = MANIFEST.read_text(encoding="utf-8")
    after = written(before)
    if before == after:
        return 0
    if wanted.check:
        print(f"{MANIFEST.name} is not current: run `python dev/editor_settings.py`", file=sys.stderr)  # noqa: T201
        return 1
    MANIFEST.write_text(after, encoding="utf-8")
    return 0


def _property(kind: Any, setting: dataclasses.Field[Any]) -> dict[str, Any]:
    """Return one setting as VS Code's manifest describes it.

    What only a person may set has the scope `application`, so that no workspace can set it for them.
    """
    literal = get_origin(kind) is Literal
    described: dict[str, Any] = {"type": "string", "enum": list(get_args(kind))} if literal else _KINDS[kind]
    nothing: Any = {"object": {}, "array": []}.get(str(described["type"]))  # no such setting has another default
    return {
        **described,
        "default": setting.default if nothing is None else nothing,
        "scope": "application" if setting.metadata["editor_only"] else "window",
        "markdownDescription": setting.metadata["sentence"],
    }


def _camel(name: str) -> str:
    return re.sub("_([a-z])", lambda match: match[1].upper(), name)


if __name__ == "__main__":
    sys.exit(main())
