defmodule Shop.SchedulerTest do
  use ExUnit.Case, async: true

  alias Shop.Scheduler, as: Standby

  @moduletag capture_log: true
  @moduletag timeout: 30_000

  @patience 5_000

  test "exactly one is active, and handles the commands" do
    name = unique()
    servers = for _server <- 1..3, do: start(name)

    assert [:active, :standby, :standby] =
             servers |> Enum.map(&Standby.status(&1).role) |> Enum.sort()

    active = active(servers)
    for server <- servers, do: assert(Standby.status(server).active == active)
    assert {:ok, 1, epoch} = command(name, {:add, 1})
    assert {:ok, 3, ^epoch} = command(name, {:add, 2})
    assert :sys.get_state(active).state == 3
  end

  test "another one takes over, with a greater epoch" do
    name = unique()
    servers = for _server <- 1..2, do: start(name)
    active = active(servers)
    {:ok, 1, epoch} = command(name, {:add, 1})
    [standby] = servers -- [active]
    assert_known(active, standby, epoch)

    stop(active)
    assert eventually(fn -> Standby.status(standby).role == :active end)
    assert {:ok, 1, later} = command(name, {:add, 0})
    assert later > epoch
  end

  test "one that starts again is a standby, and knows of the epoch" do
    name = unique()
    servers = for _server <- 1..2, do: start(name)
    former = active(servers)
    [standby] = servers -- [former]
    stop(former)
    assert eventually(fn -> Standby.status(standby).role == :active end)
    again = start(name)
    assert %{role: :standby, active: ^standby} = Standby.status(again)
    assert_known(standby, again, Standby.status(standby).epoch)
  end

  test "one that comes later gets the state, too" do
    name = unique()
    first = start(name)
    {:ok, 5, _epoch} = command(name, {:add, 5})
    second = start(name)
    assert eventually(fn -> :sys.get_state(second).state == 5 end)
    stop(first)
    assert eventually(fn -> match?({:ok, 6, _epoch}, command(name, {:add, 1})) end)
  end

  test "the epoch grows by the clock, and without it" do
    one = unique()
    first = start(one, clock: fn -> 1_000 end)
    assert Standby.status(first).epoch == 1_000
    second = start(one, clock: fn -> 500 end)
    assert_known(first, second, 1_000)
    stop(first)
    assert eventually(fn -> Standby.status(second).role == :active end)
    assert Standby.status(second).epoch == 1_001
  end

  test "the active one goes beyond the epoch of a standby that was active elsewhere" do
    server = start(unique(), clock: fn -> 10 end)
    send(server, {:standing_by, self(), 20})
    assert Standby.status(server).epoch == 21
    assert_receive {:hand_over, ^server, 21, _state}, @patience
    send(server, {:standing_by, self(), 5})
    assert Standby.status(server).epoch == 21
  end

  test "of two active ones that of the greater epoch stays, and the other steps down" do
    early = start(unique(), clock: fn -> 10 end)
    late = start(unique(), clock: fn -> 20 end)
    assert Standby.resolve(:any, late, early) == late
    assert %{role: :standby, active: ^late} = Standby.status(early)
    assert Standby.status(late).role == :active
    assert GenServer.call(early, {:command, {:add, 1}}) == {:error, :nobody_active}

    # Dead is the weakest.
    dead = spawn(fn -> :ok end)
    assert Standby.resolve(:any, dead, late) == late
  end

  test "takes a state from the one that is active only" do
    name = unique()
    servers = for _server <- 1..2, do: start(name)
    [standby] = servers -- [active(servers)]
    send(standby, {:hand_over, self(), 9_999_999_999_999_999, :wrong})
    send(standby, {:DOWN, make_ref(), :process, self(), :stray})
    send(standby, :stray)
    assert :sys.get_state(standby).state != :wrong
    assert Standby.status(standby).role == :standby
  end

  test "forgets a standby that is gone" do
    name = unique()
    first = start(name)
    second = start(name)
    assert eventually(fn -> map_size(:sys.get_state(first).standbys) == 1 end)
    stop(second)
    assert eventually(fn -> :sys.get_state(first).standbys == %{} end)
  end

  test "says that nobody is active, that it takes too long, and that the active one was lost" do
    name = unique()
    assert command(name, {:add, 1}) == {:error, :nobody_active}

    server =
      start(name,
        handle: fn
          :crash, _state -> exit(:crash)
          :sleep, _state -> Process.sleep(:infinity)
        end
      )

    assert command(name, :crash) == {:error, :lost}
    assert eventually(fn -> not Process.alive?(server) end)
    start(name, handle: fn :sleep, _state -> Process.sleep(:infinity) end)
    call = Task.async(fn -> Standby.command(name, :sleep, 20) end)
    assert Task.yield(call, @patience) == {:ok, {:error, :timeout}}
  end

  test "says at once what is wrong with its options" do
    assert_raise ArgumentError, ~r/:handle/, fn -> Standby.start_link([]) end
    assert_raise ArgumentError, ~r/:size/, fn -> Standby.start_link(handle: &add/2, size: 1) end
  end

  # All of them on this node, which takes names of their own for the processes; none is restarted.
  defp start(name, options \\ []) do
    usual = [name: name, register_as: unique(), handle: &add/2, initial: 0]
    child = {Standby, Keyword.merge(usual, options)}
    server = start_supervised!(Supervisor.child_spec(child, id: make_ref(), restart: :temporary))
    assert Standby.status(server).role
    server
  end

  defp add({:add, amount}, sum), do: {sum + amount, sum + amount}

  defp command(name, command), do: Standby.command(name, command, @patience)

  defp active(servers), do: Enum.find(servers, &(Standby.status(&1).role == :active))

  # What the active one has sent to a standby has arrived.
  defp assert_known(active, standby, epoch) do
    assert eventually(fn -> map_size(:sys.get_state(active).standbys) > 0 end)
    assert eventually(fn -> Standby.status(standby).epoch == epoch end)
  end

  defp stop(server) do
    monitor = Process.monitor(server)
    Process.exit(server, :kill)
    assert_receive {:DOWN, ^monitor, :process, _pid, :killed}, @patience
  end

  defp unique, do: Module.concat(__MODULE__, "Standby#{System.unique_integer([:positive])}")

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

