defmodule Ledger.BalancesTest do
  use ExUnit.Case, async: true

  alias Ledger.Balances, as: Subject

  @moduletag timeout: 30_000

  test "gives what was put, and knows what it does not have" do
    agent = start()
    assert Subject.fetch(agent, :a) == :error
    assert Subject.put(agent, :a, 1) == :ok
    assert Subject.put(agent, :a, 2) == :ok
    assert Subject.fetch(agent, :a) == {:ok, 2}
    assert Subject.size(agent) == 1
    assert Subject.delete(agent, :a) == :ok
    assert Subject.delete(agent, :a) == :ok
    assert Subject.fetch(agent, :a) == :error
    assert Subject.size(agent) == 0
  end

  test "refuses new keys when it is full, and only those" do
    agent = start(initial: %{a: 1, b: 1}, max_size: 2)
    assert Subject.put(agent, :c, 1) == {:error, :full}
    assert Subject.update(agent, :c, 1, & &1) == {:error, :full}
    assert Subject.fetch(agent, :c) == :error
    assert Subject.size(agent) == 2
    assert Subject.put(agent, :a, 2) == :ok
    assert Subject.fetch(agent, :a) == {:ok, 2}
    assert Subject.delete(agent, :b) == :ok
    assert Subject.put(agent, :c, 3) == :ok
  end

  test "loses no change of a hundred processes" do
    agent = start()

    1..100
    |> Enum.map(fn _ -> Task.async(fn -> change(agent, :a) end) end)
    |> Task.await_many(10_000)

    assert Subject.fetch(agent, :a) == {:ok, 100}
  end

  test "answers others while somebody's function takes its time, and hears of their changes" do
    agent = start(initial: %{a: 1})
    test = self()

    slow = fn value ->
      send(test, {:begun, self(), value})
      receive do: (:go_on -> value + 1)
    end

    task = Task.async(fn -> Subject.update(agent, :a, 0, slow) end)
    assert_receive {:begun, pid, 1}, 5_000
    assert pid == task.pid
    assert Subject.put(agent, :a, 10) == :ok
    send(task.pid, :go_on)
    assert_receive {:begun, ^pid, 10}, 5_000
    send(task.pid, :go_on)
    assert Task.await(task, 10_000) == :ok
    assert Subject.fetch(agent, :a) == {:ok, 11}
  end

  test "lives on when a function raises in its caller" do
    agent = start(initial: %{a: 1})
    assert_raise RuntimeError, fn -> Subject.update(agent, :a, 0, fn _ -> raise "no" end) end
    assert_raise FunctionClauseError, fn -> Subject.update(agent, :a, 0, :no_function) end
    assert Subject.fetch(agent, :a) == {:ok, 1}
  end

  test "is started only with what it knows, or the caller is told" do
    assert_raise ArgumentError, fn -> start_link(unknown: 1) end
    assert_raise ArgumentError, fn -> start_link(initial: :nothing) end
    assert_raise ArgumentError, fn -> start_link(max_size: 0) end
    assert_raise ArgumentError, fn -> start_link(max_size: 1, initial: %{a: 1, b: 2}) end
  end

  test "begins anew after a crash" do
    tree = start_tree(initial: %{a: 1})
    agent = child(tree)
    assert Subject.put(agent, :a, 2) == :ok
    Process.exit(agent, :kill)

    again =
      eventually(fn ->
        again = child(tree)
        assert is_pid(again) and again != agent
        again
      end)

    assert Subject.fetch(again, :a) == {:ok, 1}
  end

  test "is told how to restart and stop" do
    assert %{restart: :permanent, shutdown: 5_000} = Subject.child_spec([])
  end

  test "is found by its name, and others run beside it" do
    # The application may run it under its name already.
    named = for nil <- [Process.whereis(Subject)], do: Subject
    start_supervised!(tree(named ++ [{Subject, name: nil}]))
    key = make_ref()
    assert Subject.put(key, 1) == :ok
    assert Subject.fetch(key) == {:ok, 1}
    assert Subject.delete(key) == :ok
  end

  defp change(agent, key) do
    Subject.update(agent, key, 0, &(&1 + 1))
  end

  defp start(options \\ []) do
    {:ok, agent} = start_link(options)
    agent
  end

  defp start_link(options), do: Subject.start_link([name: nil] ++ options)

  defp start_tree(options) do
    start_supervised!(tree([{Subject, [name: nil] ++ options}]))
  end

  defp tree(children) do
    start = {Supervisor, :start_link, [children, [strategy: :one_for_one]]}
    %{id: :tree, start: start, type: :supervisor}
  end

  defp child(tree) do
    [{_id, agent, _type, _modules}] = Supervisor.which_children(tree)
    agent
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
