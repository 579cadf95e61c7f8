defmodule Shop.Prices do
  @moduledoc """
  A cache: a table that every process reads directly, whose entries live for `:ttl` milliseconds.

      children = [Shop.Prices]

      Shop.Prices.fetch(Shop.Prices, id, fn -> find_price(id) end)
      #=> {:ok, price} or {:error, reason}

  ## What is promised

    * A hit is read from the table in the caller's own process, without a message.
    * A missing key is loaded once, however many wait for it; other keys do not wait for it. What a
      load returns as `{:ok, value}` is kept, `{:error, reason}` is not.
    * A load that crashes, or is killed after `:load_timeout`, is an error for those who waited, and
      the next one to ask loads again.
    * An entry whose life is over is a miss, also before a sweep has deleted it.
    * There are never more than `:max_size` entries: the oldest make room, a tenth at a time.
    * What is put or deleted while a load runs is not overwritten by it.

  ## Processes

  A supervisor of three: an owner that does nothing but hold the table, a supervisor of the loads,
  and a loader, which is the only one that writes. When the loader crashes, the table stays, and
  only those who waited for a load get an exit. The table is gone when the owner or all of it is
  started again; then everything is a miss.

  ## Options

    * `:name` - an atom, which is the name of its table as well. Default: `Shop.Prices`.
    * `:ttl` - milliseconds. Default: 60_000.
    * `:max_size` - entries. Default: 10_000.
    * `:sweep_interval` - milliseconds. Default: 30_000.
    * `:load_timeout` - milliseconds. Default: 5_000.
    * `:clock` - a function that returns milliseconds, which never go back. By default that is the
      monotonic time; the system's time may jump.
  """

  use Supervisor

  alias __MODULE__.{Loader, Owner, Table}

  @call_timeout 5_000
  @positive [:ttl, :max_size, :sweep_interval, :load_timeout]

  @type cache :: atom()
  @type key :: term()
  @type value :: term()
  @type option ::
          {:name, cache()}
          | {:ttl, pos_integer()}
          | {:max_size, pos_integer()}
          | {:sweep_interval, pos_integer()}
          | {:load_timeout, pos_integer()}
          | {:clock, (... -> integer())}

  @doc "Its place in a supervision tree; several with different names can stand side by side."
  @spec child_spec([option()]) :: Supervisor.child_spec()
  def child_spec(options) do
    %{
      id: Keyword.get(options, :name, __MODULE__),
      start: {__MODULE__, :start_link, [options]},
      type: :supervisor
    }
  end

  @doc "Starts an empty cache; raises `ArgumentError` for an option that does not fit."
  @spec start_link([option()]) :: Supervisor.on_start()
  def start_link(options \\ []), do: Supervisor.start_link(__MODULE__, checked!(options))

  @doc """
  Returns `{:ok, value}`, from the table or else from `load`, which takes no arguments and returns
  `{:ok, value}` or `{:error, reason}`.

  Otherwise it is `{:error, reason}`: that of `load`, `:timeout`, `{:exit, reason}` when the load
  crashed, or `{:bad_return, term}`.
  """
  @spec fetch(cache(), key(), (... -> {:ok, value()} | {:error, term()})) ::
          {:ok, value()} | {:error, term()}
  def fetch(cache, key, load) when is_atom(cache) and is_function(load, 0) do
    settings = Table.settings(cache)

    with :error <- Table.get(settings, key) do
      GenServer.call(cache, {:load, key, load}, settings.load_timeout + @call_timeout)
    end
  end

  @doc "Returns what the table has for the key, without loading anything."
  @spec get(cache(), key()) :: {:ok, value()} | :error
  def get(cache, key) when is_atom(cache), do: cache |> Table.settings() |> Table.get(key)

  @doc "Writes an entry, whose life begins now."
  @spec put(cache(), key(), value()) :: :ok
  def put(cache, key, value) when is_atom(cache) do
    GenServer.call(cache, {:put, key, value}, @call_timeout)
  end

  @doc "Deletes an entry, if there is one."
  @spec delete(cache(), key()) :: :ok
  def delete(cache, key) when is_atom(cache) do
    GenServer.call(cache, {:delete, key}, @call_timeout)
  end

  @doc "Tells how many entries the table has, those included whose life is over since the last sweep."
  @spec size(cache()) :: non_neg_integer()
  def size(cache) when is_atom(cache), do: cache |> Table.settings() |> Table.size()

  @impl true
  def init(settings) do
    children = [
      {Owner, settings},
      {Task.Supervisor, name: settings.loads},
      {Loader, settings}
    ]

    Supervisor.init(children, strategy: :rest_for_one)
  end

  defp checked!(options) do
    settings = options |> Keyword.validate!(defaults()) |> Map.new()
    for key <- @positive, do: positive!(key, Map.fetch!(settings, key))

    if not is_atom(settings.name) or settings.name == nil do
      raise ArgumentError, "name is an atom, not #{inspect(settings.name)}"
    end

    Map.put(settings, :loads, Module.concat(settings.name, Loads))
  end

  # The functions lie in a table, so they are named ones, which outlive an upgrade of the code.
  defp defaults do
    [
      name: __MODULE__,
      ttl: 60_000,
      max_size: 10_000,
      sweep_interval: 30_000,
      load_timeout: 5_000,
      clock: &__MODULE__.now/0
    ]
  end

  @doc false
  @spec now() :: integer()
  def now, do: System.monotonic_time(:millisecond)

  defp positive!(_key, value) when is_integer(value) and value > 0, do: :ok

  defp positive!(key, value) do
    raise ArgumentError, "#{key} is an integer of at least 1, not #{inspect(value)}"
  end
