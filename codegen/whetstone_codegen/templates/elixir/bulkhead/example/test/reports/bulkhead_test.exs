defmodule Reports.BulkheadTest do
  use ExUnit.Case, async: true

  alias Reports.Bulkhead

  @moduletag capture_log: true
  @moduletag timeout: 30_000

  @wait 5_000

  describe "a permit" do
    test "lets a function run, and comes back whatever becomes of it" do
      bulkhead = start(limit: 1, max_waiting: 1)
      assert Bulkhead.run(bulkhead, fn -> :done end) == {:ok, :done}
      assert_raise RuntimeError, fn -> Bulkhead.run(bulkhead, fn -> raise "down" end) end
      assert catch_throw(Bulkhead.run(bulkhead, fn -> throw(:down) end)) == :down
      assert catch_exit(Bulkhead.run(bulkhead, fn -> exit(:down) end)) == :down
      assert Bulkhead.run(bulkhead, fn -> Bulkhead.status(bulkhead).held end) == {:ok, 1}
      assert Bulkhead.status(bulkhead).held == 0
    end

    test "comes back when its holder is killed" do
      bulkhead = start(limit: 1)
      {holder, _monitor} = hold(bulkhead)
      Process.exit(holder, :kill)
      until(fn -> Bulkhead.status(bulkhead).held == 0 end)
      assert Bulkhead.run(bulkhead, fn -> :done end) == {:ok, :done}
    end

    test "is not lost in a thousand crashes" do
      bulkhead = start(limit: 3, max_waiting: 1_000)
      crashes = [&exit/1, &throw/1, &Process.exit(self(), &1), fn _reason -> :done end]

      callers =
        for number <- 1..1_000 do
          crash = Enum.at(crashes, rem(number, 4))
          run = fn -> Bulkhead.run(bulkhead, fn -> crash.(:kill) end, 60_000) end
          {_pid, monitor} = spawn_monitor(fn -> caught(run) end)
          monitor
        end

      for monitor <- callers, do: assert_receive({:DOWN, ^monitor, _, _, _}, @wait)
      until(fn -> Bulkhead.status(bulkhead).held == 0 end)
    end
  end

  describe "the limit" do
    test "is never passed" do
      bulkhead = start(limit: 3, max_waiting: 100)
      inside = :counters.new(1, [])
      test = self()

      callers =
        for _caller <- 1..50 do
          Task.async(fn ->
            Bulkhead.run(bulkhead, fn ->
              :counters.add(inside, 1, 1)
              send(test, {:inside, :counters.get(inside, 1)})
              :erlang.yield()
              :counters.sub(inside, 1, 1)
            end)
          end)
        end

      answers = Task.await_many(callers, @wait)
      assert answers == List.duplicate({:ok, :ok}, 50)
      assert Enum.max(received()) <= 3
    end

    test "refuses one more at once, without running it" do
      bulkhead = start(limit: 2, max_waiting: 1)
      holders = for _permit <- 1..2, do: hold(bulkhead)
      waiter = wait(bulkhead)

      # All the others are still there, so it cannot have waited for one of them.
      assert Bulkhead.run(bulkhead, fn -> send(self(), :ran) end) == {:error, :full}
      refute_received :ran
      assert Bulkhead.status(bulkhead) == %{held: 2, limit: 2, waiting: 1}

      Enum.each(holders, &let_go/1)
      assert_answer(waiter, {:ok, :done})
      until(fn -> Bulkhead.status(bulkhead).held == 0 end)
    end
  end

  describe "waiting" do
    test "ends with a permit, for the oldest first" do
      bulkhead = start(limit: 1)
      holder = hold(bulkhead)
      first = wait(bulkhead)
      second = wait(bulkhead)
      let_go(holder)
      assert_answer(first, {:ok, :done})
      assert_answer(second, {:ok, :done})
      assert [^first, ^second] = order()
    end

    test "ends with a permit when the holder is killed" do
      bulkhead = start(limit: 1)
      {holder, _monitor} = hold(bulkhead)
      waiter = wait(bulkhead)
      Process.exit(holder, :kill)
      assert_answer(waiter, {:ok, :done})
    end

    test "ends after a time, and then there is no permit for it" do
      bulkhead = start(limit: 1)
      holder = hold(bulkhead)
      assert Bulkhead.run(bulkhead, fn -> send(self(), :ran) end, 1) == {:error, :timeout}
      assert GenServer.call(bulkhead, {:acquire, make_ref(), 1}) == {:error, :timeout}
      assert Bulkhead.status(bulkhead).waiting == 0
      let_go(holder)
      assert Bulkhead.status(bulkhead).held == 0
      refute_received :ran
    end

    test "is over for a caller that is killed" do
      bulkhead = start(limit: 1)
      holder = hold(bulkhead)
      Process.exit(wait(bulkhead), :kill)
      until(fn -> Bulkhead.status(bulkhead).waiting == 0 end)
      let_go(holder)
      assert Bulkhead.status(bulkhead).held == 0
    end

    test "is over for a caller that gives up" do
      bulkhead = start(limit: 1)
      holder = hold(bulkhead)
      permit = make_ref()
      request = {:acquire, permit, 60_000}
      assert catch_exit(GenServer.call(bulkhead, request, 0))
      GenServer.cast(bulkhead, {:release, permit})
      assert Bulkhead.status(bulkhead).waiting == 0
      let_go(holder)
      assert Bulkhead.status(bulkhead).held == 0
    end
  end

  describe "the process" do
    test "is found by a name, through a registry, or by its pid" do
      start_supervised!({Registry, keys: :unique, name: __MODULE__.Names})

      for name <- [__MODULE__.First, {:via, Registry, {__MODULE__.Names, :second}}] do
        pid = start_supervised!({Bulkhead, name: name})
        assert GenServer.whereis(name) == pid
        assert Bulkhead.run(name, fn -> :done end) == {:ok, :done}
      end

      assert Bulkhead.run(start(), fn -> :done end) == {:ok, :done}
    end

    test "has all permits free after a restart, under the same name" do
      name = __MODULE__.Restarted
      pid = start_supervised!({Bulkhead, name: name, limit: 1})
      hold(name)
      Process.exit(pid, :kill)
      until(fn -> GenServer.whereis(name) not in [nil, pid] end)
      assert Bulkhead.status(name) == %{held: 0, limit: 1, waiting: 0}
    end

    test "refuses bad arguments in the caller, and lives on" do
      bulkhead = start()
      assert_raise FunctionClauseError, fn -> Bulkhead.run(bulkhead, fn _one -> :done end) end
      assert_raise FunctionClauseError, fn -> Bulkhead.run(bulkhead, fn -> :done end, 0) end
      assert Bulkhead.status(bulkhead).held == 0

      for wrong <- [[limit: 0], [limit: 1.5], [max_waiting: 0], [unknown: 1]] do
        assert_raise ArgumentError, fn -> Bulkhead.start_link([name: nil] ++ wrong) end
      end
    end

    test "survives messages it does not know" do
      bulkhead = start()
      send(bulkhead, :hello)
      GenServer.cast(bulkhead, {:release, make_ref()})
      assert Bulkhead.status(bulkhead).held == 0
    end
  end

  defp start(options \\ []) do
    options = [name: nil] ++ options
    start_supervised!(Supervisor.child_spec({Bulkhead, options}, id: make_ref()))
  end

  # A caller in a process of its own that holds a permit until it is let go.
  defp hold(bulkhead) do
    test = self()

    caller =
      spawn_monitor(fn ->
        Bulkhead.run(bulkhead, fn ->
          send(test, {:held, self()})
          receive do: (:go -> :ok)
        end)
      end)

    {pid, _monitor} = caller
    assert_receive {:held, ^pid}, @wait
    caller
  end

  defp let_go({pid, monitor}) do
    send(pid, :go)
    assert_receive {:DOWN, ^monitor, :process, ^pid, _reason}, @wait
  end

  # A caller in a process of its own that waits for a permit already.
  defp wait(bulkhead) do
    test = self()
    waiting = Bulkhead.status(bulkhead).waiting

    pid =
      spawn(fn ->
        run = fn -> send(test, {:order, self()}) && :done end
        send(test, {:answer, self(), Bulkhead.run(bulkhead, run, 60_000)})
      end)

    until(fn -> Bulkhead.status(bulkhead).waiting == waiting + 1 end)
    pid
  end

  defp assert_answer(caller, answer), do: assert_receive({:answer, ^caller, ^answer}, @wait)

  defp order do
    receive do
      {:order, caller} -> [caller | order()]
    after
      0 -> []
    end
  end

  # Without the report that a crash would print.
  defp caught(fun) do
    fun.()
  catch
    _kind, _reason -> :caught
  end

  defp received do
    receive do
      {:inside, count} -> [count | received()]
    after
      0 -> []
    end
  end

  defp until(condition, deadline \\ System.monotonic_time(:millisecond) + @wait) do
    cond do
      condition.() -> :ok
      System.monotonic_time(:millisecond) > deadline -> flunk("waited in vain")
      true -> Process.sleep(5) && until(condition, deadline)
    end
  end
end
