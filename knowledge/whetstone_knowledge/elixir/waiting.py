"""Calls that wait for something outside of the process: an answer, a disk, another program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.match import Match

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.modules import Clause
    from whetstone_knowledge.elixir.text import Text

_REQUESTS = frozenset({"delete", "get", "head", "options", "patch", "post", "put", "request", "run", "stream"})
_FILES = frozenset({"cp", "cp_r", "copy", "ls", "read", "rm_rf", "write"})
_QUERIES = frozenset(
    {
        *("aggregate", "all", "delete", "delete_all", "exists?", "get", "get_by", "insert", "insert_all"),
        *("insert_or_update", "one", "preload", "query", "reload", "stream", "transaction", "update", "update_all"),
    }
)
_SOCKETS = frozenset({"accept", "connect", "handshake", "recv"})
NETWORK: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("Finch", "HTTPoison", "HTTPotion", "Mojito", "Req", "Tesla"), _REQUESTS),
    **dict.fromkeys((":gen_tcp", ":gen_udp", ":ssl"), _SOCKETS),
    ":hackney": _REQUESTS,
    ":httpc": frozenset({"request"}),
    ":os": frozenset({"cmd"}),
    ":ssh": frozenset({"connect"}),
    "System": frozenset({"cmd", "shell"}),
}
"""Functions, without their `!`, that wait for another machine or program; those of a `Repo` are known by its name."""
NEARBY: Mapping[str, frozenset[str]] = {
    ":gen_server": frozenset({"call"}),
    "File": _FILES,
    "GenServer": frozenset({"call"}),
}
"""Functions that wait for a disk of this machine or for a process of this system."""


def waits(call: Call, functions: Mapping[str, frozenset[str]]) -> bool:
    """Whether a call is of one of these functions, or a query to a database."""
    if call.module is None:
        return False
    name = call.name.removesuffix("!")
    if call.module.rpartition(".")[2] == "Repo":
        return name in _QUERIES
    return name in functions.get(call.module, ())


def calls_of(clause: Clause, text: Text) -> Iterator[Call]:
    """Yield the calls that the process which runs a clause surely makes there, in order of the text."""
    waiting = [*reversed(clause.body)]
    while waiting:
        node = waiting.pop()
        waiting += reversed(node.named_children)
        target = node.child_by_field_name("target") if node.type == "call" else None
        named = target.child_by_field_name("right") if target is not None and target.type == "dot" else target
        match = Match(named, text) if named is not None else None
        if match is not None and match.call is not None and match.runs_here:
            yield match.call
