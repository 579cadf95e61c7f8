defmodule Shop.Carts do
  @moduledoc """
  Keys and values, spread over processes that each keep their share of the keys.

      children = [Shop.Carts]

      :ok = Shop.Carts.put(:user_1, ["tea"])
      {:ok, ["milk", "tea"]} = Shop.Carts.update(:user_1, [], &["milk" | &1])
      {:ok, ["milk", "tea"]} = Shop.Carts.fetch(:user_1)

  ## Lifecycle

  A `PartitionSupervisor` starts the partitions. A call for a key goes to one of them, always the
  same, without a process in between, so calls for keys of different partitions do not wait for one another.
  The hash of the whole key decides.

  ## Options

    * `:name` - an atom, the name of this module unless given
    * `:partitions` - how many processes share the keys, 8 unless given
    * `:max_keys` - how many keys one partition holds at the most, 100_000 unless given

  ## When something crashes

  A partition that crashes is started again empty: its keys are lost, and nobody else's. Nothing is kept on disk.
  More than 100 crashes in five seconds end all partitions.
  """

  alias __MODULE__.Partition

  @call_timeout 5_000

  @type key :: term
  @type value :: term
  @type option ::
          {:name, atom}
          | {:partitions, pos_integer}
          | {:max_keys, pos_integer}

  @doc false
  def child_spec(options) do
    %{
      id: Keyword.get(options, :name, __MODULE__),
      start: {__MODULE__, :start_link, [options]},
      type: :supervisor
    }
  end

  @doc "Starts the partitions. Raises `ArgumentError` for an option that is none."
  @spec start_link([option]) :: Supervisor.on_start()
  def start_link(options \\ []) do
    options =
      options
      |> Keyword.validate!(
        name: __MODULE__,
        partitions: 8,
        max_keys: 100_000
      )
      |> Map.new()

    for count <- [:partitions, :max_keys],
        value = options[count],
        not (is_integer(value) and value > 0) do
      raise ArgumentError, "#{inspect(count)} must be a positive integer, not #{inspect(value)}"
    end

    PartitionSupervisor.start_link(
      name: options.name,
      partitions: options.partitions,
      child_spec: {Partition, options},
      max_restarts: 100,
      max_seconds: 5
    )
  end

  @doc "Gives the value of a key."
  @spec fetch(atom, key) :: {:ok, value} | :error
  def fetch(name \\ __MODULE__, key) when is_atom(name) do
    GenServer.call(owner(name, key), {:fetch, key}, @call_timeout)
  end

  @doc "Sets the value of a key, unless its partition has no room for another key."
  @spec put(atom, key, value) :: :ok | {:error, :full}
  def put(name \\ __MODULE__, key, value) when is_atom(name) do
    GenServer.call(owner(name, key), {:put, key, value}, @call_timeout)
  end

  @doc """
  Changes the value of a key by a function of the value that it has, or of `default`.

  The function runs in the caller, where it may be slow or raise without harm to anybody's keys, and runs again when
  somebody else has changed the value meanwhile.
  """
  @spec update(atom, key, value, (value -> value)) :: {:ok, value} | {:error, :full}
  def update(name \\ __MODULE__, key, default, fun)
      when is_atom(name) and is_function(fun, 1) do
    found = fetch(name, key)

    value =
      case found do
        {:ok, value} -> fun.(value)
        :error -> fun.(default)
      end

    case GenServer.call(owner(name, key), {:swap, key, found, value}, @call_timeout) do
      :ok -> {:ok, value}
      :changed -> update(name, key, default, fun)
      {:error, :full} -> {:error, :full}
    end
  end

  @doc "Removes a key."
  @spec delete(atom, key) :: :ok
  def delete(name \\ __MODULE__, key) when is_atom(name) do
    GenServer.call(owner(name, key), {:delete, key}, @call_timeout)
  end

  @doc "How many keys each partition has, in the order of the partitions."
  @spec counts(atom) :: [non_neg_integer]
  def counts(name \\ __MODULE__) when is_atom(name) do
    for partition <- 1..PartitionSupervisor.partitions(name) do
      GenServer.call({:via, PartitionSupervisor, {name, partition - 1}}, :count, @call_timeout)
    end
  end

  @doc "The process that has a key, or would have it."
  @spec whereis(atom, key) :: pid | nil
  def whereis(name \\ __MODULE__, key) when is_atom(name) do
    GenServer.whereis(owner(name, key))
  end

  # Hashed here because the supervisor takes integers as they are, and keys that are all even would use half of it.
  defp owner(name, key), do: {:via, PartitionSupervisor, {name, :erlang.phash2(key)}}
end

defmodule Shop.Carts.Partition do
  @moduledoc false
  # The share of the keys that one process has.

  use GenServer

  require Logger

  def start_link(options) do
    GenServer.start_link(__MODULE__, options)
  end

  @impl true
  def init(options), do: {:ok, Map.put(options, :values, %{})}

  @impl true
  def handle_call({:fetch, key}, _from, state), do: {:reply, Map.fetch(state.values, key), state}

  def handle_call({:put, key, value}, _from, state), do: put(state, key, value)

  def handle_call({:swap, key, expected, value}, _from, state) do
    case Map.fetch(state.values, key) do
      ^expected -> put(state, key, value)
      _changed -> {:reply, :changed, state}
    end
  end

  def handle_call({:delete, key}, _from, state) do
    {:reply, :ok, %{state | values: Map.delete(state.values, key)}}
  end

  def handle_call(:count, _from, state), do: {:reply, map_size(state.values), state}

  @impl true
  def handle_info(message, state) do
    Logger.warning("#{inspect(__MODULE__)} ignores #{inspect(message)}")
    {:noreply, state}
  end

  defp put(state, key, value) do
    if map_size(state.values) < state.max_keys or is_map_key(state.values, key) do
      {:reply, :ok, %{state | values: Map.put(state.values, key, value)}}
    else
      {:reply, {:error, :full}, state}
    end
  end
end
