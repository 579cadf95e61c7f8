defmodule Shop.PricesTest do
  use ExUnit.Case, async: true

  alias Shop.Prices, as: Cache

  @moduletag capture_log: true
  @moduletag timeout: 30_000

  @wait 5_000

  # The clock stands until it is moved, and begins below zero, as the monotonic time does.
  setup context do
    clock = :atomics.new(1, [])
    :atomics.put(clock, 1, -100_000)
    {:ok, clock: clock, cache: Module.concat(__MODULE__, "Test#{context.line}")}
  end

  describe "an entry" do
    setup :start

    test "is read until its life is over, and not after, swept or not", context do
      %{cache: cache, clock: clock} = context
      assert Cache.get(cache, :key) == :error
      assert Cache.put(cache, :key, 1) == :ok
      assert Cache.put(cache, :settings, 2) == :ok
      move(clock, 999)
      assert Cache.get(cache, :key) == {:ok, 1}
      assert Cache.get(cache, :settings) == {:ok, 2}
      move(clock, 1)
      assert Cache.get(cache, :key) == :error
      assert Cache.size(cache) == 2
      assert Cache.fetch(cache, :key, fn -> {:ok, 3} end) == {:ok, 3}
    end

    test "is read without asking a process", %{cache: cache} do
      Cache.put(cache, :key, 1)
      :sys.suspend(cache)
      reader = Task.async(fn -> Cache.fetch(cache, :key, fn -> flunk("it is there") end) end)
      assert Task.yield(reader, @wait) == {:ok, {:ok, 1}}
      :sys.resume(cache)
    end

    test "begins its life again when it is put again", %{cache: cache, clock: clock} do
      Cache.put(cache, :key, 1)
      move(clock, 999)
      Cache.put(cache, :key, 2)
      move(clock, 999)
      assert Cache.get(cache, :key) == {:ok, 2}
    end

    test "can be deleted", %{cache: cache} do
      Cache.put(cache, :key, 1)
      assert Cache.delete(cache, :key) == :ok
      assert Cache.delete(cache, :key) == :ok
      assert Cache.get(cache, :key) == :error
    end
  end

  test "entries whose life is over are swept, again and again", context do
    %{cache: cache, clock: clock} = start(context, sweep_interval: 1)

    for key <- 1..3 do
      Cache.put(cache, key, key)
      move(clock, 1_000)
      until(fn -> Cache.size(cache) == 0 end)
    end
  end

  describe "the bound" do
    test "is kept: the oldest makes room", context do
      %{cache: cache, clock: clock} = start(context, max_size: 3)
      for key <- 1..3, do: move(clock, 1) && Cache.put(cache, key, key)
      move(clock, 1)
      Cache.put(cache, 3, 3)
      assert Cache.size(cache) == 3
      assert Cache.fetch(cache, 4, fn -> {:ok, 4} end) == {:ok, 4}
      assert Cache.size(cache) == 3
      assert for(key <- 1..4, Cache.get(cache, key) == :error, do: key) == [1]
    end

    test "lets a tenth make room at a time", context do
      %{cache: cache} = start(context, max_size: 100)
      for key <- 1..1_000, do: assert(Cache.put(cache, key, key) == :ok)
      assert Cache.size(cache) in 91..100
    end

    test "counts no entries whose life is over", context do
      %{cache: cache, clock: clock} = start(context, max_size: 2)
      Cache.put(cache, 1, 1)
      move(clock, 500)
      Cache.put(cache, 2, 2)
      move(clock, 499)
      assert Cache.get(cache, 1) == {:ok, 1}
      move(clock, 1)
      Cache.put(cache, 3, 3)
      assert Cache.get(cache, 2) == {:ok, 2}
    end
  end

  describe "a load" do
    setup :start

    test "runs for a missing key only", %{cache: cache} do
      assert Cache.fetch(cache, :key, fn -> {:ok, 1} end) == {:ok, 1}
      assert Cache.fetch(cache, :key, fn -> flunk("it is there") end) == {:ok, 1}
    end

    test "runs once for fifty who ask at once", %{cache: cache} do
      test = self()
      load = fn -> held(test) end
      tasks = for _caller <- 1..50, do: Task.async(fn -> Cache.fetch(cache, :key, load) end)
      loader = receive_held()
      until(fn -> waiting(cache) == 50 end)
      send(loader, {:return, {:ok, 1}})
      assert Task.await_many(tasks, @wait) == List.duplicate({:ok, 1}, 50)
      refute_received {:held, _other}
    end

    test "does not run again for whoever asked when it was just done", %{cache: cache} do
      Cache.put(cache, :key, 1)
      late = {:load, :key, fn -> flunk("it is there") end}
      assert GenServer.call(cache, late, @wait) == {:ok, 1}
    end

    test "holds up neither other keys nor reads", %{cache: cache} do
      {slow, loader} = loading(cache, :slow)
      assert Cache.fetch(cache, :quick, fn -> {:ok, 1} end) == {:ok, 1}
      assert Cache.get(cache, :slow) == :error
      send(loader, {:return, {:ok, 2}})
      assert Task.await(slow, @wait) == {:ok, 2}
    end

    test "that returns an error is not kept", %{cache: cache} do
      assert Cache.fetch(cache, :key, fn -> {:error, :down} end) == {:error, :down}
      assert Cache.fetch(cache, :key, fn -> :odd end) == {:error, {:bad_return, :odd}}
      assert Cache.fetch(cache, :key, fn -> {:ok, 1} end) == {:ok, 1}
    end

    test "that crashes is an error for all who wait, and the next one loads again", context do
      %{cache: cache} = context
      {first, loader} = loading(cache, :key)
      second = Task.async(fn -> Cache.fetch(cache, :key, fn -> flunk("one is running") end) end)
      until(fn -> waiting(cache) == 2 end)
      send(loader, :crash)

      for task <- [first, second] do
        assert Task.await(task, @wait) == {:error, {:exit, :crashed}}
      end

      assert Cache.fetch(cache, :key, fn -> {:ok, 1} end) == {:ok, 1}
    end

    test "does not overwrite what was put meanwhile", %{cache: cache} do
      {task, loader} = loading(cache, :key)
      Cache.put(cache, :key, :newer)
      send(loader, {:return, {:ok, :older}})
      assert Task.await(task, @wait) == {:ok, :older}
      assert Cache.get(cache, :key) == {:ok, :newer}
    end

    test "does not bring back what was deleted meanwhile", %{cache: cache} do
      {first, old_loader} = loading(cache, :key)
      Cache.delete(cache, :key)
      {second, new_loader} = loading(cache, :key)
      send(old_loader, {:return, {:ok, :older}})
      assert Task.await(first, @wait) == {:ok, :older}
      assert Cache.get(cache, :key) == :error

      third = Task.async(fn -> Cache.fetch(cache, :key, fn -> flunk("one is running") end) end)
      until(fn -> waiting(cache) == 2 end)
      send(new_loader, {:return, {:ok, :newer}})
      assert Task.await_many([second, third], @wait) == [{:ok, :newer}, {:ok, :newer}]
      assert Cache.get(cache, :key) == {:ok, :newer}
    end
  end

  test "a load that takes too long is killed, and the next one loads again", context do
    %{cache: cache} = start(context, load_timeout: 20)
    {task, loader} = loading(cache, :key)
    monitor = Process.monitor(loader)
    assert Task.await(task, @wait) == {:error, :timeout}
    assert_receive {:DOWN, ^monitor, :process, ^loader, _killed}, @wait
    assert Cache.fetch(cache, :key, fn -> {:ok, 1} end) == {:ok, 1}
  end

  describe "the processes" do
    setup :start

    test "keep the table when the loader crashes", %{cache: cache} do
      Cache.put(cache, :key, 1)
      loader = GenServer.whereis(cache)
      Process.exit(loader, :kill)
      until(fn -> GenServer.whereis(cache) not in [nil, loader] end)
      assert Cache.get(cache, :key) == {:ok, 1}
      assert Cache.fetch(cache, :other, fn -> {:ok, 2} end) == {:ok, 2}
    end

    test "begin empty when all of them crash, under the same name", context do
      %{cache: cache, pid: pid} = context
      Cache.put(cache, :key, 1)
      loader = GenServer.whereis(cache)
      Supervisor.stop(pid, :crashed)
      until(fn -> GenServer.whereis(cache) not in [nil, loader] end)
      assert Cache.fetch(cache, :key, fn -> {:ok, 2} end) == {:ok, 2}
    end

    test "begin empty when the owner of the table crashes", %{cache: cache} do
      Cache.put(cache, :key, 1)
      loader = GenServer.whereis(cache)
      Process.exit(:ets.info(cache, :owner), :kill)
      until(fn -> GenServer.whereis(cache) not in [nil, loader] end)
      assert Cache.get(cache, :key) == :error
      assert Cache.fetch(cache, :key, fn -> {:ok, 2} end) == {:ok, 2}
    end

    test "stand beside those of another one", %{cache: cache} do
      other = Module.concat(cache, Other)
      start_supervised!({Cache, name: other})
      Cache.put(other, :key, 1)
      assert Cache.get(cache, :key) == :error
      assert Cache.get(other, :key) == {:ok, 1}
    end

    test "refuse bad arguments in the caller, and live on", %{cache: cache} do
      loader = GenServer.whereis(cache)
      assert_raise FunctionClauseError, fn -> Cache.fetch(cache, :key, & &1) end
      assert_raise FunctionClauseError, fn -> Cache.get("cache", :key) end

      for wrong <- [[ttl: 0], [max_size: 1.5], [name: nil], [unknown: 1]] do
        assert_raise ArgumentError, fn -> Cache.start_link(wrong) end
      end

      send(loader, :hello)
      send(loader, {:timeout, make_ref(), :sweep})
      Cache.put(cache, :key, 1)
      assert GenServer.whereis(cache) == loader
    end
  end

  defp start(%{cache: cache, clock: clock} = context, options \\ []) do
    options = [name: cache, ttl: 1_000, clock: fn -> :atomics.get(clock, 1) end] ++ options
    Map.put(context, :pid, start_supervised!({Cache, options}))
  end

  defp move(clock, milliseconds), do: :atomics.add(clock, 1, milliseconds)

  # Somebody who waits for a load, and the process that loads until it is told what to return.
  defp loading(cache, key) do
    test = self()
    task = Task.async(fn -> Cache.fetch(cache, key, fn -> held(test) end) end)
    {task, receive_held()}
  end

  defp held(test) do
    send(test, {:held, self()})

    receive do
      {:return, result} -> result
      :crash -> exit(:crashed)
    end
  end

  defp receive_held do
    assert_receive {:held, loader}, @wait
    loader
  end

  defp waiting(cache) do
    loads = Map.values(:sys.get_state(cache).loads)
    loads |> Enum.filter(& &1.keep) |> Enum.map(&length(&1.waiting)) |> Enum.sum()
  end

  defp until(condition, deadline \\ System.monotonic_time(:millisecond) + @wait) do
    cond do
      condition.() -> :ok
      System.monotonic_time(:millisecond) > deadline -> flunk("waited in vain")
      true -> Process.sleep(5) && until(condition, deadline)
    end
  end
end
