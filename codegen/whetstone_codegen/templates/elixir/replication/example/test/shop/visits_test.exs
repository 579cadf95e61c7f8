defmodule Shop.VisitsTest do
  use ExUnit.Case, async: true

  alias Shop.Visits, as: Replica
  alias Shop.Visits.Data

  @moduletag capture_log: true
  @moduletag timeout: 30_000

  @patience 5_000

  test "reads what was changed" do
    replica = start()
    assert Replica.value(replica) == 0
    Replica.increment(replica)
    Replica.increment(replica, 4)
    assert Replica.value(replica) == 5
    assert_raise FunctionClauseError, fn -> Replica.increment(replica, -1) end
  end

  test "merging is commutative, associative and idempotent, and forgets nothing" do
    :rand.seed(:exsss, {1, 2, 3})

    for _case <- 1..200 do
      [a, b, c] = random_history() |> Enum.shuffle() |> Enum.take(3)
      assert Data.merge(a, b) == Data.merge(b, a)
      assert Data.merge(a, Data.merge(b, c)) == Data.merge(Data.merge(a, b), c)
      assert Data.merge(a, a) == a
      assert Data.merge(Data.merge(a, b), b) == Data.merge(a, b)
      assert Data.merge(a, Data.new()) == a
    end
  end

  test "replicas become equal, in either direction" do
    {one, other} = start_pair(5)
    for _time <- 1..10, do: Replica.increment(one)
    for _time <- 1..5, do: Replica.increment(other)
    assert eventually(fn -> Replica.value(one) == 15 and Replica.value(other) == 15 end)
  end

  test "what was changed while they were apart is there when they are together again" do
    {one, other} = start_pair(60_000)
    for replica <- [one, other], do: Replica.increment(replica, 1)
    assert Replica.value(one) == 1

    for replica <- [one, other], do: send(replica, {:nodeup, node()})
    exchange(one, other)
    assert {Replica.value(one), Replica.value(other)} == {2, 2}
  end

  test "sends what has changed, once, and all of it now and then" do
    test = self()
    replica = start(replicas: fn -> [test] end, sync_interval: 60_000)
    Replica.increment(replica, 1)
    data = :sys.get_state(replica).data
    sync(replica)
    assert_receive {:merge, ^data}, @patience
    sync(replica)
    refute_received {:merge, _data}

    # The last round of a turn sends all of it.
    :sys.replace_state(replica, &%{&1 | round: 30})
    sync(replica)
    assert_receive {:merge, ^data}, @patience
  end

  test "does not send because of a timer that is not its own" do
    test = self()
    replica = start(replicas: fn -> [test] end, sync_interval: 60_000)
    Replica.increment(replica, 1)
    send(replica, {:timeout, make_ref(), :sync})
    send(replica, :stray)
    assert Replica.value(replica) == 1
    refute_received {:merge, _data}
  end

  test "a replica that starts again gets back what the others have, and loses none of what comes then" do
    {one, other} = start_pair(5)
    Replica.increment(one, 1)
    assert eventually(fn -> Replica.value(other) == 1 end)

    former = Process.whereis(one)
    monitor = Process.monitor(former)
    Process.exit(former, :kill)
    assert_receive {:DOWN, ^monitor, :process, _pid, :killed}, @patience
    assert eventually(fn -> Process.whereis(one) not in [nil, former] end)
    Replica.increment(one)
    assert eventually(fn -> Replica.value(one) == 2 and Replica.value(other) == 2 end)
  end

  test "what a replica counts after a restart is not taken for what it counted before" do
    replica = start(sync_interval: 60_000)
    Replica.increment(replica)
    %{data: before} = :sys.get_state(replica)
    stop_supervised!(replica)
    start(name: replica, sync_interval: 60_000)
    Replica.increment(replica)
    send(replica, {:merge, before})
    assert Replica.value(replica) == 2
  end

  test "answers a replica that starts with all that it has" do
    replica = start(sync_interval: 60_000)
    Replica.increment(replica, 1)
    data = :sys.get_state(replica).data
    send(replica, {:hello, self()})
    assert_receive {:merge, ^data}, @patience

    test = self()
    started = start(replicas: fn -> [test] end, sync_interval: 60_000)
    pid = Process.whereis(started)
    assert_receive {:hello, ^pid}, @patience
  end

  test "says at once what is wrong with its options" do
    assert_raise ArgumentError, ~r/:size/, fn -> Replica.start_link(size: 1) end
  end

  defp start(options \\ []) do
    name = Keyword.get(options, :name, unique())
    options = Keyword.merge([name: name, replicas: fn -> [] end, sync_interval: 5], options)
    start_supervised!(Supervisor.child_spec({Replica, options}, id: name))
    name
  end

  defp start_pair(interval) do
    {one, other} = {unique(), unique()}
    start(name: one, replicas: fn -> [other] end, sync_interval: interval)
    start(name: other, replicas: fn -> [one] end, sync_interval: interval)
    {one, other}
  end

  # A replica tells a node that comes up what it has; here both are on this one, so it is told by hand.
  defp exchange(one, other) do
    {mine, theirs} = {:sys.get_state(one).data, :sys.get_state(other).data}
    send(one, {:merge, theirs})
    send(other, {:merge, mine})
  end

  defp sync(replica) do
    send(replica, {:timeout, :sys.get_state(replica).timer, :sync})
    Replica.value(replica)
  end

  defp unique, do: Module.concat(__MODULE__, "Replica#{System.unique_integer([:positive])}")

  # What three replicas have at different times, while they change their data and hear of that of others.
  defp random_history do
    replicas = Map.new([:a, :b, :c], &{&1, Data.new()})

    {_replicas, history} =
      Enum.reduce(1..12, {replicas, []}, fn _step, {replicas, history} ->
        [replica, other, _third] = Enum.shuffle([:a, :b, :c])
        news = Enum.random([replicas[other], random_delta(replicas[replica], replica)])
        data = Data.merge(replicas[replica], news)
        {Map.put(replicas, replica, data), [data | history]}
      end)

    history
  end

  defp random_delta(data, replica) do
    Data.delta(data, random_change(), replica)
  end

  defp random_change, do: {:add, :rand.uniform(5)}

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

