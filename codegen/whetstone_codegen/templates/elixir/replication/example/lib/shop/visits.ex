defmodule Shop.Visits do
  @moduledoc """
  A counter that only grows, of which every node has a replica.

      children = [Shop.Visits]

      :ok = Shop.Visits.increment()
      :ok = Shop.Visits.increment(Shop.Visits, 2)
      Shop.Visits.value()
      #=> 3, and soon the same on every node

  ## Lifecycle

  Each node starts one under the same name. Reading and changing need the local replica only, whoever else is there.
  Every `:sync_interval` milliseconds it sends what has changed to the others, and every 30 rounds, and to a
  node that comes up, all that it has. They merge it with theirs; because merging gives the same in any order and
  however often, replicas that can reach one another become equal, also after they were apart.

  ## Options

    * `:name` - an atom, the same on all nodes, the name of this module unless given
    * `:sync_interval` - milliseconds, 1_000 unless given
    * `:replicas` - a function that gives the other replicas, those on `Node.list()` unless given

  ## When something crashes

  A replica that starts again is empty until it hears from another one, and loses what it had not sent yet. It goes on
  under a new identity, so that nothing it does now can be taken for what it did before. With the last replica
  all is lost: nothing is kept on disk.
  """

  use GenServer, shutdown: 5_000

  alias __MODULE__.Data

  require Logger

  @call_timeout 5_000
  @full_every 30

  @type option ::
          {:name, atom}
          | {:sync_interval, pos_integer}
          | {:replicas, (() -> [GenServer.server()])}

  @doc "Starts this node's replica. Raises `ArgumentError` for an option that is none."
  @spec start_link([option]) :: GenServer.on_start()
  def start_link(options \\ []) do
    options =
      Keyword.validate!(options, [
        :replicas,
        name: __MODULE__,
        sync_interval: 1_000
      ])

    GenServer.start_link(__MODULE__, Map.new(options), name: options[:name])
  end

  @doc "The count, as far as this node knows."
  @spec value(atom) :: integer
  def value(name \\ __MODULE__) when is_atom(name) do
    GenServer.call(name, :value, @call_timeout)
  end

  @doc "Counts up."
  @spec increment(atom, pos_integer) :: :ok
  def increment(name \\ __MODULE__, amount \\ 1)
      when is_atom(name) and is_integer(amount) and amount > 0 do
    change(name, {:add, amount})
  end

  defp change(name, change), do: GenServer.call(name, {:change, change}, @call_timeout)

  @impl true
  def init(options) do
    :ok = :net_kernel.monitor_nodes(true)
    %{name: name} = options

    state = %{
      name: name,
      replicas: options[:replicas] || fn -> Enum.map(Node.list(), &{name, &1}) end,
      sync_interval: options.sync_interval,
      # The number makes it another one after each start: a counter begun anew must not pass for the old one.
      id: {node(), System.system_time(), System.unique_integer()},
      data: Data.new(),
      unsent: Data.new(),
      round: 1
    }

    # Whoever is there answers with what it has.
    send_all(state.replicas.(), {:hello, self()})
    {:ok, arm(state)}
  end

  @impl true
  def handle_call(:value, _from, state), do: {:reply, Data.value(state.data), state}

  def handle_call({:change, change}, _from, state) do
    delta = Data.delta(state.data, change, state.id)
    unsent = Data.merge(state.unsent, delta)
    {:reply, :ok, %{state | data: Data.merge(state.data, delta), unsent: unsent}}
  end

  @impl true
  def handle_info({:merge, data}, state) do
    {:noreply, %{state | data: Data.merge(state.data, data)}}
  end

  def handle_info({:hello, replica}, state) do
    send_all([replica], {:merge, state.data})
    {:noreply, state}
  end

  def handle_info({:nodeup, node}, state) do
    send_all([{state.name, node}], {:merge, state.data})
    {:noreply, state}
  end

  def handle_info({:timeout, timer, :sync}, %{timer: timer} = state) do
    full? = rem(state.round, @full_every) == 0
    data = if full?, do: state.data, else: state.unsent
    if data != Data.new(), do: send_all(state.replicas.(), {:merge, data})
    {:noreply, arm(%{state | unsent: Data.new(), round: state.round + 1})}
  end

  def handle_info(message, state) do
    Logger.debug(fn -> "#{inspect(__MODULE__)} ignores #{inspect(message)}" end)
    {:noreply, state}
  end

  # Not by a call, and only over connections that there are: a replica must not wait for another one.
  defp send_all(replicas, message) do
    for replica <- replicas,
        pid = destination(replica),
        do: Process.send(pid, message, [:noconnect])
  end

  defp destination(replica) when is_atom(replica), do: Process.whereis(replica)
  defp destination(replica), do: replica

  defp arm(state) do
    Map.put(state, :timer, :erlang.start_timer(state.sync_interval, self(), :sync))
  end
end

defmodule Shop.Visits.Data do
  @moduledoc """
  A counter that only grows, as a value: for each replica, what it has counted.

  Each replica counts for itself only, so of two numbers for one replica the larger is the newer.

  Changes are themselves such values, merged in (Almeida, Shoker and Baquero, "Delta State Replicated Data Types", 2016).
  """

  @type t :: %{term => pos_integer}

  @spec new :: t
  def new, do: %{}

  @doc "What a change adds to the data."
  @spec delta(t, {:add, pos_integer}, term) :: t
  def delta(data, {:add, amount}, id), do: %{id => Map.get(data, id, 0) + amount}

  @doc "Both together: commutative, associative, idempotent."
  @spec merge(t, t) :: t
  def merge(one, other), do: Map.merge(one, other, fn _id, a, b -> max(a, b) end)

  @spec value(t) :: non_neg_integer
  def value(data), do: data |> Map.values() |> Enum.sum()
end
