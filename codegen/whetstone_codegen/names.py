"""The name that something new is given, and where it lies then."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass

_LONGEST = 200
"""An atom has at most 255 characters, and with its ending so has the name of a file."""
_ELIXIR = re.compile(r"[A-Z][A-Za-z0-9_]*(\.[A-Z][A-Za-z0-9_]*)*")
_ELIXIR_SPACES = ("Collectable", "EEx", "Elixir", "Enumerable", "ExUnit", "IEx", "Inspect", "Kernel", "Logger", "Mix")
"""Whatever begins with one of these is Elixir's own."""
_ELIXIR_TAKEN = (
    "Access Agent Agent.Server Application ArgumentError ArithmeticError Atom BadArityError BadBooleanError "
    "BadFunctionError BadMapError BadStructError Base Behaviour Bitwise Calendar Calendar.ISO "
    "Calendar.TimeZoneDatabase Calendar.UTCOnlyTimeZoneDatabase CaseClauseError Code Code.Formatter "
    "Code.Fragment Code.LoadError CompileError CondClauseError Config Config.Provider Config.Reader Date "
    "Date.Range DateTime Dict Duration DynamicSupervisor Enum Enum.EmptyError Enum.OutOfBoundsError ErlangError "
    "Exception File File.CopyError File.Error File.LinkError File.RenameError File.Stat File.Stream Float "
    "Function FunctionClauseError GenEvent GenEvent.Stream GenServer HashDict HashSet IO IO.ANSI IO.ANSI.Docs "
    "IO.Stream IO.StreamError Integer JSON JSON.DecodeError JSON.Encoder KeyError Keyword List List.Chars Macro "
    "Macro.Env Map MapSet MatchError MismatchedDelimiterError Module Module.Types NaiveDateTime Node OptionParser "
    "OptionParser.ParseError PartitionSupervisor Path Port Process Protocol Protocol.UndefinedError Range Record "
    "Regex Regex.CompileError Registry Registry.Partition Registry.Supervisor RuntimeError Set Stream "
    "Stream.Reducers String String.Chars StringIO Supervisor Supervisor.Default Supervisor.Spec SyntaxError "
    "System System.EnvError SystemLimitError Task Task.Supervised Task.Supervisor Time TokenMissingError "
    "TryClauseError Tuple URI URI.Error UndefinedFunctionError UnicodeConversionError Version "
    "Version.InvalidRequirementError Version.InvalidVersionError Version.Requirement WithClauseError"
)
_HUMP = re.compile(r"(?<=.)([A-Z](?=[^A-Z_0-9])|(?<=[^A-Z_])[A-Z])")
_PYTHON = re.compile(r"([A-Za-z_][A-Za-z0-9_]*\.)*[A-Za-z_][A-Za-z0-9_]*")


class NameRefused(ValueError):  # noqa: N818 -- reads as the sentence it is
    """A name that the language does not allow; the message says what one looks like."""


@dataclass(frozen=True, slots=True)
class Name:
    """What a template writes is called this."""

    module: str
    """The whole name of the module: `Ledger.Store`, `ledger.store`."""
    name: str
    """The last part of it: `Store`; for Python the name of the class."""
    path: str
    """The file without its ending: `ledger/store`."""


def name_in(language: str, typed: str) -> Name:
    """Return what was typed as a name of this language; raises `NameRefused`."""
    return _elixir(typed) if language == "elixir" else _python(typed)


def is_name(language: str, typed: str) -> bool:
    """Tell whether this could be the name of a module that somebody else wrote."""
    return bool((_ELIXIR if language == "elixir" else _PYTHON).fullmatch(typed))


def camel_cased(words: str) -> str:
    """Return words with underscores between them, such as the name of a file, as part of the name of a module."""
    return "".join(word[:1].upper() + word[1:] for word in words.split("_"))


def places(language: str, called: Name) -> tuple[str, str]:
    """Return where the module and its test lie, relative to the project."""
    if language == "elixir":
        return f"lib/{called.path}.ex", f"test/{called.path}_test.exs"
    return f"{called.path}.py", f"tests/test_{called.module.replace('.', '_')}.py"


def _elixir(typed: str) -> Name:
    if not _ELIXIR.fullmatch(typed):
        raise NameRefused(f"{typed!r} is no name of a module: write one like Ledger.Store")
    if typed.partition(".")[0] in _ELIXIR_SPACES or typed in _ELIXIR_TAKEN.split():
        raise NameRefused(f"{typed} is a module of Elixir itself: write one like Ledger.{typed.rpartition('.')[2]}")
    parts = typed.split(".")
    files = [*map(_underscored, parts)]
    if (longest := max(len(typed), *map(len, files))) > _LONGEST:
        raise NameRefused(f"the name of a module, and of its file, has at most {_LONGEST} characters, not {longest}")
    return Name(typed, parts[-1], "/".join(files))


def _python(typed: str) -> Name:
    parts = typed.split(".")
    wrong = [part for part in parts if keyword.iskeyword(part)]
    if not _PYTHON.fullmatch(typed) or wrong or len(typed) > _LONGEST:
        raise NameRefused(f"{typed!r} is no name of a module or a class: write one like ledger.store or LedgerStore")
    *packages, last = map(_underscored, parts)
    class_name = camel_cased(parts[-1])
    if class_name.startswith("Test"):
        raise NameRefused(f"pytest takes a class {class_name} for a test: choose another name")
    return Name(".".join([*packages, last]), class_name, "/".join([*packages, last]))


def _underscored(part: str) -> str:
    """Return a camel-cased part as the name of a file, as Elixir's `Macro.underscore/1` does."""
    return _HUMP.sub(r"_\1", part).lower()
