"""WE307: the exception of a function that could have been asked for a result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.blocks import statements
from whetstone_knowledge.elixir.branches import branches
from whetstone_knowledge.elixir.calls import is_call_of, items, operands
from whetstone_knowledge.elixir.match import variables
from whetstone_knowledge.elixir.modules import DEFINITIONS
from whetstone_knowledge.elixir.pipes import bare
from whetstone_knowledge.rule import ElixirRule
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from tree_sitter import Node

    from whetstone_knowledge.elixir.branches import Branch
    from whetstone_knowledge.elixir.match import Match

_ERRORS = {
    **{
        f"File.{name}!": "File.Error"
        for name in (
            *("read", "write", "stat", "lstat", "ls", "mkdir", "mkdir_p", "rm", "rmdir", "rm_rf"),
            *("cwd", "touch", "chmod", "chown", "chgrp", "write_stat"),
        )
    },
    **dict.fromkeys(("File.cp!", "File.cp_r!", "File.copy!"), "File.CopyError"),
    **dict.fromkeys(("File.ln!", "File.ln_s!"), "File.LinkError"),
    **dict.fromkeys(("Map.fetch!", "Keyword.fetch!", "Access.fetch!"), "KeyError"),
    **{
        f"{module}.{name}!": "ArgumentError"
        for module, names in {
            "Date": ("from_iso8601", "new", "from_erl"),
            "Time": ("from_iso8601", "new", "from_erl"),
            "NaiveDateTime": ("from_iso8601", "new", "from_erl"),
            "DateTime": ("from_unix", "new", "from_naive", "now", "shift_zone"),
            "Base": ("decode16", "decode32", "decode64", "hex_decode32", "url_decode64"),
            "Application": ("fetch_env",),
        }.items()
        for name in names
    },
    "File.rename!": "File.RenameError",
    "Enum.fetch!": "Enum.OutOfBoundsError",
    "Regex.compile!": "Regex.CompileError",
    "URI.new!": "URI.Error",
    "Version.parse!": "Version.InvalidVersionError",
    "Version.parse_requirement!": "Version.InvalidRequirementError",
    "System.fetch_env!": "System.EnvError",
    "Jason.decode!": "Jason.DecodeError",
    "Jason.encode!": "Jason.EncodeError",
    "Poison.decode!": "Poison.ParseError",
    "JSON.decode!": "JSON.DecodeError",
}
"""What raises which exception, and returns `:error` or `{:error, reason}` without the exclamation mark."""


class ExceptionForControlFlow(ElixirRule):
    """Rescues the exception of a function that returns the failure without its exclamation mark.

    `File.read!/1` makes an exception from what `File.read/1` returns, and `rescue` makes a value from that again, after
    a stack trace was built. A `rescue` of everything also takes the mistakes that nobody thought of, such as `nil` for
    a path.

    The rule knows the functions of Elixir, Jason and Poison that have such a twin. It speaks only where that call is
    all that is tried, and where `rescue` names no exception or that of the function. It stays quiet where another
    exception is raised in its place, where the exception as a whole or its stack trace is passed on, and where there is
    a `catch`, an `else` or an `after` as well.
    """

    code = "WE307"
    title = "Call it without the exclamation mark, and match what it returns"
    message = "`{function}` without its `!` returns this failure, so nothing has to be rescued"
    severity = "low"
    weight = 15
    fix = "none"
    words = ("rescue",)
    before = """
        defmodule Shop.Settings do
          def read(path) do
            try do
              File.read!(path)
            rescue
              _error -> "{}"
            end
          end
        end
    """
    after = ""
    more = (
        (
            """
            defmodule Shop.Settings do
              def parse(text) do
                {:ok, text |> Jason.decode!()}
              rescue
                error in [Jason.DecodeError] -> {:error, error.position}
              end
            end
            """,
            "",
        ),
        (
            """
            defmodule Shop.Settings do
              def compiled(text) do
                Regex.compile!(text)
              rescue
                error -> {:error, Exception.message(error)}
              end
            end
            """,
            "",
        ),
        (
            """
            defmodule Shop.Settings do
              def day(text) do
                try do
                  Date.from_iso8601!(text)
                rescue
                  ArgumentError -> nil
                end
              end
            end
            """,
            "",
        ),
    )
    quiet = (
        r"""
        defmodule Shop.Settings do
          def read(path) do
            File.read!(path)
          rescue
            error in File.Error -> raise Shop.Error, "no settings: \#{error.reason}"
          end
        end
        """,
        """
        defmodule Shop.Settings do
          def read(path) do
            path |> File.read!() |> parse()
          rescue
            _error -> %{}
          end
        end
        """,
        """
        defmodule Shop.Settings do
          def read(path) do
            Shop.Files.read!(path)
          rescue
            _error -> %{}
          end
        end
        """,
        """
        defmodule Shop.Settings do
          def read(path) do
            File.read!(path)
          rescue
            UnicodeConversionError -> "{}"
          end
        end
        """,
        """
        defmodule Shop.Settings do
          def number(text) do
            String.to_integer(text)
          rescue
            ArgumentError -> 0
          end
        end
        """,
        """
        defmodule Shop.Settings do
          def read(path) do
            {:ok, File.read!(path)}
          rescue
            error in File.Error -> {:error, error}
          end
        end
        """,
        """
        defmodule Shop.Settings do
          def read(path) do
            File.read!(path)
          rescue
            error -> Shop.Log.report(error, __STACKTRACE__)
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether all that is tried is one such call, and what is rescued is its exception."""
        rescued = match.ancestors[-1]
        if rescued.type != "rescue_block" or len(match.ancestors) < 3:
            return False
        block, around = match.ancestors[-2], match.ancestors[-3]
        if not is_call_of(around, "try", *DEFINITIONS):
            return False
        inside = items(block)
        tried = statements(inside)
        if len(tried) != 1 or len(inside) != 2:
            return False
        call = match.read(_returned(match, tried[0]))
        error = _ERRORS.get(f"{call.module}.{call.name}") if call is not None else None
        if call is None or error is None or not _answers(match, rescued, error):
            return False
        target = call.node.child_by_field_name("target")
        match.underline(match.leaf)
        match.also("function", target if target is not None else call.node)
        return True


def _returned(match: Match, node: Node) -> Node:
    """Return what stands behind the `:ok` of a tuple; any other node is returned as it is."""
    node = bare(node)
    parts = items(node) if node.type == "tuple" else []
    return parts[1] if len(parts) == 2 and match.text(parts[0]) == ":ok" else node


def _answers(match: Match, rescued: Node, error: str) -> bool:
    """Whether every clause takes this exception, or all of them, and makes a value of it."""
    clauses = list(branches(rescued))
    return bool(clauses) and all(
        len(clause.patterns) == 1
        and _named(match, clause.patterns[0]) <= {error}
        and not _needs_the_exception(match, clause)
        for clause in clauses
    )


def _named(match: Match, pattern: Node) -> frozenset[str]:
    """Return the exceptions that a clause of `rescue` names; none where it takes all."""
    sides = operands(pattern)
    if sides is not None and sides[1] == "in":
        pattern = sides[2]
    if pattern.type == "identifier":
        return frozenset()
    return frozenset(match.resolved(each) for each in (items(pattern) if pattern.type == "list" else [pattern]))


def _needs_the_exception(match: Match, clause: Branch) -> bool:
    """Whether something is raised in its place, or the exception or its stack trace is passed on."""
    bound = {match.text(name) for name in variables(clause.patterns[0])}
    for node in below(*clause.body):
        text = match.text(node)
        if is_call_of(node, "raise", "reraise", "exit", "throw") or text == "__STACKTRACE__":
            return True
        if node.type == "identifier" and text in bound and not _is_asked(match, node):
            return True
    return False


def _is_asked(match: Match, exception: Node) -> bool:
    """Whether only a field or the message of an exception is read, which the reason of a failure says as well."""
    around = exception.parent
    if around is None or around.type == "dot":
        return around is not None
    call = match.read(around.parent) if around.type == "arguments" and around.parent is not None else match.read(around)
    return call is not None and call.to("Exception", "message", 1)
