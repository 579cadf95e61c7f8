"""WE309: a macro that writes long code into every place that uses it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import is_call_of
from whetstone_knowledge.rule import ElixirRule
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match

_LINES = 60
_DOCUMENTATION = re.compile(r"@(?:doc|moduledoc|typedoc)\b")
_DOCUMENTED = "\n              ".join(f"The reason of status {number}." for number in range(100, 160))


class LargeQuotedCode(ElixirRule):
    """Quotes more than sixty lines of code in a macro.

    All of it is expanded, compiled and kept once more for each use, and a stack trace from it points at the line of the
    use. What does not have to differ there can stand in a function that the quoted code calls.

    The rule stays quiet about shorter code; lines without code and documentation do not count, and of a `quote` within
    another only the outer one is judged.
    """

    code = "WE309"
    title = "Quote a call, and do the work in a function"
    message = "Every use of this macro compiles all of this once more"
    severity = "low"
    weight = 15
    fix = "none"
    reads_macros = True
    words = ("quote",)
    beside = ("defmacro",)
    before = """
        defmodule Web.Reasons do
          defmacro __using__(_options) do
            quote do
              Module.register_attribute(__MODULE__, :reason, accumulate: true)
              @reason {100, "Continue"}
              @reason {101, "Switching Protocols"}
              @reason {102, "Processing"}
              @reason {103, "Early Hints"}
              @reason {200, "OK"}
              @reason {201, "Created"}
              @reason {202, "Accepted"}
              @reason {203, "Non-Authoritative Information"}
              @reason {204, "No Content"}
              @reason {205, "Reset Content"}
              @reason {206, "Partial Content"}
              @reason {207, "Multi-Status"}
              @reason {208, "Already Reported"}
              @reason {226, "IM Used"}
              @reason {300, "Multiple Choices"}
              @reason {301, "Moved Permanently"}
              @reason {302, "Found"}
              @reason {303, "See Other"}
              @reason {304, "Not Modified"}
              @reason {305, "Use Proxy"}
              @reason {307, "Temporary Redirect"}
              @reason {308, "Permanent Redirect"}
              @reason {400, "Bad Request"}
              @reason {401, "Unauthorized"}
              @reason {402, "Payment Required"}
              @reason {403, "Forbidden"}
              @reason {404, "Not Found"}
              @reason {405, "Method Not Allowed"}
              @reason {406, "Not Acceptable"}
              @reason {407, "Proxy Authentication Required"}
              @reason {408, "Request Timeout"}
              @reason {409, "Conflict"}
              @reason {410, "Gone"}
              @reason {411, "Length Required"}
              @reason {412, "Precondition Failed"}
              @reason {413, "Request Entity Too Large"}
              @reason {414, "Request-URI Too Long"}
              @reason {415, "Unsupported Media Type"}
              @reason {416, "Requested Range Not Satisfiable"}
              @reason {417, "Expectation Failed"}
              @reason {418, "I'm a Teapot"}
              @reason {421, "Misdirected Request"}
              @reason {422, "Unprocessable Entity"}
              @reason {423, "Locked"}
              @reason {424, "Failed Dependency"}
              @reason {425, "Too Early"}
              @reason {426, "Upgrade Required"}
              @reason {428, "Precondition Required"}
              @reason {429, "Too Many Requests"}
              @reason {431, "Request Header Fields Too Large"}
              @reason {451, "Unavailable For Legal Reasons"}
              @reason {500, "Internal Server Error"}
              @reason {501, "Not Implemented"}
              @reason {502, "Bad Gateway"}
              @reason {503, "Service Unavailable"}
              @reason {504, "Gateway Timeout"}
              @reason {505, "HTTP Version Not Supported"}
              @reason {506, "Variant Also Negotiates"}
              @reason {507, "Insufficient Storage"}
              @reason {508, "Loop Detected"}
              @reason {510, "Not Extended"}
            end
          end
        end
    """
    after = ""
    quiet = (
        """
        defmodule Web.Reasons do
          defmacro __using__(_options) do
            quote do
              def reason(status), do: Web.Reasons.__reason__(__MODULE__, status)
            end
          end
        end
        """,
        f"""
        defmodule Web.Reasons do
          defmacro __using__(_options) do
            quote do
              @doc \"\"\"
              {_DOCUMENTED}
              \"\"\"
              def reason(status), do: Web.Reasons.__reason__(__MODULE__, status)
            end
          end
        end
        """,
        """
        defmodule Web.Reasons do
          defmacro reason(status) do
            call = quote do: Web.Reasons.__reason__(unquote(status))
            call
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether so many lines of code are quoted here, in a macro and in no other `quote`."""
        call, clause = match.call, match.clause
        block = call.block if call is not None and call.is_local else None
        if block is None or block.end_point.row - block.start_point.row <= _LINES:
            return False
        if clause is None or clause.kind not in {"defmacro", "defmacrop"}:
            return False
        if any(is_call_of(node, "quote") for node in match.ancestors[:-1]):
            return False
        match.underline(match.leaf)
        return _lines_of_code(match, block) > _LINES


def _lines_of_code(match: Match, block: Node) -> int:
    """Return how many lines between `do` and `end` hold code."""
    _first, *lines, _last = match.text(block).split("\n")
    written = {number for number, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith("#")}
    for node in below(block):
        if node.type == "unary_operator" and _DOCUMENTATION.match(match.text(node)):
            start = node.start_point.row - block.start_point.row
            written -= {*range(start, start + node.end_point.row - node.start_point.row + 1)}
    return len(written)