defmodule Shop.SchedulerClusterTest do
  # It makes a cluster of this node.
  use ExUnit.Case, async: false

  alias Shop.Scheduler, as: Standby

  @moduletag capture_log: true
  @moduletag timeout: 60_000

  @patience 10_000

  test "takes over from another node, and settles who is active after they were apart" do
    {peer, node} = start_peer()
    true = Node.connect(node)
    name = Module.concat(__MODULE__, "Standby")
    child = Standby.child_spec(name: name, handle: &Keyword.pop/2, initial: :a)
    {:ok, there} = :erpc.call(node, :supervisor, :start_child, [:kernel_safe_sup, child])
    assert eventually(fn -> :global.whereis_name({Standby, name}) == there end)
    here = start_supervised!({Standby, name: name, handle: &Keyword.pop/2, initial: :a})
    assert %{role: :standby, active: ^there} = Standby.status(here)
    assert {:ok, 1, first} = Standby.command(name, [a: 1], @patience)
    assert eventually(fn -> Standby.status(here).epoch == first end)

    # Apart, both are active; together again, the one that took over later is.
    part(peer, node)
    assert eventually(fn -> Standby.status(here).role == :active end)
    true = Node.connect(node)
    assert eventually(fn -> Standby.status(there).role == :standby end)
    assert %{role: :active, epoch: second} = Standby.status(here)
    assert second > first

    assert eventually(fn ->
             :erpc.call(node, :global, :whereis_name, [{Standby, name}]) == here
           end)

    # And the other way round, when the node of the active one goes down.
    stop_supervised!(Standby)
    assert eventually(fn -> Standby.status(there).role == :active end)
    again = start_supervised!({Standby, name: name, handle: &Keyword.pop/2, initial: :a})
    assert %{role: :standby, active: ^there} = Standby.status(again)
    assert eventually(fn -> Standby.status(again).epoch == Standby.status(there).epoch end)
    third = Standby.status(there).epoch
    :peer.stop(peer)
    assert eventually(fn -> Standby.status(again).role == :active end)
    assert third > second and Standby.status(again).epoch > third
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
