"""WE118: a process that holds nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.blocks import results
from whetstone_knowledge.elixir.calls import items
from whetstone_knowledge.elixir.match import variables
from whetstone_knowledge.rule import ElixirRule

if TYPE_CHECKING:
    from whetstone_knowledge.elixir.match import Match
    from whetstone_knowledge.elixir.modules import Clause, Module

_ANSWERING = {("handle_call", 3): ":reply", ("handle_cast", 2): ":noreply"}
_STARTING = frozenset({("init", 1), *_ANSWERING})
_RUNTIME = re.compile(
    r"\b(?:from|monitor|register|self|send|sleep|subscribe|GenServer\.reply|Port|Process|Registry)\b|:ets\b|:timer\b"
)
"""What gives a process a purpose besides its state."""


class ServerWithoutState(ElixirRule):
    """Runs a server whose callbacks neither read nor change the state.

    A process is for what functions cannot have: a state, a place where one thing happens after another, a life of its
    own. Code that needs none of these is only slower in a server: each call copies what goes in and what comes out, and
    all callers stand in one line, on one core.

    The rule stays quiet where a callback uses the state, where the module handles messages other than calls and casts,
    where it registers, monitors, sends, times or keeps a table, and where no name is given to the server, of which
    there may be a pool then. Where one at a time is the purpose, say so and allow it here.

    There is no rewrite: whoever starts the server is in another file.
    """

    code = "WE118"
    title = "Make functions of the callbacks"
    message = "No callback of this server reads or changes its state: plain functions do the same, without the queue"
    severity = "medium"
    weight = 30
    fix = "none"
    words = ("GenServer",)
    needs_whole_module = True
    before = """
        defmodule Calculator do
          use GenServer

          def start_link(_options), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)
          def add(a, b), do: GenServer.call(__MODULE__, {:add, a, b})

          @impl true
          def init(state), do: {:ok, state}

          @impl true
          def handle_call({:add, a, b}, _from, state) do
            {:reply, a + b, state}
          end
        end
    """
    after = ""
    more = (
        (
            """
            defmodule Mailer do
              use GenServer

              def start_link(options), do: GenServer.start_link(__MODULE__, options, name: Shop.Mailer)
              def init(_options), do: {:ok, %{}}

              def handle_cast({:deliver, mail}, state) do
                if valid?(mail) do
                  Smtp.deliver(mail)
                end

                {:noreply, state}
              end
            end
            """,
            "",
        ),
    )
    quiet = (
        """
        defmodule Counter do
          use GenServer

          def start_link(count), do: GenServer.start_link(__MODULE__, count, name: __MODULE__)
          def init(count), do: {:ok, count}
          def handle_call(:next, _from, count), do: {:reply, count, count + 1}
        end
        """,
        """
        defmodule Mailer do
          use GenServer

          def start_link(settings), do: GenServer.start_link(__MODULE__, settings, name: Mailer)
          def init(settings), do: {:ok, settings}

          def handle_cast({:deliver, mail}, settings) do
            Smtp.deliver(mail, settings)
            {:noreply, settings}
          end
        end
        """,
        """
        defmodule Ticker do
          use GenServer

          def start_link(state), do: GenServer.start_link(__MODULE__, state, name: __MODULE__)
          def init(state), do: {:ok, state}
          def handle_call(:now, _from, state), do: {:reply, Clock.now(), state}
          def handle_info(:tick, state), do: {:noreply, state}
        end
        """,
        """
        defmodule Worker do
          use GenServer

          def start_link(options), do: GenServer.start_link(__MODULE__, options)
          def init(options), do: {:ok, options}
          def handle_call({:resize, image}, _from, state), do: {:reply, Image.resize(image), state}
        end
        """,
        """
        defmodule Owner do
          use GenServer

          def start_link(name), do: GenServer.start_link(__MODULE__, name, name: name)

          def init(name) do
            :ets.new(name, [:named_table, :public])
            {:ok, name}
          end

          def handle_call(:ping, _from, name), do: {:reply, :pong, name}
        end
        """,
        """
        defmodule Lookup do
          use GenServer

          def start_link(state), do: GenServer.start_link(__MODULE__, state, name: __MODULE__)
          def init(state), do: {:ok, state}

          def handle_call({:find, key}, _from, %{entries: entries} = state) do
            {:reply, Map.get(entries, key), state}
          end
        end
        """,
    )

    def applies(self, match: Match) -> bool:
        """Whether this is the `use GenServer` of a module whose callbacks have no use for a process."""
        module = match.module
        if module is None or module.uses.get("GenServer") not in match.ancestors:
            return False
        if "name:" not in match.text(module.node):
            return False
        callbacks = [clause for clause in module.clauses if module.is_callback(clause)]
        kinds = {(clause.name, clause.arity) for clause in callbacks}
        if not kinds <= _STARTING or ("init", 1) not in kinds or not kinds & {*_ANSWERING}:
            return False
        match.underline(module.uses["GenServer"])
        return all(_does_without(clause, module, match) for clause in callbacks)


def _does_without(clause: Clause, module: Module, match: Match) -> bool:
    """Whether a callback neither uses the state nor needs the process."""
    if _RUNTIME.search(" ".join(map(match.text, clause.body))):
        return False
    if clause.name == "init":
        return len(module.functions["init", 1]) == 1 and _starts_empty(clause, match)
    tag = _ANSWERING[clause.name, clause.arity]
    state = clause.parameters[-1]
    if state.type != "identifier":
        return False
    outcomes = [items(node) if node.type == "tuple" else [] for node in results(clause.body)]
    kept = all(outcome and match.text(outcome[0]) == tag and outcome[-1].text == state.text for outcome in outcomes)
    named = [name for node in clause.body for name in variables(node) if name.text == state.text]
    return kept and len(named) == len(outcomes)


def _starts_empty(clause: Clause, match: Match) -> bool:
    """Whether `init/1` only hands on what it was given, or nothing."""
    outcome = items(clause.body[0]) if len(clause.body) == 1 and clause.body[0].type == "tuple" else []
    return len(outcome) == 2 and match.text(outcome[0]) == ":ok"
