defmodule Payments.Breaker do
  @moduledoc """
  A circuit breaker: stops calling what keeps failing, and finds out when it is well again.

      children = [{Payments.Breaker, name: :payments}]

      case Payments.Breaker.call(:payments, fn -> charge(order) end) do
        {:error, :open} -> {:error, :payments_unavailable}
        answer -> answer
      end

  ## Life cycle

    * *Closed*: every call runs. `:max_failures` failures in a row open it.
    * *Open*: no call runs, each gets `{:error, :open}` at once. After `:reset_timeout` it is half-open.
    * *Half-open*: exactly `:probes` calls run, all others get `{:error, :open}`. When all probes
      succeed it closes. One that fails, whose process dies, or that has no result after
      `:probe_timeout` opens it again.

  The function runs in the caller's process, and its result, exception, exit or throw is the
  caller's; a time limit is the caller's to set as well. Each call asks the breaker before it
  runs, and tells it afterwards, without waiting, how it went.

  An `:error`, an `{:error, reason}` and whatever leaves the function otherwise than by returning
  count as failures.

  A result that belongs to a time before the last change of state is ignored. So is a caller that
  is killed during a call while the breaker is closed: that tells nothing about the other side.

  ## Options

    * `:name` - what it is registered as: an atom, `{:global, term}`, `{:via, module, term}`, or
      `nil` to be found by its pid only. Default: `Payments.Breaker`.
    * `:max_failures` - failures in a row that open it. Default: 5.
    * `:reset_timeout` - milliseconds. Default: 30_000.
    * `:probes` - calls that run when half-open. Default: 1.
    * `:probe_timeout` - milliseconds. Default: 10_000.

  ## After a restart

  It is closed and has counted nothing, so it learns anew, at the cost of a few failing calls.
  Calls that run meanwhile end as they would; their results are not counted.
  """

  @behaviour :gen_statem

  require Logger

  @call_timeout 5_000
  @positive [:max_failures, :reset_timeout, :probes, :probe_timeout]

  # `ticket` is what the calls of one closed time report with, `running` has the probes by their monitors.
  defstruct [
    :name,
    :max_failures,
    :reset_timeout,
    :probes,
    :probe_timeout,
    :ticket,
    failures: 0,
    running: %{},
    passed: 0
  ]

  @type server :: GenServer.server()
  @type option ::
          {:name, GenServer.name() | nil}
          | {:max_failures, pos_integer()}
          | {:reset_timeout, pos_integer()}
          | {:probes, pos_integer()}
          | {:probe_timeout, pos_integer()}

  @doc "Its place in a supervision tree; several with different names can stand side by side."
  @spec child_spec([option()]) :: Supervisor.child_spec()
  def child_spec(options) do
    %{
      id: Keyword.get(options, :name, __MODULE__),
      start: {__MODULE__, :start_link, [options]}
    }
  end

  @doc "Starts a closed breaker; raises `ArgumentError` for an option that does not fit."
  @spec start_link([option()]) :: :ignore | {:ok, pid()} | {:error, term()}
  def start_link(options \\ []) do
    settings = checked!(options)

    case settings.name do
      nil -> :gen_statem.start_link(__MODULE__, settings, [])
      name when is_atom(name) -> :gen_statem.start_link({:local, name}, __MODULE__, settings, [])
      name -> :gen_statem.start_link(name, __MODULE__, settings, [])
    end
  end

  @doc """
  Runs `fun`, which takes no arguments, in the calling process and returns its result, unless the
  breaker is open or has all its probes: then it is `{:error, :open}` and `fun` does not run.
  """
  @spec call(server(), (... -> result)) :: result | {:error, :open} when result: term()
  def call(server, fun) when is_function(fun, 0) do
    case :gen_statem.call(server, :ticket, @call_timeout) do
      {:ok, ticket} -> run(server, ticket, fun)
      :open -> {:error, :open}
    end
  end

  @doc "Tells whether it is `:closed`, `:open` or `:half_open`."
  @spec state(server()) :: :closed | :open | :half_open
  def state(server), do: :gen_statem.call(server, :state, @call_timeout)

  defp run(server, ticket, fun) do
    fun.()
  catch
    kind, reason ->
      report(server, ticket, :failure)
      :erlang.raise(kind, reason, __STACKTRACE__)
  else
    result ->
      report(server, ticket, outcome(result))
      result
  end

  defp outcome(:error), do: :failure
  defp outcome({:error, _reason}), do: :failure
  defp outcome(_result), do: :success

  defp report(server, ticket, outcome), do: :gen_statem.cast(server, {:report, ticket, outcome})

  @impl :gen_statem
  def callback_mode, do: [:handle_event_function, :state_enter]

  @impl :gen_statem
  def init(settings), do: {:ok, :closed, settings}

  # Closed

  @impl :gen_statem
  def handle_event(:enter, _old, :closed, breaker) do
    {:keep_state, %{breaker | ticket: make_ref(), failures: 0}}
  end

  def handle_event({:call, from}, :ticket, :closed, breaker) do
    {:keep_state_and_data, {:reply, from, {:ok, breaker.ticket}}}
  end

  def handle_event(:cast, {:report, ticket, outcome}, :closed, %{ticket: ticket} = breaker) do
    breaker = counted(breaker, outcome)
    if failing?(breaker), do: {:next_state, :open, breaker}, else: {:keep_state, breaker}
  end

  # Open

  def handle_event(:enter, _old, :open, breaker) do
    for {probe, _pid} <- breaker.running, do: Process.demonitor(probe, [:flush])
    {:keep_state, %{breaker | running: %{}}, {:state_timeout, breaker.reset_timeout, :reset}}
  end

  def handle_event(:state_timeout, :reset, :open, breaker), do: {:next_state, :half_open, breaker}

  def handle_event({:call, from}, :ticket, :open, _breaker) do
    {:keep_state_and_data, {:reply, from, :open}}
  end

  # Half-open

  def handle_event(:enter, _old, :half_open, breaker) do
    {:keep_state, %{breaker | passed: 0}}
  end

  def handle_event({:call, {pid, _tag} = from}, :ticket, :half_open, breaker) do
    if breaker.passed + map_size(breaker.running) < breaker.probes do
      probe = Process.monitor(pid)
      breaker = put_in(breaker.running[probe], pid)
      {:keep_state, breaker, [{:reply, from, {:ok, probe}}, silence(breaker)]}
    else
      {:keep_state_and_data, {:reply, from, :open}}
    end
  end

  def handle_event(:cast, {:report, probe, outcome}, :half_open, breaker)
      when is_map_key(breaker.running, probe) do
    if outcome == :success, do: passed(breaker, probe), else: {:next_state, :open, breaker}
  end

  def handle_event(:info, {:DOWN, probe, :process, _pid, _reason}, :half_open, breaker)
      when is_map_key(breaker.running, probe) do
    {:next_state, :open, breaker}
  end

  def handle_event(:state_timeout, :silence, :half_open, breaker) do
    {:next_state, :open, breaker}
  end

  # Whatever the state

  def handle_event({:call, from}, :state, state, _breaker) do
    {:keep_state_and_data, {:reply, from, state}}
  end

  def handle_event(:cast, {:report, _late, _outcome}, _state, _breaker), do: :keep_state_and_data

  def handle_event(:info, message, state, _breaker) do
    Logger.warning(fn -> "#{inspect(__MODULE__)} got #{inspect(message)} while #{state}" end)
    :keep_state_and_data
  end

  defp counted(breaker, :success), do: %{breaker | failures: 0}
  defp counted(breaker, :failure), do: %{breaker | failures: breaker.failures + 1}

  defp failing?(breaker), do: breaker.failures >= breaker.max_failures

  defp passed(breaker, probe) do
    Process.demonitor(probe, [:flush])
    {_pid, running} = Map.pop!(breaker.running, probe)
    breaker = %{breaker | running: running, passed: breaker.passed + 1}

    if breaker.passed == breaker.probes,
      do: {:next_state, :closed, breaker},
      else: {:keep_state, breaker, silence(breaker)}
  end

  # How long the probes may say nothing; when none runs it is nobody's turn to speak.
  defp silence(breaker) when breaker.running == %{}, do: {:state_timeout, :infinity, :silence}
  defp silence(breaker), do: {:state_timeout, breaker.probe_timeout, :silence}

  defp checked!(options) do
    breaker = struct!(__MODULE__, Keyword.validate!(options, defaults()))
    for key <- @positive, do: positive!(breaker, key)
    breaker
  end

  defp defaults do
    [
      name: __MODULE__,
      max_failures: 5,
      reset_timeout: 30_000,
      probes: 1,
      probe_timeout: 10_000
    ]
  end

  defp positive!(breaker, key) do
    value = Map.fetch!(breaker, key)

    if not is_integer(value) or value < 1 do
      raise ArgumentError, "#{key} is an integer of at least 1, not #{inspect(value)}"
    end
  end
end
