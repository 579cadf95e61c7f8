"""What a person may set, where it comes from, and which place wins.

`[tool.whetstone]` in `pyproject.toml` < the editor's settings < options on the command line.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

from whetstone_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LAST_PORT = 65_535
PerFile: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""Words by pattern, in the order in which they were written."""
_Value = TypeVar("_Value")


def _setting(default: _Value, sentence: str, *, editor_only: bool = False) -> _Value:
    """Declare one setting: what it is when nobody says otherwise, and what it means."""
    return field(default=default, metadata={"sentence": sentence, "editor_only": editor_only})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, with its default and a sentence that says what it does."""

    select: tuple[str, ...] = _setting((), "Rules to look for, as codes, beginnings of codes or names; all when empty.")
    ignore: tuple[str, ...] = _setting((), "Rules to leave out, as codes, beginnings of codes or names.")
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = _setting(
        (), "Rules to leave out in files whose path or name a pattern fits, by pattern."
    )
    jobs: int = _setting(0, "How many processes work side by side; 0 means as many as suit this machine.")
    python: str | None = _setting(None, "Interpreter that runs the project's code in the sandbox; found when not set.")
    sandbox: Literal["auto", "docker", "bubblewrap", "namespaces"] = _setting(
        "auto", "What holds code that is being proven; `auto` takes the first that works here."
    )
    workload: str | None = _setting(None, "Command that runs the project's tests, such as `pytest -q tests`.")
    budget: float = _setting(10.0, "Seconds that measuring one rewrite may take.")
    threshold: float = _setting(1.05, "Old time over new time that the whole interval must lie above to be `faster`.")
    retention_days: int = _setting(30, "Days after which events are let go; improvements' history is kept.")
    keep_text: bool = _setting(False, "Whether the text that is typed is kept with the events of editing.")
    self_tuning: bool = _setting(
        True, "Whether the server may move its own pause, cache and number of proofs when it misses a target."
    )
    metrics_port: int = _setting(
        0,
        "Port of 127.0.0.1 at which Prometheus may read how the server fares; 0 means none.",
        editor_only=True,
    )
    inlay_hints: bool = _setting(True, "Whether the editor shows the proven gain at the end of the line.")
    auto_apply: bool = _setting(
        False,
        "Whether what was proven is applied by itself where it is sure enough and gains enough; "
        "only the person says so, never a project, and only in a trusted workspace.",
        editor_only=True,
    )
    auto_apply_confidence: float = _setting(
        0.8, "How sure, 0 to 1, an improvement must be to be applied by itself.", editor_only=True
    )
    auto_apply_gain: float = _setting(
        0.2,
        "How much faster it must be at least, by the low end of the interval: 0.2 is 1.2 times as fast.",
        editor_only=True,
    )
    trusted: bool = _setting(
        False,
        "Whether code of this workspace may be run, in the sandbox; only the editor can say so.",
        editor_only=True,
    )


def read_settings(root: Path) -> Settings:
    """Return the settings in the `pyproject.toml` of `root`; the defaults when it has none of ours.

    Raises `InputError` naming the key when one is unknown, of the wrong type or out of range.
    """
    path = root / "pyproject.toml"
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    if b"whetstone" not in text:  # spares most projects the parser's import
        return Settings()
    table = _table(path, text)
    for setting in dataclasses.fields(Settings):
        if setting.name in table and setting.metadata["editor_only"]:
            raise InputError(f"{path}: tool.whetstone.{setting.name} can only be set in the editor; take it out")
    return overridden(Settings(), table, f"{path}: tool.whetstone.")


def overridden(settings: Settings, values: Mapping[str, Any], origin: str = "whetstone.") -> Settings:
    """Return `settings` with `values` in their stead; keys may be camelCase, as editors write them.

    `origin` stands before a key in messages. Raises `InputError` naming the key that is unknown or ill-typed.
    """
    kinds = get_type_hints(Settings)
    changes = {}
    for key, value in values.items():
        name = _snake(key)
        if name not in kinds:
            raise InputError(f"{origin}{key} is not a setting{_nearest(name, kinds)}")
        changes[name] = _checked(kinds[name], value, f"{origin}{key}")
    _check_ranges(changes, origin)
    return dataclasses.replace(settings, **changes)


def _table(path: Path, text: bytes) -> Mapping[str, Any]:
    """Return the `[tool.whetstone]` table, empty when there is none."""
    import tomllib  # noqa: PLC0415 -- only projects that have settings pay for it

    try:
        document = tomllib.loads(text.decode())
    except ValueError as error:
        raise InputError(f"{path} is not valid TOML: {error}") from error
    tool = document.get("tool", {})
    table = tool.get("whetstone", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise InputError(f"{path}: tool.whetstone must be a table")
    return table


def _checked(kind: Any, value: Any, key: str) -> Any:
    """Return `value` as the setting holds it, or raise `InputError` when it is not of that kind."""
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise InputError(f"{key} must be one of {', '.join(get_args(kind))}, not {value!r}")
        return value
    if kind == tuple[str, ...]:
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise InputError(f"{key} must be a list of strings, not {value!r}")
        return tuple(value)
    if kind == PerFile:
        return _per_file(value, key)
    wanted, words = _KINDS[kind]
    if not isinstance(value, wanted) or (isinstance(value, bool) and kind is not bool):
        raise InputError(f"{key} must be {words}, not {value!r}")
    return _as_float(value) if kind is float else value


def _per_file(value: Any, key: str) -> PerFile:
    if not isinstance(value, dict | tuple):
        raise InputError(f"{key} must be a table of patterns with lists of rules, not {value!r}")
    return tuple(
        (pattern, _checked(tuple[str, ...], words, f"{key}.{pattern}")) for pattern, words in dict(value).items()
    )


def _as_float(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:  # a whole number of hundreds of digits; the check of ranges turns it down
        return float("inf")


_KINDS: dict[Any, tuple[tuple[type, ...], str]] = {
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
    bool: ((bool,), "true or false"),
    str | None: ((str, type(None)), "a string"),
}


def _check_ranges(changes: Mapping[str, Any], origin: str) -> None:
    """Raise `InputError` for a number that no run could be made with."""
    if changes.get("jobs", 0) < 0:
        raise InputError(f"{origin}jobs must be 0 or more, not {changes['jobs']}")
    if not 0 <= changes.get("metrics_port", 0) <= LAST_PORT:
        raise InputError(f"{origin}metrics_port must be 0 to {LAST_PORT}, not {changes['metrics_port']}")
    if changes.get("retention_days", 1) < 1:
        raise InputError(f"{origin}retention_days must be 1 or more, not {changes['retention_days']}")
    if not 0 <= changes.get("auto_apply_confidence", 0) <= 1:
        raise InputError(f"{origin}auto_apply_confidence must be 0 to 1, not {changes['auto_apply_confidence']:g}")
    if not 0 <= changes.get("auto_apply_gain", 0) < float("inf"):
        raise InputError(f"{origin}auto_apply_gain must be 0 or more, not {changes['auto_apply_gain']:g}")
    for name, least in (("budget", 0.0), ("threshold", 1.0)):
        value = changes.get(name)
        if value is not None and not least < value < float("inf"):
            raise InputError(f"{origin}{name} must be above {least:g}, not {value:g}")


def _snake(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)


def _nearest(name: str, names: Mapping[str, Any]) -> str:
    close = get_close_matches(name, names, n=1)
    return f"; did you mean {close[0]}?" if close else f"; the settings are {', '.join(names)}"
