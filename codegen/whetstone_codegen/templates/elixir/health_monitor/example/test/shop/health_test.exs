defmodule Shop.HealthTest do
  use ExUnit.Case, async: true

  alias Shop.Health, as: Health

  @moduletag capture_log: true
  @moduletag timeout: 30_000

  @patience 5_000
  @readings 2

  test "reports a process with a blocked mailbox, once, and forgets it when it is dead" do
    monitor = start(interval: 10, limits: [mailbox: 10])
    stuck = start_stuck(20)
    :ok = Health.watch(monitor, stuck)

    assert_receive {:report, :alarm, ^stuck, details}, @patience
    assert %{metric: :mailbox, value: 20, limit: 10} = details
    assert Health.status(monitor) == %{stuck => [:mailbox]}

    stop(stuck)
    assert_receive {:report, :gone, ^stuck, %{metric: :mailbox}}, @patience
    assert Health.status(monitor) == %{}
    refute_received {:report, :alarm, _process, _details}
  end

  test "reports an alarm after 2 readings in a row and a recovery, once each" do
    watching = start_by_hand()
    readings(watching, @readings, mailbox: 11)
    assert reports(watching) == [alarm: :mailbox]
    readings(watching, 3, mailbox: 11)
    readings(watching, 3, mailbox: 8)
    assert reports(watching) == [recovered: :mailbox]
    readings(watching, @readings, mailbox: 11)
    assert reports(watching) == [alarm: :mailbox]
  end

  test "reports nothing when the readings above the limit are not in a row" do
    watching = start_by_hand()

    for _turn <- 1..3 do
      readings(watching, @readings - 1, mailbox: 11)
      readings(watching, 1, mailbox: 10)
    end

    assert reports(watching) == []
  end

  test "counts anew after a recovery" do
    watching = start_by_hand()
    readings(watching, @readings, mailbox: 11)
    readings(watching, 1, mailbox: 0)
    readings(watching, 1, mailbox: 11)
    assert reports(watching) == [alarm: :mailbox, recovered: :mailbox]
  end

  test "does not take a limit that is just met for too much" do
    watching = start_by_hand()
    readings(watching, @readings, mailbox: 10)
    assert reports(watching) == []
  end

  test "reports nothing while a metric dances around its limit" do
    watching = start_by_hand()

    for _turn <- 1..3 do
      readings(watching, @readings, mailbox: 11)
      readings(watching, 1, mailbox: 9)
    end

    assert reports(watching) == [alarm: :mailbox]
  end

  test "watches memory" do
    watching = start_by_hand()
    readings(watching, @readings, memory: 1_001)
    readings(watching, 1, memory: 0)
    assert reports(watching) == [alarm: :memory, recovered: :memory]
  end

  test "begins anew with a process that takes over a name" do
    name = unique("Named")
    {monitor, _info} = watching = start_by_hand(name)
    first = start_stuck(0, name)
    readings(watching, @readings, mailbox: 11)
    assert Health.status(monitor) == %{name => [:mailbox]}

    stop(first)
    start_stuck(0, name)
    readings(watching, 1, mailbox: 0)
    assert Health.status(monitor) == %{name => []}
    assert reports(watching) == [alarm: :mailbox, gone: :mailbox]
  end

  test "goes on watching a name that nobody has" do
    name = unique("Named")
    {monitor, _info} = watching = start_by_hand(name)
    readings(watching, 1, mailbox: 11)
    assert Health.status(monitor) == %{name => []}
    start_stuck(0, name)
    readings(watching, @readings, mailbox: 11)
    assert Health.status(monitor) == %{name => [:mailbox]}
  end

  test "is not held up by a slow report, and makes one after the other" do
    test = self()

    slow = fn event, _process, _details ->
      send(test, {:reporting, self(), event})

      receive do
        :go_on -> :ok
      end
    end

    {monitor, _info} = watching = start_by_hand(self(), report: slow)
    readings(watching, @readings, mailbox: 11)
    assert_receive {:reporting, reporter, :alarm}, @patience
    readings(watching, 1, mailbox: 0)
    assert Health.status(monitor) == %{self() => []}
    refute_received {:reporting, _reporter, :recovered}
    send(reporter, :go_on)
    assert_receive {:reporting, _reporter, :recovered}, @patience
  end

  test "makes the next report after one that failed and one that hung" do
    test = self()

    bad = fn
      :alarm, _process, _details -> raise "no"
      :recovered, _process, _details -> Process.sleep(:infinity)
      event, process, details -> send(test, {:report, event, process, details})
    end

    stuck = start_stuck(0)
    watching = start_by_hand(stuck, report: bad, report_timeout: 20)
    readings(watching, @readings, mailbox: 11)
    readings(watching, 1, mailbox: 0)
    readings(watching, @readings, mailbox: 11)
    stop(stuck)
    readings(watching, 1, nil)
    assert reports(watching) == [gone: :mailbox]
  end

  test "does not read because of a timer that is not its own" do
    {monitor, _info} = watching = start_by_hand()
    readings(watching, 1, mailbox: 0)
    timer = :sys.get_state(monitor).timer
    for _turn <- 1..@readings, do: send(monitor, {:timeout, make_ref(), :read})
    send(monitor, :stray)
    assert :sys.get_state(monitor).timer == timer
  end

  test "stops watching when it is told so" do
    {monitor, _info} = watching = start_by_hand()
    :ok = Health.unwatch(monitor, self())
    readings(watching, @readings, mailbox: 11)
    assert reports(watching) == []
    assert Health.status(monitor) == %{}
  end

  test "keeps what it knows of a process that is given once more" do
    {monitor, _info} = watching = start_by_hand()
    readings(watching, @readings, mailbox: 11)
    :ok = Health.watch(monitor, self())
    assert Health.status(monitor) == %{self() => [:mailbox]}
    assert reports(watching) == [alarm: :mailbox]
  end

  test "reads what a process is without asking it" do
    stuck = start_stuck(3)
    assert Health.read(stuck)[:message_queue_len] == 3
    assert Health.read(stuck)[:memory] > 0
    stop(stuck)
    assert Health.read(stuck) == nil
  end

  test "lets two monitors run side by side" do
    {one, _info} = start_by_hand()
    {other, _info} = start_by_hand()
    :ok = Health.unwatch(one, self())
    assert Health.status(other) == %{self() => []}
  end

  test "says at once what is wrong with its options, and is restarted as it should be" do
    assert_raise ArgumentError, ~r/:often/, fn -> Health.start_link(often: true) end
    assert_raise ArgumentError, ~r/:disk/, fn -> Health.start_link(limits: [disk: 1]) end
    assert Health.child_spec([]).restart == :permanent
  end

  defp start(options) do
    test = self()
    report = &send(test, {:report, &1, &2, &3})
    options = Keyword.merge([report: report, name: unique("Monitor")], options)
    start_supervised!(Supervisor.child_spec({Health, options}, id: make_ref()))
  end

  # A monitor that reads only when it is told to, and reads what it is told.
  defp start_by_hand(process \\ self(), options \\ []) do
    info = start_supervised!(Supervisor.child_spec({Agent, fn -> nil end}, id: make_ref()))

    limits = [
      mailbox: 10,
      memory: 1_000
    ]

    read = fn _pid -> Agent.get(info, & &1) end
    monitor = start(Keyword.merge([interval: 60_000, limits: limits, read: read], options))
    :ok = Health.watch(monitor, process)
    {monitor, info}
  end

  defp readings({monitor, info}, count, metrics) do
    names = [mailbox: :message_queue_len, memory: :memory, reductions: :reductions]
    value = metrics && for({metric, name} <- names, do: {name, Keyword.get(metrics, metric, 0)})
    Agent.update(info, fn _before -> value end)

    for _reading <- 1..count do
      send(monitor, {:timeout, :sys.get_state(monitor).timer, :read})
    end

    # The readings are done when this is answered.
    Health.status(monitor)
  end

  # The reports since the last time, all of them made.
  defp reports({monitor, _info}) do
    eventually(fn -> :sys.get_state(monitor).reporter == nil end)
    received()
  end

  defp received do
    receive do
      {:report, event, _process, %{metric: metric}} -> [{event, metric} | received()]
    after
      0 -> []
    end
  end

  defp start_stuck(messages, name \\ nil) do
    test = self()

    {pid, _monitor} =
      spawn_monitor(fn ->
        if name, do: Process.register(self(), name)
        send(test, {:started, self()})
        Process.sleep(:infinity)
      end)

    assert_receive {:started, ^pid}, @patience
    for number <- 1..messages//1, do: send(pid, number)
    pid
  end

  defp stop(pid) do
    Process.exit(pid, :kill)
    assert_receive {:DOWN, _monitor, :process, ^pid, :killed}, @patience
  end

  defp unique(name), do: Module.concat(__MODULE__, "#{name}#{System.unique_integer([:positive])}")

  defp eventually(check, deadline \\ System.monotonic_time(:millisecond) + @patience) do
    cond do
      check.() ->
        true

      System.monotonic_time(:millisecond) > deadline ->
        flunk("this did not come about in #{@patience} ms")

      true ->
        Process.sleep(5)
        eventually(check, deadline)
    end
  end
end
