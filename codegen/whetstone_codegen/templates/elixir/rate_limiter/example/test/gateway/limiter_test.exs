defmodule Gateway.LimiterTest do
  use ExUnit.Case, async: true

  alias Gateway.Limiter

  @moduletag capture_log: true
  @moduletag timeout: 30_000

  @wait 5_000
  @one_an_hour [limit: 1, burst: 1, window: 3_600_000]

  # The clock stands until it is moved, and begins below zero, as the monotonic time does.
  setup context do
    clock = :atomics.new(1, [])
    :atomics.put(clock, 1, -100_000)
    {:ok, clock: clock, name: Module.concat(__MODULE__, "Test#{context.line}")}
  end

  describe "a bucket of 5, into which 10 fall in a second," do
    setup :bucket

    test "has tokens for a burst, and no more", %{name: limiter} do
      for _request <- 1..5, do: assert(Limiter.take(limiter, :key) == :ok)
      assert Limiter.take(limiter, :key) == {:error, {:retry_after, 100}}
    end

    test "is refilled one by one", %{name: limiter, clock: clock} do
      assert granted(limiter, :key, 9) == 5
      move(clock, 99)
      assert granted(limiter, :key, 9) == 0
      move(clock, 1)
      assert granted(limiter, :key, 9) == 1
      move(clock, 300)
      assert granted(limiter, :key, 9) == 3
    end

    test "holds no more than a burst, however long it was quiet", %{name: limiter, clock: clock} do
      assert granted(limiter, :key, 1) == 1
      move(clock, 1_000_000)
      assert granted(limiter, :key, 99) == 5
    end

    test "says when there is a token again", %{name: limiter, clock: clock} do
      assert granted(limiter, :key, 5) == 5
      move(clock, 42)
      assert {:error, {:retry_after, wait}} = Limiter.take(limiter, :key)
      assert wait == 58
      move(clock, wait - 1)
      assert {:error, {:retry_after, 1}} = Limiter.take(limiter, :key)
      move(clock, 1)
      assert Limiter.take(limiter, :key) == :ok
    end

    test "loses nothing to requests that are refused", %{name: limiter, clock: clock} do
      assert granted(limiter, :key, 1_000) == 5
      move(clock, 100)
      assert Limiter.take(limiter, :key) == :ok
    end

    test "is swept when it is full again, and not before", %{name: limiter, clock: clock} do
      assert granted(limiter, :one, 1) == 1
      assert granted(limiter, :two, 5) == 5
      assert Limiter.sweep(limiter) == 0
      move(clock, 100)
      assert Limiter.sweep(limiter) == 1
      assert Limiter.size(limiter) == 1
      assert granted(limiter, :two, 5) == 1
      assert granted(limiter, :one, 9) == 5
    end
  end

  describe "keys" do
    setup :bucket

    test "do not share anything", %{name: limiter} do
      most = granted(limiter, :one, 99)
      assert granted(limiter, :two, 99) == most
      assert granted(limiter, {:bucket, :one}, 99) == most
      assert granted(limiter, :settings, 99) == most
    end

    test "get exactly their limit from fifty tasks at once", %{name: limiter} do
      most = granted(limiter, :alone, 99)

      for round <- 1..20 do
        answers =
          1..50
          |> Enum.map(fn _task -> Task.async(fn -> Limiter.take(limiter, round) end) end)
          |> Task.await_many(@wait)

        assert Enum.count(answers, &(&1 == :ok)) == most
      end
    end
  end

  describe "the table" do
    test "has no more rows than it may have, and serves those it has", context do
      %{name: limiter} = start(context, max_keys: 3)
      for key <- 1..3, do: assert(Limiter.take(limiter, key) == :ok)
      for key <- 4..99, do: assert(Limiter.take(limiter, key) == {:error, :too_many_keys})
      assert Limiter.take(limiter, 1) == :ok
      assert Limiter.size(limiter) == 3
    end

    test "is swept by itself, again and again", context do
      %{name: limiter, clock: clock} = start(context, sweep_interval: 1)

      for key <- 1..3 do
        assert Limiter.take(limiter, key) == :ok
        move(clock, 10_000)
        until(fn -> Limiter.size(limiter) == 0 end)
      end
    end
  end

  describe "the process" do
    test "stands beside another one that has its own name", %{name: name} do
      names = [Module.concat(name, First), Module.concat(name, Second)]
      for name <- names, do: start_supervised!({Limiter, [name: name] ++ @one_an_hour})
      for name <- names, do: assert(granted(name, :key, 2) == 1)
    end

    test "counts by the monotonic time unless it is given a clock", %{name: name} do
      start_supervised!({Limiter, [name: name] ++ @one_an_hour})
      assert Limiter.take(name, :key) == :ok
      assert {:error, {:retry_after, wait}} = Limiter.take(name, :key)
      assert wait in 1..3_600_000
    end

    test "has counted nothing after a restart, under the same name", context do
      %{name: limiter, pid: pid} = start(context)
      granted(limiter, :key, 99)
      Process.exit(pid, :kill)
      until(fn -> GenServer.whereis(limiter) not in [nil, pid] end)
      assert Limiter.size(limiter) == 0
      assert Limiter.take(limiter, :key) == :ok
    end

    test "refuses bad arguments in the caller", context do
      %{name: limiter, pid: pid} = start(context)
      assert_raise FunctionClauseError, fn -> Limiter.take("limiter", :key) end
      assert GenServer.whereis(limiter) == pid

      for wrong <- [
            [limit: 0],
            [window: 0.5],
            [burst: 0],
            [max_keys: 0],
            [name: nil],
            [unknown: 1]
          ] do
        assert_raise ArgumentError, fn -> Limiter.start_link(wrong) end
      end
    end

    test "survives messages it does not know", context do
      %{name: limiter, pid: pid} = start(context)
      send(pid, {:timeout, make_ref(), :sweep})
      assert Limiter.sweep(limiter) == 0
      assert GenServer.whereis(limiter) == pid
    end
  end

  defp bucket(context), do: start(context)

  defp start(%{name: name, clock: clock} = context, options \\ []) do
    options = [clock: fn -> :atomics.get(clock, 1) end] ++ options
    options = [name: name, limit: 10, window: 1_000, burst: 5] ++ options
    Map.put(context, :pid, start_supervised!({Limiter, options}))
  end

  defp move(clock, milliseconds), do: :atomics.add(clock, 1, milliseconds)

  # How many of so many requests it lets through.
  defp granted(limiter, key, requests) do
    Enum.count(1..requests, fn _request -> Limiter.take(limiter, key) == :ok end)
  end

  defp until(condition, deadline \\ System.monotonic_time(:millisecond) + @wait) do
    cond do
      condition.() -> :ok
      System.monotonic_time(:millisecond) > deadline -> flunk("waited in vain")
      true -> Process.sleep(5) && until(condition, deadline)
    end
  end
end
