defmodule Ledger.SupervisorTest do
  use ExUnit.Case, async: true

  alias Ledger.Supervisor, as: Subject

  @moduletag timeout: 30_000
  @moduletag :capture_log

  # A child that tells the test what becomes of it.
  defmodule Child do
    use GenServer

    def child_spec({id, test}) do
      %{id: id, start: {GenServer, :start_link, [__MODULE__, {id, test}]}}
    end

    @impl true
    def init({id, _test}) when id == :wrong, do: {:stop, :wrong}

    def init({id, test}) do
      Process.flag(:trap_exit, true)
      send(test, {:started, id})
      {:ok, {id, test}}
    end

    @impl true
    def terminate(_reason, {id, test}), do: send(test, {:stopped, id})
  end

  test "starts its children in order, and stops them in the opposite order" do
    start([:a, :b, :c])
    assert told(3) == [started: :a, started: :b, started: :c]
    :ok = stop_supervised(:subject)
    assert told(3) == [stopped: :c, stopped: :b, stopped: :a]
  end

  test "starts nothing when a child does not start" do
    Process.flag(:trap_exit, true)
    children = for id <- [:a, :wrong, :c], do: {Child, {id, self()}}
    assert {:error, {:shutdown, reason}} = start_link(children: children)
    assert reason == {:failed_to_start_child, :wrong, :wrong}
    assert told(2) == [started: :a, stopped: :a]
    refute_received {:started, :c}
  end

  test "starts again the child that fell, and no other" do
    supervisor = start([:a, :b, :c])
    told(3)
    before = pids(supervisor)
    Process.exit(before.b, :kill)
    # Those that are stopped say so, and then those say so that are started.
    told(1)
    again = pids(supervisor)
    assert for({id, pid} <- before, again[id] != pid, do: id) == [:b]
  end

  test "bears as many restarts as it may, and no more" do
    supervisor = start([:a], max_restarts: 2, max_seconds: 3_600)
    told(1)
    reference = Process.monitor(supervisor)

    for _time <- 1..2 do
      Process.exit(pids(supervisor).a, :kill)
      told(1)
    end

    Process.exit(pids(supervisor).a, :kill)
    assert_receive {:DOWN, ^reference, :process, ^supervisor, :shutdown}, 10_000
  end

  test "counts restarts as it is told to" do
    options = [children: [], max_restarts: 4, max_seconds: 9]
    assert {:ok, {flags, []}} = Subject.init(options)
    assert %{intensity: 4, period: 9} = flags
  end

  test "refuses an option that it does not know, in the caller" do
    assert_raise ArgumentError, fn -> start_link(unknown: 1) end
  end

  test "is found by its name, and others run beside it" do
    # The application may run it under its name already.
    if is_nil(Process.whereis(Subject)), do: start_supervised!(Subject)
    assert Subject |> Process.whereis() |> Supervisor.which_children() |> is_list()
    start_supervised!({Subject, options(children: [])})
  end

  defp start(ids, options \\ []) do
    children = for id <- ids, do: {Child, {id, self()}}
    start_supervised!({Subject, options(options ++ [children: children])}, id: :subject)
  end

  defp start_link(options), do: Subject.start_link(options(options))

  defp options(options), do: [name: nil] ++ options

  # Returns the next messages of children, in order.
  defp told(count) do
    for _message <- 1..count do
      assert_receive {what, id} when what in [:started, :stopped], 10_000
      {what, id}
    end
  end

  defp pids(supervisor) do
    Map.new(Supervisor.which_children(supervisor), fn {id, pid, _type, _modules} -> {id, pid} end)
  end
end
