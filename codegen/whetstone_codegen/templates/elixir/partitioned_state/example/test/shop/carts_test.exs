defmodule Shop.CartsTest do
  use ExUnit.Case, async: true

  alias Shop.Carts, as: State

  @moduletag capture_log: true
  @moduletag timeout: 30_000

  @patience 5_000

  test "keeps, changes and removes values" do
    state = start()
    assert State.fetch(state, :a) == :error
    assert State.put(state, :a, 1) == :ok
    assert State.put(state, :a, 2) == :ok
    assert State.fetch(state, :a) == {:ok, 2}
    assert State.update(state, :a, 0, &(&1 + 5)) == {:ok, 7}
    assert State.update(state, :b, 0, &(&1 + 5)) == {:ok, 5}
    assert State.delete(state, :a) == :ok
    assert State.fetch(state, :a) == :error
    assert State.fetch(state, :b) == {:ok, 5}
  end

  test "always finds the same process for a key" do
    state = start()
    owners = for key <- 1..50, do: State.whereis(state, key)
    assert owners == for(key <- 1..50, do: State.whereis(state, key))
    assert owners |> Enum.uniq() |> length() == 4
  end

  test "spreads keys that have much in common over all partitions" do
    state = start(max_keys: 1_000)
    for number <- 1..400, do: :ok = State.put(state, 4 * number, number)
    counts = State.counts(state)
    assert Enum.sum(counts) == 400
    assert length(counts) == 4
    assert Enum.all?(counts, &(&1 in 50..150))
  end

  test "loses the keys of one partition when that one crashes, and no others" do
    state = start()
    for key <- 1..50, do: :ok = State.put(state, key, key)
    crashed = State.whereis(state, 1)
    {lost, kept} = Enum.split_with(1..50, &(State.whereis(state, &1) == crashed))

    monitor = Process.monitor(crashed)
    Process.exit(crashed, :kill)
    assert_receive {:DOWN, ^monitor, :process, _pid, :killed}, @patience
    assert eventually(fn -> State.whereis(state, 1) not in [nil, crashed] end)

    assert lost != [] and kept != []
    for key <- lost, do: assert(State.fetch(state, key) == :error)
    for key <- kept, do: assert(State.fetch(state, key) == {:ok, key})
    assert State.put(state, 1, :again) == :ok
  end

  test "loses no change when many are made at once" do
    state = start()
    add = fn _number -> State.update(state, :sum, 0, &(&1 + 1)) end
    1..100 |> Task.async_stream(add, max_concurrency: 20, timeout: 20_000) |> Stream.run()
    assert State.fetch(state, :sum) == {:ok, 100}
  end

  test "runs the function of an update in the caller" do
    state = start()
    :ok = State.put(state, :a, 1)
    owner = State.whereis(state, :a)
    assert_raise RuntimeError, fn -> State.update(state, :a, 0, fn _ -> raise "no" end) end
    assert State.fetch(state, :a) == {:ok, 1}
    assert State.whereis(state, :a) == owner
  end

  test "takes no more keys than there is room for" do
    state = start(partitions: 1, max_keys: 2)
    assert State.put(state, :a, 1) == :ok
    assert State.put(state, :b, 1) == :ok
    assert State.put(state, :c, 1) == {:error, :full}
    assert State.update(state, :c, 0, &(&1 + 1)) == {:error, :full}
    assert State.put(state, :b, 2) == :ok
    assert State.delete(state, :a) == :ok
    assert State.put(state, :c, 1) == :ok
    assert State.counts(state) == [2]
  end

  test "goes on after a message that it does not know" do
    state = start()
    :ok = State.put(state, :a, 1)
    send(State.whereis(state, :a), :stray)
    assert State.fetch(state, :a) == {:ok, 1}
  end

  test "lets two of them run side by side" do
    one = start()
    other = start()
    State.put(one, :a, 1)
    assert State.fetch(other, :a) == :error
  end

  test "says at once what is wrong with its options" do
    assert_raise ArgumentError, ~r/:partitions/, fn -> State.start_link(partitions: 0) end
    assert_raise ArgumentError, ~r/:max_keys/, fn -> State.start_link(max_keys: 0) end
    assert_raise ArgumentError, ~r/:size/, fn -> State.start_link(size: 1) end
  end

  defp start(options \\ []) do
    name = Module.concat(__MODULE__, "State#{System.unique_integer([:positive])}")
    usual = [name: name, partitions: 4, max_keys: 100]
    start_supervised!({State, Keyword.merge(usual, options)})
    name
  end

  defp eventually(check, extra \\ 0) do
    until(check, System.monotonic_time(:millisecond) + @patience + extra)
  end

  defp until(check, deadline) do
    cond do
      check.() ->
        true

      System.monotonic_time(:millisecond) > deadline ->
        flunk("this did not come about in time")

      true ->
        Process.sleep(5)
        until(check, deadline)
    end
  end
end
