defmodule Invoices.JobsTest do
  use ExUnit.Case, async: true

  alias Invoices.Jobs

  @moduletag capture_log: true
  @moduletag timeout: 30_000

  @wait 5_000

  setup context do
    name = Module.concat(__MODULE__, "Test#{context.line}")
    start_supervised!({Jobs, name: name})
    {:ok, pool: name}
  end

  describe "jobs" do
    test "give their results, in the order of the items", %{pool: pool} do
      results = Jobs.map(pool, 1..99, &(&1 * 2))
      assert results == for(item <- 1..99, do: {:ok, item * 2})
      assert Jobs.map(pool, [], &(&1 * 2)) == []
    end

    test "that are slow keep their places", %{pool: pool} do
      test = self()

      slow_first = fn
        :slow -> held(test)
        :quick -> send(test, {:quick, self()}) && true
      end

      call(pool, [:slow, :quick], slow_first, max_concurrency: 2)
      slow = receive_held()
      assert_receive {:quick, quick}, @wait
      until(fn -> not Process.alive?(quick) end)
      release(slow)
      assert_receive {:answer, [ok: :released, ok: true]}, @wait
    end

    test "are never more at once than they may be, and as many as that", %{pool: pool} do
      test = self()
      call(pool, 1..9, fn _item -> held(test) end, max_concurrency: 3)

      for _round <- 1..3 do
        held = for _job <- 1..3, do: receive_held()
        assert Task.Supervisor.children(pool) |> length() == 3
        refute_received {:held, _job}
        Enum.each(held, &release/1)
      end

      assert_receive {:answer, _results}, @wait
    end

    test "may not take longer than they may", %{pool: pool} do
      test = self()
      slow = fn item -> if item == :slow, do: held(test), else: item end
      call(pool, [1, :slow, 2], slow, timeout: 50, max_concurrency: 1)
      assert_receive {:answer, results}, @wait
      assert results == [ok: 1, exit: :timeout, ok: 2]
      until(fn -> Task.Supervisor.children(pool) == [] end)
    end
  end

  describe "a job that fails" do
    test "leaves the caller alive, and is one result", %{pool: pool} do
      failures = [
        fn -> exit(:down) end,
        fn -> Process.exit(self(), :kill) end,
        fn -> raise "down" end,
        fn -> throw(:down) end
      ]

      for failure <- failures do
        run = fn item -> if item == :fails, do: failure.(), else: item end
        results = Jobs.map(pool, [1, :fails, 2], run, max_concurrency: 1)
        assert [{:ok, 1}, {:exit, _reason}, {:ok, 2}] = results
      end

      refute_received {:EXIT, _pid, _reason}
    end
  end

  describe "when the pool is stopped," do
    test "jobs that run are let finish", %{pool: pool} do
      test = self()
      call(pool, [1, 2], fn _item -> held(test) end, max_concurrency: 2)
      jobs = for _job <- 1..2, do: receive_held()
      monitors = Enum.map(jobs, &Process.monitor/1)
      stopping = Task.async(fn -> Supervisor.stop(pool) end)

      # They have been asked to stop, and go on.
      for job <- jobs do
        until(fn -> Process.info(job, :messages) != {:messages, []} end)
        release(job)
      end

      for monitor <- monitors do
        assert_receive {:DOWN, ^monitor, :process, _pid, :normal}, @wait
      end

      assert Task.await(stopping, @wait) == :ok
    end
  end

  describe "the process" do
    test "stands beside another one, and is there again after a crash", %{pool: pool} do
      start_supervised!({Jobs, name: Module.concat(pool, Other)})
      before = GenServer.whereis(pool)
      Process.exit(before, :kill)
      until(fn -> GenServer.whereis(pool) not in [nil, before] end)
      assert Jobs.map(pool, [1], & &1) == [ok: 1]
    end

    test "refuses bad arguments in the caller", %{pool: pool} do
      assert_raise FunctionClauseError, fn -> Jobs.map(pool, [1], fn -> :no_argument end) end

      for wrong <- [[max_concurrency: 0], [timeout: 0.5], [timeout: :infinity], [unknown: 1]] do
        assert_raise ArgumentError, fn -> Jobs.map(pool, [1], & &1, wrong) end
      end

      assert_raise ArgumentError, fn -> Jobs.start_link(unknown: 1) end
    end
  end

  # Lets another process wait for the results.
  defp call(pool, items, fun, options) do
    test = self()
    spawn(fn -> send(test, {:answer, Jobs.map(pool, items, fun, options)}) end)
  end

  defp held(test) do
    send(test, {:held, self()})
    receive do: (:release -> :released)
  end

  defp receive_held do
    assert_receive {:held, job}, @wait
    job
  end

  defp release(job), do: send(job, :release)

  defp until(condition, deadline \\ System.monotonic_time(:millisecond) + @wait) do
    cond do
      condition.() -> :ok
      System.monotonic_time(:millisecond) > deadline -> flunk("waited in vain")
      true -> Process.sleep(5) && until(condition, deadline)
    end
  end
end
