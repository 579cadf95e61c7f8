defmodule Shop.RendererTest do
  use ExUnit.Case, async: true

  alias Shop.Renderer, as: Cluster

  @moduletag capture_log: true
  @moduletag timeout: 30_000

  @patience 5_000

  test "answers what the handler makes of a request" do
    name = start(handler: &{:done, &1})
    assert call(name, 1) == {:ok, {:done, 1}}
  end

  test "says that there is no worker" do
    name = start(handler: & &1)

    for {id, _pid, _type, _modules} <- Supervisor.which_children(name), id != :pg do
      :ok = Supervisor.terminate_child(name, id)
    end

    assert eventually(fn -> Cluster.members(name) == [] end)
    assert call(name, 1) == {:error, :no_worker}
  end

  test "gives up when the answer takes too long" do
    name = start(handler: fn _request -> Process.sleep(:infinity) end)
    call = Task.async(fn -> Cluster.call(name, 1, 20) end)
    assert Task.yield(call, @patience) == {:ok, {:error, :timeout}}
  end

  test "says that a worker crashed, asks no other one, and has it replaced" do
    test = self()

    crash = fn request ->
      send(test, {:handling, self()})
      if request == :crash, do: exit(:crash), else: request
    end

    name = start(handler: crash)
    before = Cluster.members(name)
    assert call(name, :crash) == {:error, :lost}
    assert_received {:handling, crashed}
    refute_received {:handling, _other}

    assert eventually(fn ->
             length(Cluster.members(name)) == length(before) and
               crashed not in Cluster.members(name)
           end)

    assert call(name, 1) == {:ok, 1}
  end

  test "starts as many workers as it should" do
    assert length(Cluster.members(start(handler: & &1, workers: 3))) == 3
  end

  test "asks another worker when one is dead already" do
    name = start(handler: & &1, workers: 2)
    [one, other] = Cluster.members(name)

    # A scope that sleeps goes on listing a dead worker, as one does for a moment.
    for process <- [scope(name), name], do: :sys.suspend(process)
    stop(one)
    for _call <- 1..10, do: assert(call(name, 1) == {:ok, 1})
    assert Enum.sort(Cluster.members(name)) == Enum.sort([one, other])
    for process <- [scope(name), name], do: :sys.resume(process)
  end

  test "finds its workers again after a crash of the scope" do
    name = start(handler: & &1, workers: 2)
    before = Cluster.members(name)
    stop(Process.whereis(scope(name)))

    assert eventually(fn ->
             Process.whereis(scope(name)) && match?([_, _], Cluster.members(name) -- before)
           end)

    assert call(name, 1) == {:ok, 1}
  end

  test "goes on after a message that it does not know" do
    name = start(handler: & &1)

    [worker | _others] = Cluster.members(name)
    send(worker, :stray)
    send(worker, {:DOWN, make_ref(), :process, self(), :stray})
    assert :sys.get_state(worker)
    assert worker in Cluster.members(name)
  end

  test "says at once what is wrong with its options" do
    assert_raise ArgumentError, ~r/:handler/, fn -> Cluster.start_link([]) end
    assert_raise ArgumentError, ~r/:size/, fn -> Cluster.start_link(handler: & &1, size: 1) end
  end

  defp start(options) do
    name = Module.concat(__MODULE__, "Cluster#{System.unique_integer([:positive])}")
    start_supervised!({Cluster, [name: name] ++ options})
    assert eventually(fn -> Cluster.members(name) != [] end)
    workers = Keyword.get(options, :workers, 2)
    assert eventually(fn -> length(Cluster.members(name)) == workers end)
    name
  end

  defp call(name, request), do: Cluster.call(name, request, @patience)

  defp scope(name), do: Module.concat(name, "Scope")

  defp stop(pid) do
    monitor = Process.monitor(pid)
    Process.exit(pid, :kill)
    assert_receive {:DOWN, ^monitor, :process, _pid, :killed}, @patience
  end

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

defmodule Shop.RendererClusterTest do
  # It makes a cluster of this node.
  use ExUnit.Case, async: false

  alias Shop.Renderer, as: Cluster

  @moduletag capture_log: true
  @moduletag timeout: 60_000

  @patience 10_000

  test "calls workers on other nodes, and forgets them with their node" do
    {peer, node} = start_peer()
    true = Node.connect(node)
    name = Module.concat(__MODULE__, "Cluster")
    start_on(node, Cluster.child_spec(name: name, handler: &Function.identity/1))
    start_supervised!({Cluster, name: name, handler: &{:here, &1}})
    both = 2 * 2
    assert eventually(fn -> length(Cluster.members(name)) == both end)
    assert eventually(fn -> length(:erpc.call(node, Cluster, :members, [name])) == both end)
    answers = for _call <- 1..40, do: Cluster.call(name, 1, @patience)
    assert Enum.uniq(answers) == [{:ok, {:here, 1}}]

    stop_supervised!(Cluster)
    start_supervised!(%{id: :scope, start: {:pg, :start_link, [Module.concat(name, "Scope")]}})
    assert eventually(fn -> length(Cluster.members(name)) == 2 end)
    assert Cluster.call(name, 1, @patience) == {:ok, 1}

    :peer.stop(peer)
    assert eventually(fn -> Cluster.members(name) == [] end)
    assert Cluster.call(name, 1, @patience) == {:error, :no_worker}
  end

  # Started there under a supervisor that every node has.
  defp start_on(node, child) do
    {:ok, pid} = :erpc.call(node, :supervisor, :start_child, [:kernel_safe_sup, child])
    pid
  end

  # Another node, not yet connected to this one; it ends with the test at the latest.
  defp start_peer(name \\ :peer.random_name()) do
    distribute()

    {:ok, peer, node} =
      :peer.start_link(%{
        name: name,
        host: ~c"127.0.0.1",
        longnames: true,
        connection: :standard_io,
        args: [
          ~c"-setcookie",
          Atom.to_charlist(Node.get_cookie()),
          ~c"-kernel",
          ~c"logger_level",
          ~c"none"
        ]
      })

    :ok = :peer.call(peer, :code, :add_paths, [:code.get_path()])
    {:ok, _started} = :peer.call(peer, :application, :ensure_all_started, [:logger])
    {peer, node}
  end

  # The daemon that knows the ports of nodes does not listen at once after it was started.
  defp distribute(attempts \\ 100) do
    with false <- Node.alive?(),
         _daemon = System.find_executable("epmd") && System.cmd("epmd", ["-daemon"]),
         {:error, reason} <- Node.start(:"test-#{System.pid()}@127.0.0.1", :longnames) do
      if attempts == 1 do
        flunk("This test needs a second node. Start Erlang's epmd first: #{inspect(reason)}")
      end

      Process.sleep(50)
      distribute(attempts - 1)
    end
  end

  defp eventually(check, deadline \\ System.monotonic_time(:millisecond) + @patience) do
    cond do
      check.() ->
        true

      System.monotonic_time(:millisecond) > deadline ->
        flunk("this did not come about in #{@patience} ms")

      true ->
        Process.sleep(10)
        eventually(check, deadline)
    end
  end
end
