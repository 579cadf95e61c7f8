defmodule Ledger.Balances do
  @moduledoc """
  A map from keys to values that many processes share.

      children = [Ledger.Balances]

      :ok = Ledger.Balances.put(:tea, 2)
      :ok = Ledger.Balances.update(:tea, 0, &(&1 + 1))
      {:ok, 3} = Ledger.Balances.fetch(:tea)

  Only the small functions of this module run in the agent; whatever may take its time runs in the
  caller, so that nobody waits for anybody else's work.

  ## Options of `start_link/1`

    * `:initial` - a map to begin with. Default: `%{}`.
    * `:max_size` - how many keys it takes before it refuses new ones. Default: 10_000.
    * `:name` - what it is registered as: an atom, `{:global, term}`, `{:via, module, term}`, or `nil`
      to be found by its pid only. Default: `Ledger.Balances`.

  ## What a crash loses

  Everything, and the calls that wait: their callers exit. After a restart it begins with `:initial`
  again. An agent is told nothing when it is stopped; what must outlive it belongs into a GenServer
  that saves, or into a database.
  """

  use Agent, restart: :permanent, shutdown: 5_000

  @call_timeout 5_000

  @type key :: term()
  @type value :: term()

  @doc "Returns its place in a supervision tree; several stand side by side under different names."
  @spec child_spec(keyword()) :: Supervisor.child_spec()
  def child_spec(options) do
    %{super(options) | id: Keyword.get(options, :name, __MODULE__)}
  end

  @doc "Starts the agent; raises for an option or a value that is none, in the caller."
  @spec start_link(keyword()) :: Agent.on_start()
  def start_link(options) do
    options =
      Keyword.validate!(options,
        name: __MODULE__,
        max_size: 10_000,
        initial: %{}
      )

    state = checked(%{entries: options[:initial], max_size: options[:max_size]})
    Agent.start_link(fn -> state end, name: options[:name])
  end

  @doc "Returns `{:ok, value}`, or `:error` where there is none."
  @spec fetch(Agent.agent(), key()) :: {:ok, value()} | :error
  def fetch(agent \\ __MODULE__, key) do
    Agent.get(agent, fn state -> Map.fetch(state.entries, key) end, @call_timeout)
  end

  @doc "Returns how many keys there are."
  @spec size(Agent.agent()) :: non_neg_integer()
  def size(agent \\ __MODULE__) do
    Agent.get(agent, fn state -> map_size(state.entries) end, @call_timeout)
  end

  @doc "Keeps a value under a key, unless the key is new and there are `:max_size` already."
  @spec put(Agent.agent(), key(), value()) :: :ok | {:error, :full}
  def put(agent \\ __MODULE__, key, value) do
    Agent.get_and_update(agent, &store(&1, key, value), @call_timeout)
  end

  @doc "Forgets a key, if there is one."
  @spec delete(Agent.agent(), key()) :: :ok
  def delete(agent \\ __MODULE__, key) do
    forget = fn state -> %{state | entries: Map.delete(state.entries, key)} end
    Agent.update(agent, forget, @call_timeout)
  end

  @doc """
  Makes of the value under a key, or of `initial` where there is none, what the function returns.

  The function runs in the caller. When somebody else changed the value meanwhile, it is called
  again with the new one, so no change is lost; it must be fit to be called more than once.
  """
  @spec update(Agent.agent(), key(), value(), (value() -> value())) :: :ok | {:error, :full}
  def update(agent \\ __MODULE__, key, initial, fun) when is_function(fun, 1) do
    seen = fetch(agent, key)

    value =
      case seen do
        {:ok, old} -> fun.(old)
        :error -> fun.(initial)
      end

    case Agent.get_and_update(agent, &swap(&1, key, seen, value), @call_timeout) do
      :changed -> update(agent, key, initial, fun)
      stored -> stored
    end
  end

  # What follows runs in the agent, except for `checked/1`.

  defp swap(state, key, seen, value) do
    case Map.fetch(state.entries, key) do
      ^seen -> store(state, key, value)
      _another -> {:changed, state}
    end
  end

  defp store(%{entries: entries, max_size: max_size} = state, key, _value)
       when map_size(entries) >= max_size and not is_map_key(entries, key) do
    {{:error, :full}, state}
  end

  defp store(state, key, value) do
    {:ok, put_in(state.entries[key], value)}
  end

  defp checked(%{entries: %{} = entries, max_size: max_size} = state)
       when is_integer(max_size) and max_size > 0 and map_size(entries) <= max_size do
    state
  end

  defp checked(_state) do
    raise ArgumentError, ":initial is a map with at most :max_size keys, a positive integer"
  end
end