defmodule Shop.VisitsClusterTest do
  # It makes a cluster of this node.
  use ExUnit.Case, async: false

  alias Shop.Visits, as: Replica

  @moduletag capture_log: true
  @moduletag timeout: 60_000

  @patience 10_000

  test "two nodes become equal, also after they were apart" do
    {peer, node} = start_peer()
    name = Module.concat(__MODULE__, "Replica")
    start_supervised!({Replica, name: name, sync_interval: 60_000})
    start_on(peer, Replica.child_spec(name: name, sync_interval: 20))
    Replica.increment(name, 1)
    assert :peer.call(peer, Replica, :value, [name]) == 0

    # The timer is a minute away: that a node comes up is enough.
    true = Node.connect(node)
    assert eventually(fn -> :peer.call(peer, Replica, :value, [name]) == 1 end)

    part(peer, node)
    :ok = :peer.call(peer, Replica, :increment, [name, 5])
    assert Replica.value(name) == 1
    true = Node.connect(node)
    assert eventually(fn -> Replica.value(name) == 6 end)
  end

  # Started there under a supervisor that every node has; there is no connection yet.
  defp start_on(peer, child) do
    {:ok, _pid} = :peer.call(peer, :supervisor, :start_child, [:kernel_safe_sup, child])
  end

  # Cuts the connection, and keeps a message on its way from making a new one.
  defp part(peer, node) do
    :ok = :application.set_env(:kernel, :dist_auto_connect, :never)
    :ok = :peer.call(peer, :application, :set_env, [:kernel, :dist_auto_connect, :never])
    on_exit(fn -> :application.unset_env(:kernel, :dist_auto_connect) end)
    Node.disconnect(node)
    assert eventually(fn -> :peer.call(peer, :erlang, :nodes, []) == [] end)
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
