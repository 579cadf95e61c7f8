defmodule Shop.Pool do
  @moduledoc """
  A pool: lends a few workers, such as connections, to many borrowers, one borrower at a time each.

      children = [{Shop.Pool, worker: {Shop.Connection, url: url}}]

      Shop.Pool.transaction(Shop.Pool, fn worker -> Shop.Connection.query(worker, sql) end)
      #=> {:ok, result}, {:error, :full} or {:error, :timeout}

  ## Life cycle

  The function runs in the borrower's process. The worker comes back when it returns, raises, throws
  or exits. When the borrower is killed, the worker is replaced, as it may be halfway through something.
  A worker that dies is replaced at once; whoever has borrowed it finds out by its calls. When more
  than `:max_restarts` died within `:max_seconds`, the pool gives up, and its supervisor decides.

  When all workers are lent,
  up to `:max_waiting` borrowers wait in order, each as long as it chooses. The next one is refused
  with `{:error, :full}` at once. Whoever has waited in vain gets `{:error, :timeout}`, and never a
  worker afterwards.

  Do not call `transaction/3` inside a transaction of the same pool: when all borrowers do, nobody
  goes on.

  ## Options

    * `:worker` - a module and the argument of its `start_link/1`. Required. It starts in the pool's
      process, so it should connect to anything after `init/1`.
    * `:name` - what it is registered as: an atom, `{:global, term}`, `{:via, module, term}`, or
      `nil` to be found by its pid only. Default: `Shop.Pool`.
    * `:size` - how many workers there always are. Default: 5.
    * `:max_waiting` - how many borrowers wait. Default: 50.
    * `:max_restarts`, `:max_seconds` - how many workers may die within how many seconds.
      Default: 10 within 5.

  ## When it stops, and after a restart

  Its workers are linked to it and stop with it; those who wait get an exit. A restarted pool starts
  new workers. Whoever has borrowed an old one finds it dead.
  """

  use GenServer

  require Logger

  @call_timeout 5_000
  @checkout_timeout 5_000
  @shutdown 5_000
  @positive [:size, :max_waiting, :max_restarts, :max_seconds]

  # `idle` is a queue of workers, `waiting` one of borrowers; `leases` has each loan by the borrower's
  # reference, `deaths` when the last workers died.
  defstruct [
    :name,
    :worker,
    :size,
    :max_waiting,
    :max_restarts,
    :max_seconds,
    workers: MapSet.new(),
    idle: :queue.new(),
    leases: %{},
    waiting: :queue.new(),
    deaths: []
  ]

  @type pool :: GenServer.server()
  @type option ::
          {:worker, {module(), term()}}
          | {:name, GenServer.name() | nil}
          | {:size, pos_integer()}
          | {:max_waiting, pos_integer()}
          | {:max_restarts, pos_integer()}
          | {:max_seconds, pos_integer()}

  @doc "Its place in a supervision tree; several with different names can stand side by side."
  @spec child_spec([option()]) :: Supervisor.child_spec()
  def child_spec(options) do
    %{
      id: Keyword.get(options, :name, __MODULE__),
      start: {__MODULE__, :start_link, [options]},
      # Longer than the workers have to stop.
      shutdown: @shutdown + 1_000
    }
  end

  @doc "Starts it and then its workers; raises `ArgumentError` for an option that does not fit."
  @spec start_link([option()]) :: GenServer.on_start()
  def start_link(options) do
    state = checked!(options)
    GenServer.start_link(__MODULE__, state, registration(state.name))
  end

  @doc """
  Calls `fun` with a worker in the calling process, as soon as there is one.

  Returns `{:ok, result}`, `{:error, :full}` when too many wait already, or `{:error, :timeout}`
  when there was no worker for `timeout` milliseconds; then `fun` did not run.
  """
  @spec transaction(pool(), (pid() -> result), pos_integer()) ::
          {:ok, result} | {:error, :full | :timeout}
        when result: term()
  def transaction(pool, fun, timeout \\ @checkout_timeout)
      when is_function(fun, 1) and is_integer(timeout) and timeout > 0 do
    lease = make_ref()

    try do
      case GenServer.call(pool, {:check_out, lease, timeout}, timeout + @call_timeout) do
        {:ok, worker} -> {:ok, fun.(worker)}
        {:error, _reason} = refused -> refused
      end
    after
      # Also when the call itself failed: a worker lent after that would be nobody's.
      GenServer.cast(pool, {:check_in, lease})
    end
  end

  @doc "Tells how many workers there are, how many of them are idle, and how many borrowers wait."
  @spec status(pool()) :: %{
          workers: non_neg_integer(),
          idle: non_neg_integer(),
          waiting: non_neg_integer()
        }
  def status(pool), do: GenServer.call(pool, :status, @call_timeout)

  @impl true
  def init(state) do
    # A worker that dies is replaced, and workers are stopped with the pool.
    Process.flag(:trap_exit, true)
    {:ok, state, {:continue, :fill}}
  end

  @impl true
  def handle_continue(:fill, state) do
    if MapSet.size(state.workers) < state.size do
      {worker, state} = started(state)
      {:noreply, offered(state, worker), {:continue, :fill}}
    else
      {:noreply, state}
    end
  end

  @impl true
  def handle_call({:check_out, lease, timeout}, {pid, _tag} = from, state) do
    borrower = %{lease: lease, from: from, monitor: Process.monitor(pid), timer: nil}

    cond do
      not :queue.is_empty(state.idle) ->
        {worker, state} = taken(state)
        {:noreply, lent(state, borrower, worker)}

      :queue.len(state.waiting) < state.max_waiting ->
        borrower = %{borrower | timer: :erlang.start_timer(timeout, self(), :waited)}
        {:noreply, %{state | waiting: :queue.in(borrower, state.waiting)}}

      true ->
        Process.demonitor(borrower.monitor, [:flush])
        {:reply, {:error, :full}, state}
    end
  end

  def handle_call(:status, _from, state), do: {:reply, counts(state), state}

  @impl true
  def handle_cast({:check_in, lease}, state) when is_map_key(state.leases, lease) do
    {worker, state} = ended(state, lease)
    {:noreply, back(state, worker)}
  end

  def handle_cast({:check_in, lease}, state) do
    {:noreply, no_longer_waiting(state, &(&1.lease == lease))}
  end

  @impl true
  def handle_info({:DOWN, monitor, :process, _pid, _reason}, state) do
    case Enum.find(state.leases, fn {_lease, loan} -> loan.monitor == monitor end) do
      {lease, _loan} ->
        {worker, state} = ended(state, lease)
        # Its death is what replaces it.
        Process.exit(worker, :kill)
        {:noreply, state}

      nil ->
        {:noreply, no_longer_waiting(state, &(&1.monitor == monitor))}
    end
  end

  def handle_info({:EXIT, pid, reason}, state) do
    if MapSet.member?(state.workers, pid),
      do: state |> without(pid) |> replaced(reason),
      else: {:noreply, state}
  end

  def handle_info({:timeout, timer, :waited}, state), do: {:noreply, timed_out(state, timer)}

  def handle_info(message, state) do
    Logger.warning(fn -> "#{inspect(__MODULE__)} got #{inspect(message)}" end)
    {:noreply, state}
  end

  @impl true
  def terminate(_reason, state) do
    # Links alone would not stop them when the pool is stopped with the reason :normal.
    for worker <- state.workers, do: Process.exit(worker, :shutdown)
    deadline = System.monotonic_time(:millisecond) + @shutdown
    for worker <- state.workers, do: await_exit(worker, deadline)
  end

  defp await_exit(worker, deadline) do
    receive do
      {:EXIT, ^worker, _reason} -> :ok
    after
      max(0, deadline - System.monotonic_time(:millisecond)) -> Process.exit(worker, :kill)
    end
  end

  # A pool whose workers do not start fails, so that its supervisor decides.
  defp started(%{worker: {module, argument}} = state) do
    case module.start_link(argument) do
      {:ok, worker} -> {worker, %{state | workers: MapSet.put(state.workers, worker)}}
      other -> exit({:worker_not_started, other})
    end
  end

  defp taken(state) do
    {{:value, worker}, idle} = :queue.out_r(state.idle)
    {worker, %{state | idle: idle}}
  end

  defp lent(state, borrower, worker) do
    if borrower.timer, do: :erlang.cancel_timer(borrower.timer)
    GenServer.reply(borrower.from, {:ok, worker})
    put_in(state.leases[borrower.lease], %{worker: worker, monitor: borrower.monitor})
  end

  defp ended(state, lease) do
    {loan, leases} = Map.pop!(state.leases, lease)
    Process.demonitor(loan.monitor, [:flush])
    {loan.worker, %{state | leases: leases}}
  end

  # A worker that came back goes to one who waits.
  defp back(state, worker) do
    offered(state, worker)
  end

  defp offered(state, worker) do
    case :queue.out(state.waiting) do
      {{:value, borrower}, waiting} -> lent(%{state | waiting: waiting}, borrower, worker)
      {:empty, _waiting} -> %{state | idle: :queue.in(worker, state.idle)}
    end
  end

  # Whoever has borrowed it keeps a dead one, and has nothing to give back.
  defp without(state, worker) do
    {lost, leases} = Enum.split_with(state.leases, fn {_lease, loan} -> loan.worker == worker end)
    for {_lease, loan} <- lost, do: Process.demonitor(loan.monitor, [:flush])
    idle = :queue.filter(&(&1 != worker), state.idle)
    workers = MapSet.delete(state.workers, worker)
    %{state | leases: Map.new(leases), idle: idle, workers: workers}
  end

  defp replaced(state, reason) do
    now = System.monotonic_time(:second)
    deaths = Enum.filter([now | state.deaths], &(&1 > now - state.max_seconds))
    state = %{state | deaths: deaths}

    if length(deaths) > state.max_restarts,
      do: {:stop, {:too_many_workers_died, reason}, state},
      else: {:noreply, state, {:continue, :fill}}
  end

  defp no_longer_waiting(state, leaves?) do
    {leaving, staying} = Enum.split_with(:queue.to_list(state.waiting), leaves?)

    for borrower <- leaving do
      :erlang.cancel_timer(borrower.timer)
      Process.demonitor(borrower.monitor, [:flush])
    end

    %{state | waiting: :queue.from_list(staying)}
  end

  # The timer of a borrower that got a worker at the last moment finds nobody.
  defp timed_out(state, timer) do
    case Enum.find(:queue.to_list(state.waiting), &(&1.timer == timer)) do
      nil ->
        state

      borrower ->
        GenServer.reply(borrower.from, {:error, :timeout})
        no_longer_waiting(state, &(&1 == borrower))
    end
  end

  defp counts(state) do
    %{
      workers: MapSet.size(state.workers),
      idle: :queue.len(state.idle),
      waiting: :queue.len(state.waiting)
    }
  end

  defp registration(nil), do: []
  defp registration(name), do: [name: name]

  defp checked!(options) do
    state = struct!(__MODULE__, Keyword.validate!(options, [:worker | defaults()]))
    for key <- @positive, do: at_least!(1, key, Map.fetch!(state, key))

    if not match?({module, _argument} when is_atom(module), state.worker) do
      raise ArgumentError, "worker is a module and an argument, not #{inspect(state.worker)}"
    end

    state
  end

  defp defaults do
    [
      name: __MODULE__,
      size: 5,
      max_restarts: 10,
      max_seconds: 5,
      max_waiting: 50
    ]
  end

  defp at_least!(least, _key, value) when is_integer(value) and value >= least, do: :ok

  defp at_least!(least, key, value) do
    raise ArgumentError, "#{key} is an integer of at least #{least}, not #{inspect(value)}"
  end
end
