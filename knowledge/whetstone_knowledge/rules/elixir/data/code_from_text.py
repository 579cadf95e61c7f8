"""WE226: text that is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.match import variables
from whetstone_knowledge.rule import ElixirRule
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match

_RUNNING = frozenset(
    {("Code", "eval_string"), ("Code", "compile_string"), (":os", "cmd"), ("System", "shell")},
)


class CodeFromText(ElixirRule):
    """Runs text that was put together, as Elixir or as a command of the shell.

    Whoever can write into that text runs what they like: `Code.eval_string` may do whatever the program may, and a
    shell runs what stands behind a semicolon in the name of a file. `System.cmd/3` takes the arguments of a command as
    a list and asks no shell; for data there are formats of data.

    The rule stays quiet about text that stands in the code, and in tasks of Mix, which whoever
    develops the program runs.
    """

    code = "WE226"
    title = "Take data as data, and give a command its arguments as a list"
    message = "Whoever can write into this text runs what they like"
    severity = "medium"
    weight = 30
    fix = "none"
    words = ("eval_string", "compile_string", "cmd", "shell")
    before = """
        defmodule Disk do
          def size(path), do: :os.cmd(to_charlist("du -s " <> path))
        end
    """
    after = ""
    more = (
        (
            """
            defmodule Formula do
              def value(text), do: text |> Code.eval_string() |> elem(0)
            end
            """,
            "",
        ),
        (
            """
            defmodule Disk do
              def size(path), do: System.shell("du -s #{path}")
            end
            """,
            "",
        ),
    )
    quiet = (
        """
        defmodule Disk do
          def size(path), do: System.cmd("du", ["-s", "--", path])
        end
        """,
        """
        defmodule Disk do
          @command 'df -h'

          def all, do: :os.cmd(@command)
          def free, do: System.shell("df -h", into: IO.stream())
        end
        """,
        """
        defmodule Mix.Tasks.Disk do
          use Mix.Task

          def run([path]), do: Mix.shell().info(:os.cmd(to_charlist("du -s " <> path)))
        end
        """,
        """
        defmodule Disk do
          def eval(code), do: Code.eval_quoted(code)
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether text is run that is not all written here."""
        call = match.call
        if call is None or (call.module, call.name) not in _RUNNING or not call.arguments:
            return False
        if match.module is not None and match.module.is_of_mix:
            return False
        return _is_put_together(match, call.arguments[0])


def _is_put_together(match: Match, text: Node) -> bool:
    """Whether a text depends on anything: a variable, or a function of the program."""
    if next(variables(text), None) is not None:
        return True
    calls = (match.read(node) for node in below(text) if node.type == "call")
    return any(call is not None and not call.arguments for call in calls)
