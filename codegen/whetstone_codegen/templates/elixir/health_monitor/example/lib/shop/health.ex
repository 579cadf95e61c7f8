defmodule Shop.Health do
  @moduledoc """
  Watches processes from outside and reports when one gets into trouble, and when it is well again.

      children = [Shop.Health]

      :ok = Shop.Health.watch(self())
      Shop.Health.status()
      #=> %{pid => []}, or %{pid => [:mailbox]} when too many messages wait

  ## Lifecycle

  Every `:interval` milliseconds each watched process is read with `Process.info/2`. It is never called, so one that is
  stuck is read like any other. Work between two readings, and the report, cannot pile up: the next reading is
  planned when this one is done, and reports are made by a process of their own, one after the other.

  An alarm is reported when a metric has been above its limit in 2 readings in a row, and its recovery when it is
  back at 80 % of the limit. In between nothing is reported, so a metric that dances around its limit makes no noise.

  A process watched by its pid is forgotten when it is dead. One watched by its registered name is watched again,
  from the beginning, when it is there again. What dies in alarm is reported as `:gone`.

  ## Options

    * `:report` - a function of the event, the process as it was given to `watch/2`, and a map of the `:metric`,
      its `:value` and its `:limit`; it writes to the log unless given
    * `:interval` - milliseconds between two readings, 5_000 unless given
    * `:limits` - the limit of each metric: `:mailbox` in messages, `:memory` in bytes
    * `:report_timeout` - milliseconds after which a report that hangs is killed, 30_000 unless given
    * `:read` - a function of a pid that stands in for `Process.info/2`
    * `:name` - what the monitor is registered as, the name of this module unless given

  ## After a crash

  The monitor starts again with nobody to watch: let processes call `watch/2` when they start, and start the monitor
  before them under a `:rest_for_one` supervisor. A report that crashes is logged and is not made again.
  """

  use GenServer, restart: :permanent

  require Logger

  @call_timeout 5_000
  @recovery 0.8
  @readings 2
  @limits [
    mailbox: 1_000,
    memory: 100_000_000
  ]

  @type watched :: pid | atom
  @type report :: (:alarm | :recovered | :gone, watched, map -> term)
  @type option ::
          {:report, report}
          | {:interval, pos_integer}
          | {:limits, keyword(pos_integer)}
          | {:report_timeout, pos_integer}
          | {:read, (pid -> keyword | nil)}
          | {:name, GenServer.name()}

  @doc "Starts the monitor. Raises `ArgumentError` for an option that is none."
  @spec start_link([option]) :: GenServer.on_start()
  def start_link(options \\ []) do
    options =
      Keyword.validate!(options,
        report: &__MODULE__.log/3,
        interval: 5_000,
        limits: [],
        report_timeout: 30_000,
        read: &__MODULE__.read/1,
        name: __MODULE__
      )

    limits = Keyword.validate!(options[:limits], @limits)
    own = %{limits: limits, watched: %{}, timer: nil, reports: :queue.new(), reporter: nil}
    state = options |> Map.new() |> Map.merge(own)
    GenServer.start_link(__MODULE__, state, name: options[:name])
  end

  @doc "Begins to watch a process, given by its pid or its registered name."
  @spec watch(GenServer.server(), watched) :: :ok
  def watch(monitor \\ __MODULE__, process) when is_pid(process) or is_atom(process) do
    GenServer.call(monitor, {:watch, process}, @call_timeout)
  end

  @doc "Stops watching a process."
  @spec unwatch(GenServer.server(), watched) :: :ok
  def unwatch(monitor \\ __MODULE__, process) when is_pid(process) or is_atom(process) do
    GenServer.call(monitor, {:unwatch, process}, @call_timeout)
  end

  @doc "Every watched process, with its metrics that are in alarm."
  @spec status(GenServer.server()) :: %{watched => [atom]}
  def status(monitor \\ __MODULE__), do: GenServer.call(monitor, :status, @call_timeout)

  @doc false
  def read(pid), do: Process.info(pid, [:message_queue_len, :memory])

  @doc false
  def log(event, process, details) do
    Logger.warning("#{event}: #{inspect(process)} #{inspect(details)}")
  end

  @impl true
  def init(state), do: {:ok, plan(state)}

  @impl true
  def handle_call({:watch, process}, _from, state) do
    {:reply, :ok, %{state | watched: Map.put_new(state.watched, process, unread())}}
  end

  def handle_call({:unwatch, process}, _from, state) do
    {:reply, :ok, %{state | watched: Map.delete(state.watched, process)}}
  end

  def handle_call(:status, _from, state) do
    status = Map.new(state.watched, fn {process, seen} -> {process, Enum.sort(seen.alarms)} end)
    {:reply, status, state}
  end

  @impl true
  def handle_info({:timeout, timer, :read}, %{timer: timer} = state) do
    {:noreply, state.watched |> Enum.reduce(state, &look/2) |> report() |> plan()}
  end

  def handle_info({:DOWN, reporter, :process, _pid, reason}, %{reporter: reporter} = state) do
    if reason != :normal, do: Logger.error("a report failed: #{inspect(reason)}")
    {:noreply, report(%{state | reporter: nil})}
  end

  def handle_info(message, state) do
    Logger.debug(fn -> "#{inspect(__MODULE__)} ignores #{inspect(message)}" end)
    {:noreply, state}
  end

  defp plan(state), do: %{state | timer: :erlang.start_timer(state.interval, self(), :read)}

  defp look({process, seen}, state) do
    pid = if is_pid(process), do: process, else: Process.whereis(process)

    case pid && state.read.(pid) do
      nil -> gone(process, seen, state)
      info -> judge(process, info, succeeded(process, seen, pid, state))
    end
  end

  # A process that took over the name of another begins without its history.
  defp succeeded(process, %{pid: former} = seen, pid, state) when former not in [nil, pid] do
    succeeded(process, unread(), pid, gone(process, seen, state))
  end

  defp succeeded(process, seen, pid, state) do
    %{state | watched: Map.put(state.watched, process, %{seen | pid: pid})}
  end

  defp unread, do: %{pid: nil, high: %{}, alarms: []}

  defp gone(process, seen, state) do
    state = Enum.reduce(seen.alarms, state, &queue({:gone, process, %{metric: &1}}, &2))

    if is_pid(process) do
      %{state | watched: Map.delete(state.watched, process)}
    else
      %{state | watched: Map.put(state.watched, process, unread())}
    end
  end

  defp judge(process, info, state) do
    Enum.reduce(metrics(info), state, &judge_one(process, &1, &2))
  end

  defp judge_one(process, {metric, value}, state) do
    seen = state.watched[process]
    limit = state.limits[metric]
    {seen, event} = judge(seen, metric, value, limit, metric in seen.alarms)
    state = %{state | watched: Map.put(state.watched, process, seen)}
    details = %{metric: metric, value: value, limit: limit}
    if event, do: queue({event, process, details}, state), else: state
  end

  defp judge(seen, metric, value, limit, false) when value > limit do
    high = Map.get(seen.high, metric, 0) + 1
    seen = %{seen | high: Map.put(seen.high, metric, high)}
    if high < @readings, do: {seen, nil}, else: {raised(seen, metric), :alarm}
  end

  defp judge(seen, metric, value, limit, true) when value <= @recovery * limit do
    {lowered(seen, metric), :recovered}
  end

  defp judge(seen, _metric, _value, _limit, true), do: {seen, nil}
  defp judge(seen, metric, _value, _limit, false), do: {lowered(seen, metric), nil}

  defp raised(seen, metric), do: %{seen | alarms: [metric | seen.alarms]}

  defp lowered(seen, metric) do
    %{seen | alarms: List.delete(seen.alarms, metric), high: Map.delete(seen.high, metric)}
  end

  defp metrics(info) do
    [
      mailbox: info[:message_queue_len],
      memory: info[:memory]
    ]
  end

  defp queue(report, state), do: %{state | reports: :queue.in(report, state.reports)}

  # In a process of its own, because a report may be slow and may fail, and killed when it hangs.
  defp report(%{reporter: nil} = state) do
    case :queue.out(state.reports) do
      {{:value, {event, process, details}}, reports} ->
        %{report: report, report_timeout: timeout} = state

        {_pid, reporter} =
          spawn_monitor(fn ->
            {:ok, _timer} = :timer.kill_after(timeout)
            report.(event, process, details)
          end)

        %{state | reporter: reporter, reports: reports}

      {:empty, _reports} ->
        state
    end
  end

  defp report(state), do: state
end