end

defmodule Shop.Prices.Table do
  @moduledoc false

  # One row has the settings, every other one is an entry: {{:key, key}, value, expires}.

  @spec new(map()) :: map()
  def new(settings) do
    :ets.new(settings.name, [:named_table, :public])
    :ets.insert(settings.name, {:settings, settings})
    settings
  end

  @spec settings(atom()) :: map()
  def settings(name), do: :ets.lookup_element(name, :settings, 2)

  @spec get(map(), term()) :: {:ok, term()} | :error
  def get(settings, key) do
    now = settings.clock.()

    case :ets.lookup(settings.name, {:key, key}) do
      [{_key, value, expires}] when now < expires ->
        {:ok, value}

      _none_or_over ->
        :error
    end
  end

  # Returns how many others had to make room.
  @spec put(map(), term(), term()) :: non_neg_integer()
  def put(settings, key, value) do
    now = settings.clock.()
    evicted = if :ets.member(settings.name, {:key, key}), do: 0, else: make_room(settings, now)
    :ets.insert(settings.name, {{:key, key}, value, now + settings.ttl})
    evicted
  end

  @spec delete(map(), term()) :: true
  def delete(settings, key), do: :ets.delete(settings.name, {:key, key})

  @spec size(map()) :: non_neg_integer()
  def size(settings), do: :ets.info(settings.name, :size) - 1

  @spec sweep(map(), integer()) :: non_neg_integer()
  def sweep(settings, now) do
    over = [{:"=<", :"$1", now}]
    :ets.select_delete(settings.name, [{{{:key, :_}, :_, :"$1"}, over, [true]}])
  end

  defp make_room(settings, now) do
    if size(settings) >= settings.max_size, do: sweep(settings, now)
    if size(settings) >= settings.max_size, do: evict(settings), else: 0
  end

  # Looking at all of them is dear, so a tenth goes at a time.
  defp evict(settings) do
    count = max(1, div(settings.max_size, 10))
    rows = [{{{:key, :"$1"}, :_, :"$2"}, [], [{{:"$2", :"$1"}}]}]
    leaving = settings.name |> :ets.select(rows) |> Enum.sort() |> Enum.take(count)
    for {_time, key} <- leaving, do: delete(settings, key)
    count
  end
end

defmodule Shop.Prices.Owner do
  @moduledoc false

  # Holds the table, and does nothing else that could crash.
  use GenServer

  alias Shop.Prices.Table

  @spec start_link(map()) :: GenServer.on_start()
  def start_link(settings), do: GenServer.start_link(__MODULE__, settings)

  @impl true
  def init(settings), do: {:ok, Table.new(settings)}
end

