defmodule Gateway.Limiter do
  @moduledoc """
  A rate limiter: each key has `:limit` requests in `:window` milliseconds, and `:burst` at once.

      children = [{Gateway.Limiter, name: :requests, limit: 100, window: 1_000}]

      case Gateway.Limiter.take(:requests, client_address) do
        :ok -> handle(request)
        {:error, {:retry_after, milliseconds}} -> too_many_requests(milliseconds)
        {:error, :too_many_keys} -> service_unavailable()
      end

  ## How it decides

  Each key has a bucket of `:burst` tokens, into which `:limit` tokens fall, evenly spread, in each
  `:window`. A request takes a token; one that finds none changes nothing.
  The decision is one atomic update of a table in the caller's process, so callers do not queue.

  The process owns the table and, every `:sweep_interval`, deletes rows that say no more than their
  absence does. When there are `:max_keys` rows, keys without one are refused until the next sweep:
  keys that somebody makes up cannot fill the memory.

  It counts on its own node only: ten nodes let ten times the limit through.

  ## Options

    * `:name` - an atom, which is the name of its table as well. Default: `Gateway.Limiter`.
    * `:limit` - requests in a window. Default: 100.
    * `:window` - milliseconds. Default: 1_000.
    * `:burst` - requests at once. Default: 20.
    * `:max_keys` - rows of the table. Default: 100_000.
    * `:sweep_interval` - milliseconds. Default: 60_000.
    * `:clock` - a function that returns milliseconds, which never go back. By default that is the
      monotonic time; the system's time may jump.

  ## After a restart

  The table is gone with what it had counted, so every key may burst again. The process does so
  little else that this hardly ever happens.
  """

  use GenServer

  require Logger

  @call_timeout 5_000
  @positive [:limit, :window, :burst, :max_keys, :sweep_interval]

  @type limiter :: atom()
  @type option ::
          {:name, limiter()}
          | {:limit, pos_integer()}
          | {:window, pos_integer()}
          | {:burst, pos_integer()}
          | {:max_keys, pos_integer()}
          | {:sweep_interval, pos_integer()}
          | {:clock, (... -> integer())}

  @doc "Its place in a supervision tree; several with different names can stand side by side."
  @spec child_spec([option()]) :: Supervisor.child_spec()
  def child_spec(options) do
    %{
      id: Keyword.get(options, :name, __MODULE__),
      start: {__MODULE__, :start_link, [options]}
    }
  end

  @doc "Starts it with nothing counted; raises `ArgumentError` for an option that does not fit."
  @spec start_link([option()]) :: GenServer.on_start()
  def start_link(options \\ []) do
    settings = checked!(options)
    GenServer.start_link(__MODULE__, settings, name: settings.name)
  end

  @doc """
  Counts a request of this key, which is any term.

  Returns `:ok`, or, without counting it, `{:error, {:retry_after, milliseconds}}` when the key has
  made too many, or `{:error, :too_many_keys}` when it is new and the table is full.
  """
  @spec take(limiter(), term()) ::
          :ok | {:error, {:retry_after, pos_integer()} | :too_many_keys}
  def take(limiter, key) when is_atom(limiter) do
    settings = :ets.lookup_element(limiter, :settings, 2)
    now = settings.clock.()
    row = {:bucket, key}

    if room?(settings, row), do: take(settings, row, now), else: {:error, :too_many_keys}
  end

  @doc "Tells how many rows the table has: one for each key whose bucket was not full at the last sweep or since."
  @spec size(limiter()) :: non_neg_integer()
  def size(limiter) when is_atom(limiter), do: :ets.info(limiter, :size) - 1

  @doc "Sweeps now instead of at the next interval, and returns how many rows it deleted."
  @spec sweep(limiter()) :: non_neg_integer()
  def sweep(limiter), do: GenServer.call(limiter, :sweep, @call_timeout)

  # One row has the settings.
  defp room?(settings, row) do
    :ets.info(settings.name, :size) <= settings.max_keys or :ets.member(settings.name, row)
  end

  # A bucket is the number of tokens ever taken from it. As many as `refilled` have fallen into it by
  # now; those that found it full are lost, which is the same as if they had been taken: so the
  # number is at least `refilled`, and there are tokens as long as it is below `refilled + burst`.
  defp take(settings, row, now) do
    refilled = refilled(settings, now)
    one_more = [{2, -1, refilled - 1, refilled - 1}, {2, 2}]
    [_before, taken] = :ets.update_counter(settings.name, row, one_more, {row, refilled})

    if taken <= refilled + settings.burst do
      :ok
    else
      :ets.update_counter(settings.name, row, {2, -1}, {row, refilled})
      {:error, {:retry_after, time(settings, taken - settings.burst) - now}}
    end
  end

  defp refilled(settings, now), do: Integer.floor_div(now * settings.limit, settings.window)

  # The first millisecond at which as many tokens have fallen.
  defp time(settings, tokens) do
    -Integer.floor_div(-tokens * settings.window, settings.limit)
  end

  @impl true
  def init(settings) do
    # Written by many callers at once.
    :ets.new(settings.name, [:named_table, :public, write_concurrency: true])
    :ets.insert(settings.name, {:settings, settings})
    {:ok, %{settings: settings, timer: armed(settings)}}
  end

  @impl true
  def handle_call(:sweep, _from, state), do: {:reply, swept(state.settings), state}

  @impl true
  def handle_info({:timeout, timer, :sweep}, %{timer: timer} = state) do
    swept(state.settings)
    {:noreply, %{state | timer: armed(state.settings)}}
  end

  def handle_info(message, state) do
    Logger.warning(fn -> "#{inspect(__MODULE__)} got #{inspect(message)}" end)
    {:noreply, state}
  end

  # Armed again after each sweep, so that sweeps that take long do not pile up.
  defp armed(settings), do: :erlang.start_timer(settings.sweep_interval, self(), :sweep)

  defp swept(settings) do
    full = [{:"=<", :"$1", refilled(settings, settings.clock.())}]
    :ets.select_delete(settings.name, [{{{:bucket, :_}, :"$1"}, full, [true]}])
  end

  defp checked!(options) do
    settings = options |> Keyword.validate!(defaults()) |> Map.new()
    for key <- @positive, do: positive!(key, Map.fetch!(settings, key))

    if not is_atom(settings.name) or settings.name == nil do
      raise ArgumentError, "name is an atom, not #{inspect(settings.name)}"
    end

    settings
  end

  # The functions lie in a table, so they are named ones, which outlive an upgrade of the code.
  defp defaults do
    [
      name: __MODULE__,
      limit: 100,
      window: 1_000,
      burst: 20,
      max_keys: 100_000,
      sweep_interval: 60_000,
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
