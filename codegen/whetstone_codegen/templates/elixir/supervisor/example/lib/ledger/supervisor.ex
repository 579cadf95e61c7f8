defmodule Ledger.Supervisor do
  @moduledoc """
  Starts its children in the order in which they are listed, and stops them in the opposite order.

      children = [Ledger.Supervisor]

      %{active: running} = Supervisor.count_children(Ledger.Supervisor)

  They do not need each other: when one falls, only that one is started again.

  ## Options of `start_link/1`

    * `:name` - what it is registered as: an atom, `{:global, term}`, `{:via, module, term}`, or `nil`
      to be found by its pid only. Default: `Ledger.Supervisor`.
    * `:max_restarts`, `:max_seconds` - how many restarts in how many seconds are borne.
      Default: 3 in 5. After one more it stops all children and itself, because what is
      wrong then is not put right by trying again; its own supervisor decides what comes next.
    * `:children` - other children than those that are listed here, for tests.

  A child that is started again begins as it is specified: what it knew is lost.
  """

  use Supervisor

  @doc "Returns its place in a supervision tree; several stand side by side under different names."
  @spec child_spec(keyword()) :: Supervisor.child_spec()
  def child_spec(options) do
    %{super(options) | id: Keyword.get(options, :name, __MODULE__)}
  end

  @doc """
  Starts it and its children, and returns when they all run.

  Raises for an option that is none, in the caller.
  """
  @spec start_link(keyword()) :: Supervisor.on_start()
  def start_link(options) do
    options =
      Keyword.validate!(options, [
        :children,
        name: __MODULE__,
        max_restarts: 3,
        max_seconds: 5
      ])

    Supervisor.start_link(__MODULE__, options, Keyword.take(options, [:name]))
  end

  @impl true
  def init(options) do
    children = []

    Supervisor.init(Keyword.get(options, :children, children),
      strategy: :one_for_one,
      max_restarts: options[:max_restarts],
      max_seconds: options[:max_seconds]
    )
  end
end