defmodule Shop.Prices.Loader do
  @moduledoc false

  use GenServer

  alias Shop.Prices.Table

  require Logger

  # `loads` has each running load by the reference of its task, `keys` those references by key.
  defstruct [:settings, :timer, loads: %{}, keys: %{}]

  @spec start_link(map()) :: GenServer.on_start()
  def start_link(settings), do: GenServer.start_link(__MODULE__, settings, name: settings.name)

  @impl true
  def init(%{name: name}) do
    settings = Table.settings(name)
    {:ok, %__MODULE__{settings: settings, timer: armed(settings)}}
  end

  @impl true
  def handle_call({:load, key, load}, from, state) do
    case {Table.get(state.settings, key), state.keys} do
      # Loaded since the caller looked.
      {{:ok, value}, _keys} -> {:reply, {:ok, value}, state}
      {:error, %{^key => ref}} -> {:noreply, update_in(state.loads[ref].waiting, &[from | &1])}
      {:error, _keys} -> {:noreply, begun(state, key, load, from)}
    end
  end

  def handle_call({:put, key, value}, _from, state) do
    stored(state, key, value)
    {:reply, :ok, overtaken(state, key)}
  end

  def handle_call({:delete, key}, _from, state) do
    Table.delete(state.settings, key)
    {:reply, :ok, overtaken(state, key)}
  end

  @impl true
  def handle_info({ref, result}, state) when is_map_key(state.loads, ref) do
    {:noreply, ended(state, ref, returned(result))}
  end

  def handle_info({:DOWN, ref, :process, _pid, reason}, state)
      when is_map_key(state.loads, ref) do
    {:noreply, ended(state, ref, {:error, {:exit, reason}})}
  end

  def handle_info({:timeout, _timer, {:load, ref}}, state) when is_map_key(state.loads, ref) do
    Process.exit(state.loads[ref].pid, :kill)
    {:noreply, ended(state, ref, {:error, :timeout})}
  end

  def handle_info({:timeout, _timer, {:load, _ended}}, state), do: {:noreply, state}

  def handle_info({:timeout, timer, :sweep}, %{timer: timer} = state) do
    Table.sweep(state.settings, state.settings.clock.())
    {:noreply, %{state | timer: armed(state.settings)}}
  end

  def handle_info(message, state) do
    Logger.warning(fn -> "#{inspect(__MODULE__)} got #{inspect(message)}" end)
    {:noreply, state}
  end

  # Armed again after each sweep, so that sweeps that take long do not pile up.
  defp armed(settings), do: :erlang.start_timer(settings.sweep_interval, self(), :sweep)

  defp begun(%{settings: settings} = state, key, load, from) do
    %Task{ref: ref, pid: pid} = Task.Supervisor.async_nolink(settings.loads, load)

    load = %{
      key: key,
      pid: pid,
      waiting: [from],
      keep: true,
      timer: :erlang.start_timer(settings.load_timeout, self(), {:load, ref})
    }

    %{state | loads: Map.put(state.loads, ref, load), keys: Map.put(state.keys, key, ref)}
  end

  defp returned({:ok, _value} = result), do: result
  defp returned({:error, _reason} = result), do: result
  defp returned(other), do: {:error, {:bad_return, other}}

  defp ended(state, ref, result) do
    {load, loads} = Map.pop!(state.loads, ref)
    Process.demonitor(ref, [:flush])
    :erlang.cancel_timer(load.timer)
    with {:ok, value} when load.keep <- result, do: stored(state, load.key, value)
    for from <- load.waiting, do: GenServer.reply(from, result)

    # Somebody may have begun another load of the same key since this one was overtaken.
    keys = if state.keys[load.key] == ref, do: Map.delete(state.keys, load.key), else: state.keys
    %{state | loads: loads, keys: keys}
  end

  # What a running load brings is older than what has just been put or deleted: those who wait for it
  # get it, and nobody after them.
  defp overtaken(state, key) do
    case Map.pop(state.keys, key) do
      {nil, _keys} -> state
      {ref, keys} -> put_in(%{state | keys: keys}.loads[ref].keep, false)
    end
  end

  defp stored(state, key, value), do: Table.put(state.settings, key, value)
end
