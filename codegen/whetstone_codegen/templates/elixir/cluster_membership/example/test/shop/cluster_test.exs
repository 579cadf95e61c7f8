defmodule Shop.ClusterTest do
  use ExUnit.Case, async: true

  alias Shop.Cluster, as: Cluster

  @moduletag capture_log: true
  @moduletag timeout: 30_000

  @patience 5_000
  @one :"one@10.0.0.1"
  @other :"one@10.0.0.2"
  @stranger :"stranger@10.0.0.9"

  test "connects the nodes that belong to it, and no others" do
    start()
    assert_receive {:connecting, @one}, @patience
    assert_receive {:connecting, @other}, @patience
    refute_received {:connecting, _other}
  end

  test "tries again, with pauses that grow" do
    test = self()

    start(
      backoff: 20,
      connect: fn node -> send(test, {:attempt, node, System.monotonic_time(:millisecond)}) end
    )

    times =
      for _attempt <- 1..5 do
        assert_receive {:attempt, @one, time}, @patience
        time
      end

    # At least half of 20, 40, 80 and 160 milliseconds.
    assert List.last(times) - hd(times) >= 150
    assert Enum.at(times, 1) - hd(times) >= 10
  end

  test "tries again after an attempt that fails, and waits for none" do
    test = self()

    connect = fn node ->
      send(test, {:connecting, node})
      if node == @one, do: raise("no"), else: Process.sleep(:infinity)
    end

    cluster = start(backoff: 1, connect: connect)
    for _attempt <- 1..3, do: assert_receive({:connecting, @one}, @patience)
    assert Cluster.members(cluster) == []
  end

  test "does not try what is connected, and tries it again when it is lost" do
    cluster = start(backoff: 60_000)
    assert_receive {:connecting, @one}, @patience
    send(cluster, {:nodeup, @one})
    assert :sys.get_state(cluster).attempts[@one] == nil
    send(cluster, {:nodedown, @one})
    assert_receive {:connecting, @one}, @patience
  end

  test "tells subscribers of members that come and go, once each" do
    cluster = start(debounce: 1)
    assert Cluster.subscribe(cluster) == []
    assert Cluster.subscribe(cluster) == []
    for _time <- 1..2, do: send(cluster, {:nodeup, @one})
    assert_receive {:member_up, @one}, @patience
    assert Cluster.members(cluster) == [@one]
    send(cluster, {:nodeup, @one})
    for _time <- 1..2, do: send(cluster, {:nodedown, @one})
    assert_receive {:member_down, @one}, @patience
    assert Cluster.members(cluster) == []
    settle(cluster)
    refute_received {:member_up, _node}
    refute_received {:member_down, _node}
  end

  test "gives those that are there to a subscriber" do
    cluster = start(debounce: 1)
    send(cluster, {:nodeup, @one})
    assert eventually(fn -> Cluster.members(cluster) == [@one] end)
    assert Cluster.subscribe(cluster) == [@one]
  end

  test "says nothing of a node that is lost, or there, only for a moment" do
    cluster = start(debounce: 60_000)
    Cluster.subscribe(cluster)
    assert_receive {:connecting, @one}, @patience
    send(cluster, {:nodeup, @one})
    timer = :sys.get_state(cluster).changing[@one]
    remaining = :erlang.read_timer(timer)
    assert is_integer(remaining) and remaining > 10_000
    send(cluster, {:nodedown, @one})
    assert :sys.get_state(cluster).changing == %{}
    assert :erlang.read_timer(timer) == false

    # Too late to be cancelled, it counts for nothing.
    send(cluster, {:nodeup, @one})
    send(cluster, {:timeout, timer, {:changed, @one}})
    assert Cluster.members(cluster) == []
    refute_received {:member_up, _node}
  end

  test "does not count a node that does not belong to it" do
    cluster = start(debounce: 1)
    Cluster.subscribe(cluster)
    assert_receive {:connecting, @one}, @patience
    send(cluster, {:nodeup, @stranger})
    send(cluster, {:nodeup, @one})
    assert_receive {:member_up, @one}, @patience
    send(cluster, {:nodedown, @stranger})
    settle(cluster)
    assert Cluster.members(cluster) == [@one]
    refute_received {:connecting, @stranger}
    refute_received {:member_up, @stranger}
  end

  test "forgets subscribers that end" do
    cluster = start()
    test = self()

    subscriber =
      spawn(fn ->
        Cluster.subscribe(cluster)
        send(test, :subscribed)
      end)

    assert_receive :subscribed, @patience
    monitor = Process.monitor(subscriber)
    assert_receive {:DOWN, ^monitor, :process, _pid, _reason}, @patience
    assert eventually(fn -> :sys.get_state(cluster).subscribers == %{} end)
  end

  test "goes on after a message that it does not know" do
    cluster = start()
    send(cluster, :stray)
    send(cluster, {:timeout, make_ref(), {:connect, @stranger}})
    assert Cluster.members(cluster) == []
    refute_received {:connecting, @stranger}
  end

  test "says at once what is wrong with its options" do
    assert_raise ArgumentError, ~r/:debounce/, fn -> start_wrong(debounce: 0) end
    assert_raise ArgumentError, ~r/:backoff/, fn -> start_wrong(backoff: :soon) end
    assert_raise ArgumentError, ~r/:size/, fn -> start_wrong(size: 1) end
    assert_raise ArgumentError, ~r/:nodes/, fn -> start_wrong(nodes: :none) end
  end

  defp start(options \\ []) do
    start_supervised!(Supervisor.child_spec({Cluster, with_usual(options)}, id: make_ref()))
  end

  defp start_wrong(options), do: Cluster.start_link(with_usual(options))

  defp with_usual(options) do
    test = self()
    name = Module.concat(__MODULE__, "Cluster#{System.unique_integer([:positive])}")

    usual = [
      name: name,
      connect: &send(test, {:connecting, &1})
    ]

    usual |> Keyword.merge(given(fn -> [@one, @other, node()] end)) |> Keyword.merge(options)
  end

  defp given(nodes), do: [nodes: nodes.()]

  # Whatever was to be announced has been.
  defp settle(cluster), do: eventually(fn -> :sys.get_state(cluster).changing == %{} end)

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

defmodule Shop.ClusterClusterTest do
  # It makes a cluster of this node.
  use ExUnit.Case, async: false

  alias Shop.Cluster, as: Cluster

  @moduletag capture_log: true
  @moduletag timeout: 60_000

  @patience 10_000

  test "connects another node, notices its end, and connects it again when it is back" do
    {peer, node} = start_peer()
    [peer_name, _host] = node |> Atom.to_string() |> String.split("@")
    options = [nodes: [node], debounce: 1, backoff: 20]
    options = [name: Module.concat(__MODULE__, "Cluster")] ++ options
    cluster = start_supervised!({Cluster, options})
    if Cluster.subscribe(cluster) == [], do: assert_receive({:member_up, ^node}, @patience)
    assert Cluster.members(cluster) == [node]
    assert node in Node.list()

    :peer.stop(peer)
    assert_receive {:member_down, ^node}, @patience
    assert Cluster.members(cluster) == []

    {_peer, ^node} = start_peer(String.to_charlist(peer_name))
    assert_receive {:member_up, ^node}, @patience
    assert node in Node.list()
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
end
