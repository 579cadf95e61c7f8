defmodule Reports.Bulkhead do
  @moduledoc """
  A bulkhead: lets only so many calls run at once, so that a slow part cannot use up what all the
  others need.

      children = [{Reports.Bulkhead, name: :reports, limit: 10}]

      case Reports.Bulkhead.run(:reports, fn -> build(report) end) do
        {:ok, report} -> {:ok, report}
        {:error, :full} -> {:error, :try_later}
        {:error, :timeout} -> {:error, :try_later}
      end

  ## Life cycle

  The function runs in the caller's process, between taking a permit and giving it back. A permit
  also comes back when the function raises, throws or exits, and when its holder is killed.

  When there is no permit, up to `:max_waiting` callers wait for one, the oldest first, each as
  long as it chooses. The next one is refused with `{:error, :full}` at once. Whoever has waited in
  vain gets `{:error, :timeout}`, and never a permit afterwards.
  Do not call `run/3` inside a function that holds a permit of the same bulkhead: when all
  holders do, nobody goes on.

  ## Options

    * `:name` - what it is registered as: an atom, `{:global, term}`, `{:via, module, term}`, or
      `nil` to be found by its pid only. Default: `Reports.Bulkhead`.
    * `:limit` - how many calls run at once. Default: 10.
    * `:max_waiting` - how many callers wait. Default: 50.

  ## After a restart

  All permits are free and nobody waits; who waited gets an exit.
  Calls that still run go on, unknown to the new process, so that for a moment more than `:limit`
  may run.
  """

  use GenServer

  require Logger

  @call_timeout 5_000
  @wait_timeout 1_000

  # `holders` has the monitor of each permit's holder, `waiting` is a queue of callers.
  defstruct [
    :name,
    :limit,
    :max_waiting,
    waiting: :queue.new(),
    holders: %{}
  ]

  @type server :: GenServer.server()
  @type option ::
          {:name, GenServer.name() | nil}
          | {:limit, pos_integer()}
          | {:max_waiting, pos_integer()}

  @doc "Its place in a supervision tree; several with different names can stand side by side."
  @spec child_spec([option()]) :: Supervisor.child_spec()
  def child_spec(options) do
    %{
      id: Keyword.get(options, :name, __MODULE__),
      start: {__MODULE__, :start_link, [options]}
    }
  end

  @doc "Starts it with all permits free; raises `ArgumentError` for an option that does not fit."
  @spec start_link([option()]) :: GenServer.on_start()
  def start_link(options \\ []) do
    settings = checked!(options)
    GenServer.start_link(__MODULE__, settings, registration(settings.name))
  end

  @doc """
  Runs `fun`, which takes no arguments, in the calling process as soon as there is a permit.

  Returns `{:ok, result}`, `{:error, :full}` when too many wait already, or `{:error, :timeout}`
  when there was no permit for `wait_timeout` milliseconds; then `fun` did not run.
  """
  @spec run(server(), (... -> result), pos_integer()) ::
          {:ok, result} | {:error, :full | :timeout}
        when result: term()
  def run(server, fun, wait_timeout \\ @wait_timeout)
      when is_function(fun, 0) and is_integer(wait_timeout) and wait_timeout > 0 do
    permit = make_ref()

    try do
      request = {:acquire, permit, wait_timeout}

      case GenServer.call(server, request, wait_timeout + @call_timeout) do
        :granted -> {:ok, fun.()}
        {:error, _reason} = refused -> refused
      end
    after
      # Also when the call itself failed: a permit granted after that would be nobody's.
      GenServer.cast(server, {:release, permit})
    end
  end

  @doc "Tells how many permits are held, of how many, and how many callers wait."
  @spec status(server()) :: %{
          held: non_neg_integer(),
          limit: pos_integer(),
          waiting: non_neg_integer()
        }
  def status(server), do: GenServer.call(server, :status, @call_timeout)

  @impl true
  def init(settings), do: {:ok, settings}

  @impl true
  def handle_call({:acquire, permit, wait_timeout}, {pid, _tag} = from, state) do
    cond do
      map_size(state.holders) < state.limit ->
        {:reply, :granted, put_in(state.holders[permit], Process.monitor(pid))}

      :queue.len(state.waiting) < state.max_waiting ->
        waiter = %{
          permit: permit,
          from: from,
          monitor: Process.monitor(pid),
          timer: :erlang.start_timer(wait_timeout, self(), :waited)
        }

        {:noreply, %{state | waiting: :queue.in(waiter, state.waiting)}}

      true ->
        {:reply, {:error, :full}, state}
    end
  end

  def handle_call(:status, _from, state), do: {:reply, counts(state), state}

  @impl true
  def handle_cast({:release, permit}, state) when is_map_key(state.holders, permit) do
    {:noreply, released(state, permit)}
  end

  def handle_cast({:release, permit}, state) do
    {:noreply, no_longer_waiting(state, &(&1.permit == permit))}
  end

  @impl true
  def handle_info({:DOWN, monitor, :process, _pid, _reason}, state) do
    case Enum.find(state.holders, &match?({_permit, ^monitor}, &1)) do
      {permit, _monitor} ->
        {:noreply, released(state, permit)}

      nil ->
        {:noreply, no_longer_waiting(state, &(&1.monitor == monitor))}
    end
  end

  def handle_info({:timeout, timer, :waited}, state), do: {:noreply, timed_out(state, timer)}

  def handle_info(message, state) do
    Logger.warning(fn -> "#{inspect(__MODULE__)} got #{inspect(message)}" end)
    {:noreply, state}
  end

  defp released(state, permit) do
    {monitor, holders} = Map.pop!(state.holders, permit)
    Process.demonitor(monitor, [:flush])
    served(%{state | holders: holders})
  end

  defp served(state) do
    case :queue.out(state.waiting) do
      {{:value, waiter}, waiting} ->
        :erlang.cancel_timer(waiter.timer)
        GenServer.reply(waiter.from, :granted)
        holders = Map.put(state.holders, waiter.permit, waiter.monitor)
        %{state | waiting: waiting, holders: holders}

      {:empty, _waiting} ->
        state
    end
  end

  defp no_longer_waiting(state, leaves?) do
    {leaving, staying} = Enum.split_with(:queue.to_list(state.waiting), leaves?)

    for waiter <- leaving do
      :erlang.cancel_timer(waiter.timer)
      Process.demonitor(waiter.monitor, [:flush])
    end

    %{state | waiting: :queue.from_list(staying)}
  end

  # The timer of a caller that got its permit at the last moment finds nobody.
  defp timed_out(state, timer) do
    case Enum.find(:queue.to_list(state.waiting), &(&1.timer == timer)) do
      nil ->
        state

      waiter ->
        GenServer.reply(waiter.from, {:error, :timeout})
        no_longer_waiting(state, &(&1 == waiter))
    end
  end

  defp counts(state) do
    %{
      held: map_size(state.holders),
      limit: state.limit,
      waiting: :queue.len(state.waiting)
    }
  end

  defp registration(nil), do: []
  defp registration(name), do: [name: name]

  defp checked!(options) do
    state = struct!(__MODULE__, Keyword.validate!(options, defaults()))
    positive!(:limit, state.limit)
    positive!(:max_waiting, state.max_waiting)
    state
  end

  defp defaults do
    [
      name: __MODULE__,
      max_waiting: 50,
      limit: 10
    ]
  end

  defp positive!(_key, value) when is_integer(value) and value > 0, do: :ok

  defp positive!(key, value) do
    raise ArgumentError, "#{key} is an integer of at least 1, not #{inspect(value)}"
  end
end
