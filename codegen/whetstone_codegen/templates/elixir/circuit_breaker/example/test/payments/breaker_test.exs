defmodule Payments.BreakerTest do
  use ExUnit.Case, async: true

  alias Payments.Breaker

  @moduletag capture_log: true
  @moduletag timeout: 30_000

  @wait 5_000
  @limits [max_failures: 3, reset_timeout: 60_000, probes: 3, probe_timeout: 60_000]

  describe "closed" do
    test "gives back what the function returns, raises, throws or exits with" do
      breaker = start()
      assert Breaker.call(breaker, fn -> {:ok, 1} end) == {:ok, 1}
      assert_raise RuntimeError, "down", fn -> Breaker.call(breaker, fn -> raise "down" end) end
      assert catch_throw(Breaker.call(breaker, fn -> throw(:down) end)) == :down
      assert catch_exit(Breaker.call(breaker, fn -> exit(:down) end)) == :down
    end

    test "opens at the last of max_failures in a row, and not before" do
      breaker = start()
      fail(breaker, 2)
      assert Breaker.state(breaker) == :closed
      fail(breaker, 1)
      assert Breaker.state(breaker) == :open
    end

    test "forgets failures after a success" do
      breaker = start()
      fail(breaker, 2)
      succeed(breaker, 1)
      fail(breaker, 2)
      assert Breaker.state(breaker) == :closed
    end

    test "counts every kind of failure" do
      for failure <- failures() do
        breaker = start()
        fail(breaker, 4, failure)
        assert Breaker.state(breaker) == :open
      end
    end

    test "counts nothing else" do
      breaker = start()

      for result <- harmless(), _again <- 1..4 do
        assert Breaker.call(breaker, fn -> result end) == result
      end

      assert Breaker.state(breaker) == :closed
    end
  end

  describe "open" do
    test "does not run the function" do
      breaker = start()
      fail(breaker, 4)
      assert Breaker.call(breaker, fn -> send(self(), :ran) end) == {:error, :open}
      refute_received :ran
    end

    test "lets probes through after a while" do
      assert Breaker.state(half_open()) == :half_open
    end

    test "ignores results of calls that began before it opened" do
      breaker = start(reset_timeout: 1)
      early = for _caller <- 1..8, do: hold(breaker)
      half_open(breaker)

      early |> Enum.take(4) |> Enum.each(&let_go(&1, :fail))
      assert Breaker.state(breaker) == :half_open

      succeed(breaker, 3)
      assert Breaker.state(breaker) == :closed

      early |> Enum.drop(4) |> Enum.each(&let_go(&1, :fail))
      assert Breaker.state(breaker) == :closed
    end
  end

  describe "half-open" do
    test "runs exactly as many of ten calls as there are probes" do
      breaker = half_open()
      test = self()

      for _caller <- 1..10 do
        spawn_link(fn -> send(test, {:answer, Breaker.call(breaker, fn -> held(test) end)}) end)
      end

      probes = for _probe <- 1..3, do: receive_held()
      for _refused <- 1..7, do: assert_receive({:answer, {:error, :open}}, @wait)
      assert Breaker.state(breaker) == :half_open

      for probe <- probes, do: send(probe, :succeed)
      for _probe <- 1..3, do: assert_receive({:answer, :ok}, @wait)
      refute_received {:held, _pid}
      assert Breaker.state(breaker) == :closed
    end

    test "closes when all probes succeeded, and not before" do
      breaker = half_open()
      succeed(breaker, 2)
      assert Breaker.state(breaker) == :half_open
      succeed(breaker, 1)
      assert Breaker.state(breaker) == :closed
    end

    test "counts anew after it has closed" do
      breaker = half_open()
      succeed(breaker, 3)
      fail(breaker, 2)
      assert Breaker.state(breaker) == :closed
    end

    test "opens again when a probe fails, whatever becomes of the others" do
      breaker = half_open()
      other = hold(breaker)
      fail(breaker, 1)
      assert Breaker.state(breaker) == :open
      let_go(other, :succeed)
      assert Breaker.state(breaker) == :open
    end

    test "opens again when a probe is killed" do
      breaker = half_open()
      {probe, _monitor} = hold(breaker)
      Process.exit(probe, :kill)
      until(fn -> Breaker.state(breaker) == :open end)
    end

    test "opens again when a probe says nothing" do
      breaker = half_open(start(reset_timeout: 1, probe_timeout: 10))
      probe = hold(breaker)
      until(fn -> Breaker.state(breaker) == :open end)
      let_go(probe, :succeed)
      assert Breaker.state(breaker) == :open
    end

    test "waits for the next probe as long as it takes" do
      breaker = half_open(start(reset_timeout: 1, probe_timeout: 20))
      succeed(breaker, 1)

      # When the longer time of another one is over, so is that of the first.
      other = half_open(start(reset_timeout: 1, probe_timeout: 40))
      hold(other)
      until(fn -> Breaker.state(other) == :open end)
      assert Breaker.state(breaker) == :half_open
    end
  end

  describe "the process" do
    test "is found by a name, through a registry, or by its pid" do
      start_supervised!({Registry, keys: :unique, name: __MODULE__.Names})

      for name <- [__MODULE__.First, {:via, Registry, {__MODULE__.Names, :second}}] do
        pid = start_supervised!({Breaker, name: name})
        assert GenServer.whereis(name) == pid
        assert Breaker.call(name, fn -> :ok end) == :ok
      end

      assert Breaker.call(start(), fn -> :ok end) == :ok
    end

    test "is closed after a restart, under the same name" do
      name = __MODULE__.Restarted
      pid = start_supervised!({Breaker, [name: name] ++ @limits})
      fail(name, 4)
      Process.exit(pid, :kill)
      until(fn -> GenServer.whereis(name) not in [nil, pid] end)
      assert Breaker.state(name) == :closed
    end

    test "refuses bad arguments in the caller, and lives on" do
      breaker = start()
      assert_raise FunctionClauseError, fn -> Breaker.call(breaker, fn _argument -> :ok end) end
      assert Breaker.state(breaker) == :closed

      for wrong <- [[probes: 0], [reset_timeout: 0.5], [probe_timeout: nil], [unknown: 1]] do
        assert_raise ArgumentError, fn -> Breaker.start_link([name: nil] ++ wrong) end
      end

      assert_raise ArgumentError, fn -> Breaker.start_link(name: nil, max_failures: 0) end
    end

    test "survives messages it does not know" do
      breaker = start()
      send(breaker, :hello)
      assert Breaker.state(breaker) == :closed
    end
  end

  defp start(options \\ []) do
    options = [name: nil] ++ Keyword.merge(@limits, options)
    start_supervised!(Supervisor.child_spec({Breaker, options}, id: make_ref()))
  end

  defp half_open(breaker \\ start(reset_timeout: 1)) do
    fail(breaker, 4)
    until(fn -> Breaker.state(breaker) == :half_open end)

    # It was open for a moment only, and from now on stays open when it opens.
    :sys.replace_state(breaker, fn {state, data} -> {state, %{data | reset_timeout: 60_000}} end)
    breaker
  end

  defp failures, do: [fn -> :error end, fn -> {:error, :down} end | crashes()]

  defp harmless, do: [:ok, {:ok, :error}, nil, false]

  defp crashes, do: [fn -> raise "down" end, fn -> throw(:down) end, fn -> exit(:down) end]

  defp succeed(breaker, times) do
    for _time <- 1..times, do: assert(Breaker.call(breaker, fn -> :ok end) == :ok)
  end

  defp fail(breaker, times, failure \\ fn -> raise "down" end) do
    for _time <- 1..times do
      try do
        Breaker.call(breaker, failure)
      catch
        _kind, _reason -> :failed
      end
    end
  end

  # A call that runs in a process of its own until it is let go.
  defp hold(breaker) do
    test = self()
    caller = spawn_monitor(fn -> Breaker.call(breaker, fn -> held(test) end) end)
    receive_held()
    caller
  end

  defp held(test) do
    send(test, {:held, self()})

    receive do
      :succeed -> :ok
      :fail -> exit(:down)
    end
  end

  defp receive_held do
    assert_receive {:held, pid}, @wait
    pid
  end

  defp let_go({pid, monitor}, how) do
    send(pid, how)
    assert_receive {:DOWN, ^monitor, :process, ^pid, _reason}, @wait
  end

  defp until(condition, deadline \\ System.monotonic_time(:millisecond) + @wait) do
    cond do
      condition.() -> :ok
      System.monotonic_time(:millisecond) > deadline -> flunk("waited in vain")
      true -> Process.sleep(5) && until(condition, deadline)
    end
  end
end
