defmodule Chat.RoomsTest do
  use ExUnit.Case, async: true

  alias Chat.Rooms, as: Subject

  @moduletag timeout: 30_000
  @moduletag :capture_log

  # A worker that ends as it is told to.
  defmodule Worker do
    use GenServer

    def start_link(options), do: GenServer.start_link(__MODULE__, options, name: options[:name])

    @impl true
    def init(options) do
      Process.flag(:trap_exit, true)
      if options[:ignore], do: :ignore, else: {:ok, options}
    end

    @impl true
    def terminate(_reason, options), do: send(options[:tell] || self(), {:ended, self()})

    @impl true
    def handle_call({:hand_over, registry, key}, _from, options) do
      {:reply, Registry.unregister(registry, key), options}
    end

    def handle_call(:options, _from, options), do: {:reply, options, options}

    @impl true
    def handle_cast({:stop, reason}, options), do: {:stop, reason, options}
  end

  setup context do
    name = Module.concat(__MODULE__, "Subject#{System.unique_integer([:positive])}")
    limits = Map.get(context, :limits, [])
    %{name: name, pid: start_supervised!({Subject, [name: name] ++ limits})}
  end

  test "starts a worker with its options, and finds it by its key", %{name: name} do
    assert Subject.find(name, :a) == {:error, :not_found}
    assert {:ok, pid} = Subject.start_child(name, :a, {Worker, size: 2})
    assert Subject.find(name, :a) == {:ok, pid}
    assert GenServer.call(pid, :options)[:size] == 2
    assert Subject.list(name) == [a: pid]
  end

  test "has one worker for a key", %{name: name} do
    {:ok, pid} = Subject.start_child(name, :a, {Worker, []})
    assert Subject.start_child(name, :a, {Worker, []}) == {:error, {:already_started, pid}}
    assert Subject.list(name) == [a: pid]
  end

  test "has one worker for a key also when many ask at once", %{name: name} do
    1..50
    |> Enum.map(fn _ -> Task.async(fn -> Subject.start_child(name, :a, {Worker, []}) end) end)
    |> Task.await_many(10_000)
    |> Enum.each(fn
      {:ok, pid} -> assert Subject.find(name, :a) == {:ok, pid}
      {:error, {:already_started, pid}} -> assert Subject.find(name, :a) == {:ok, pid}
    end)

    assert %{workers: 1} = DynamicSupervisor.count_children(Module.concat(name, Workers))
  end

  test "says so when a worker does not want to start", %{name: name} do
    assert Subject.start_child(name, :a, {Worker, ignore: true}) == :ignore
    assert Subject.list(name) == []
  end

  test "keeps the workers of two keys apart", %{name: name} do
    {:ok, a} = Subject.start_child(name, :a, {Worker, []})
    {:ok, b} = Subject.start_child(name, :b, {Worker, []})
    crash(a)
    assert restarted(name, :a, a) != b
    assert Subject.find(name, :b) == {:ok, b}
  end

  @tag limits: [max_children: 2]
  test "has no more workers than it may have", %{name: name} do
    {:ok, _pid} = Subject.start_child(name, :a, {Worker, []})
    {:ok, pid} = Subject.start_child(name, :b, {Worker, []})
    assert Subject.start_child(name, :c, {Worker, []}) == {:error, :max_children}
    assert Subject.start_child(name, :b, {Worker, []}) == {:error, {:already_started, pid}}
    assert Subject.stop_child(name, :a) == :ok
    assert {:ok, _pid} = Subject.start_child(name, :c, {Worker, []})
  end

  test "stops a worker by its key, for good, and not before it has tidied up", %{name: name} do
    {:ok, pid} = Subject.start_child(name, :a, {Worker, tell: self()})
    reference = Process.monitor(pid)
    assert Subject.stop_child(name, :a) == :ok
    assert_received {:ended, ^pid}
    assert_received {:DOWN, ^reference, :process, ^pid, :shutdown}
    assert %{workers: 0} = DynamicSupervisor.count_children(Module.concat(name, Workers))
    eventually(fn -> assert Subject.stop_child(name, :a) == {:error, :not_found} end)
  end

  test "forgets a worker that ended normally", %{name: name} do
    {:ok, pid} = Subject.start_child(name, :a, {Worker, []})
    GenServer.cast(pid, {:stop, :normal})
    eventually(fn -> assert Subject.find(name, :a) == {:error, :not_found} end)
    assert %{workers: 0} = DynamicSupervisor.count_children(Module.concat(name, Workers))
  end

  test "starts a worker again that crashed, under its key and with its options", %{name: name} do
    {:ok, pid} = Subject.start_child(name, :a, {Worker, size: 2})
    crash(pid)
    assert GenServer.call(restarted(name, :a, pid), :options)[:size] == 2
  end

  @tag limits: [max_restarts: 0]
  test "begins anew after more crashes than it bears", %{name: name, pid: supervisor} do
    {:ok, a} = Subject.start_child(name, :a, {Worker, []})
    {:ok, b} = Subject.start_child(name, :b, {Worker, []})
    reference = Process.monitor(b)
    crash(a)
    assert_receive {:DOWN, ^reference, :process, ^b, :shutdown}, 10_000
    eventually(fn -> assert {:ok, _pid} = again(name) end)
    assert Process.alive?(supervisor)
  end

  @tag limits: [max_restarts: 1]
  test "lets a crashed worker go whose key has another owner", %{name: name} do
    registry = Module.concat(name, Registry)
    {:ok, pid} = Subject.start_child(name, :a, {Worker, []})
    {:ok, other} = Subject.start_child(name, :b, {Worker, []})
    :ok = GenServer.call(pid, {:hand_over, registry, :a})
    {:ok, _} = Registry.register(registry, :a, nil)
    crash(pid)

    eventually(fn ->
      assert %{workers: 1} = DynamicSupervisor.count_children(Module.concat(name, Workers))
    end)

    assert Subject.find(name, :b) == {:ok, other}
    assert Subject.find(name, :a) == {:ok, self()}
  end

  test "begins anew, without workers, when its registry ends", %{name: name} do
    {:ok, pid} = Subject.start_child(name, :a, {Worker, []})
    reference = Process.monitor(pid)
    name |> Module.concat(Registry) |> Supervisor.stop(:crash)
    assert_receive {:DOWN, ^reference, :process, ^pid, _reason}, 10_000
    eventually(fn -> assert {:ok, _pid} = again(name) end)
    assert [{:new, _pid}] = Subject.list(name)
  end

  test "refuses what it does not know in the caller" do
    assert_raise ArgumentError, fn -> Subject.start_link(unknown: 1) end
    assert_raise FunctionClauseError, fn -> Subject.start_child(:a, {Worker, :no_options}) end
  end

  test "is found by the module's name, and others run beside it" do
    # The application may run it under its name already.
    if is_nil(Process.whereis(Subject)), do: start_supervised!(Subject)
    key = make_ref()
    assert {:ok, pid} = Subject.start_child(key, {Worker, []})
    assert Subject.find(key) == {:ok, pid}
    assert {key, pid} in Subject.list()
    assert Subject.stop_child(key) == :ok
  end

  defp crash(pid), do: GenServer.cast(pid, {:stop, :crash})

  defp restarted(name, key, pid) do
    eventually(fn ->
      assert {:ok, again} = Subject.find(name, key)
      assert again != pid
      again
    end)
  end

  # Its parts are away for a moment while it begins anew.
  defp again(name) do
    Subject.start_child(name, :new, {Worker, []})
  rescue
    ArgumentError -> :away
  catch
    :exit, _reason -> :away
  end

  # Asks again until what is asserted holds, for ten seconds at most: when that is, the machine decides.
  defp eventually(assertion, deadline \\ System.monotonic_time(:millisecond) + 10_000) do
    assertion.()
  rescue
    error in [ExUnit.AssertionError, MatchError] ->
      if System.monotonic_time(:millisecond) > deadline, do: reraise(error, __STACKTRACE__)
      Process.sleep(10)
      eventually(assertion, deadline)
  end
end
