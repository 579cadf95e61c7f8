defmodule Shop.PoolTest do
  use ExUnit.Case, async: true

  alias Shop.Pool

  @moduletag capture_log: true
  @moduletag timeout: 30_000

  @wait 5_000
  @worker {Agent, &__MODULE__.fresh/0}

  describe "a worker" do
    test "is lent, and comes back whatever becomes of the function" do
      pool = start(size: 1)
      assert {:ok, worker} = Pool.transaction(pool, & &1)
      assert Pool.transaction(pool, &Agent.get(&1, fn state -> state end)) == {:ok, :fresh}
      assert_raise RuntimeError, fn -> Pool.transaction(pool, fn _worker -> raise "down" end) end
      assert catch_throw(Pool.transaction(pool, fn _worker -> throw(:down) end)) == :down
      assert catch_exit(Pool.transaction(pool, fn _worker -> exit(:down) end)) == :down
      assert Pool.transaction(pool, & &1) == {:ok, worker}
      assert Pool.status(pool) == %{workers: 1, idle: 1, waiting: 0}
    end

    test "has one borrower at a time" do
      pool = start(size: 3)
      borrowers = for _worker <- 1..3, do: borrow(pool)
      workers = for {_pid, _monitor, worker} <- borrowers, do: worker
      assert workers == Enum.uniq(workers)
      assert Pool.status(pool) == %{workers: 3, idle: 0, waiting: 0}
      Enum.each(borrowers, &give_back/1)
      assert Pool.status(pool) == %{workers: 3, idle: 3, waiting: 0}
    end

    test "that came back last is lent first" do
      pool = start(size: 2)
      [{_, _, _} = first, {_, _, last} = second] = [borrow(pool), borrow(pool)]
      give_back(first)
      give_back(second)
      assert Pool.transaction(pool, & &1) == {:ok, last}
      assert Pool.transaction(pool, & &1) == {:ok, last}
    end

    test "is replaced when its borrower is killed" do
      pool = start(size: 1)
      {borrower, _monitor, worker} = borrow(pool)
      Process.exit(borrower, :kill)
      until(fn -> Pool.status(pool).idle == 1 end)
      assert {:ok, other} = Pool.transaction(pool, & &1)
      assert other != worker
      refute Process.alive?(worker)
    end

    test "that dies is replaced, idle or lent" do
      pool = start(size: 2)
      {borrower, monitor, lent} = borrow(pool)
      {:ok, idle} = Pool.transaction(pool, & &1)
      for worker <- [lent, idle], do: Process.exit(worker, :kill)
      until(fn -> Pool.status(pool) == %{workers: 2, idle: 2, waiting: 0} end)

      # Its borrower lives on, and has nothing to give back.
      give_back({borrower, monitor, lent})
      assert Pool.status(pool) == %{workers: 2, idle: 2, waiting: 0}
      for _worker <- 1..2, do: assert(alive?(borrow(pool)))
    end
  end

  describe "waiting" do
    test "ends with a worker, in order" do
      pool = start(size: 1)
      {_pid, _monitor, worker} = borrower = borrow(pool)
      [first, second] = [wait(pool), wait(pool)]
      give_back(borrower)
      assert_receive {:answer, pid, {:ok, ^worker}}, @wait
      assert pid == first
      assert_receive {:answer, ^second, {:ok, ^worker}}, @wait
    end

    test "ends with a new worker when one dies" do
      pool = start(size: 1)
      {_pid, _monitor, worker} = borrow(pool)
      waiter = wait(pool)
      Process.exit(worker, :kill)
      assert_receive {:answer, ^waiter, {:ok, other}}, @wait
      assert other != worker
    end

    test "is refused at once when too many do already" do
      pool = start(size: 1, max_waiting: 1)
      borrower = borrow(pool)
      waiter = wait(pool)

      # Everybody is still there, so it cannot have waited for one of them.
      assert Pool.transaction(pool, fn _worker -> send(self(), :ran) end) == {:error, :full}
      refute_received :ran
      assert Pool.status(pool) == %{workers: 1, idle: 0, waiting: 1}
      give_back(borrower)
      assert_receive {:answer, ^waiter, {:ok, _worker}}, @wait
    end

    test "ends after a time, and then there is no worker for it" do
      pool = start(size: 1)
      borrower = borrow(pool)
      assert Pool.transaction(pool, fn _worker -> send(self(), :ran) end, 1) == {:error, :timeout}
      assert GenServer.call(pool, {:check_out, make_ref(), 1}) == {:error, :timeout}
      assert Pool.status(pool).waiting == 0
      give_back(borrower)
      assert Pool.status(pool).idle == 1
      refute_received :ran
    end

    test "is over for a borrower that is killed or gives up" do
      pool = start(size: 1)
      borrower = borrow(pool)
      Process.exit(wait(pool), :kill)
      lease = make_ref()
      assert catch_exit(GenServer.call(pool, {:check_out, lease, 60_000}, 0))
      GenServer.cast(pool, {:check_in, lease})
      until(fn -> Pool.status(pool).waiting == 0 end)
      give_back(borrower)
      assert Pool.status(pool).idle == 1
    end
  end

  describe "the pool" do
    test "gives up when too many workers die" do
      pool = start(size: 1, max_restarts: 2, max_seconds: 3_600)
      monitor = Process.monitor(pool)

      for _death <- 1..2 do
        {:ok, worker} = Pool.transaction(pool, & &1)
        Process.exit(worker, :kill)
        until(fn -> not Process.alive?(worker) and Pool.status(pool).idle == 1 end)
      end

      {:ok, worker} = Pool.transaction(pool, & &1)
      Process.exit(worker, :kill)
      assert_receive {:DOWN, ^monitor, :process, ^pool, {:too_many_workers_died, _}}, @wait
    end

    test "fails when its workers do not start" do
      Process.flag(:trap_exit, true)
      worker = {Agent, fn -> exit(:no_connection) end}
      {:ok, pool} = Pool.start_link(name: nil, worker: worker)
      assert_receive {:EXIT, ^pool, {:worker_not_started, {:error, :no_connection}}}, @wait
    end

    test "takes its workers along, however it stops" do
      for {stop, reason} <- [{&GenServer.stop/1, :shutdown}, {&Process.exit(&1, :kill), :killed}] do
        Process.flag(:trap_exit, true)
        {:ok, pool} = Pool.start_link(name: nil, size: 2, worker: @worker)
        workers = for {_pid, _monitor, worker} <- [borrow(pool), borrow(pool)], do: worker
        monitors = Enum.map(workers, &Process.monitor/1)
        stop.(pool)
        for monitor <- monitors, do: assert_receive({:DOWN, ^monitor, _, _, ^reason}, @wait)
      end
    end

    test "is found by a name, through a registry, or by its pid" do
      start_supervised!({Registry, keys: :unique, name: __MODULE__.Names})

      for name <- [__MODULE__.First, {:via, Registry, {__MODULE__.Names, :second}}] do
        pid = start_supervised!({Pool, name: name, worker: @worker})
        assert GenServer.whereis(name) == pid
        assert {:ok, _worker} = Pool.transaction(name, & &1)
      end

      assert {:ok, _worker} = Pool.transaction(start(), & &1)
    end

    test "is full again after a crash, under the same name" do
      name = __MODULE__.Crashed
      pid = start_supervised!({Pool, name: name, size: 2, worker: @worker})
      Process.exit(pid, :kill)
      until(fn -> GenServer.whereis(name) not in [nil, pid] end)
      assert Pool.status(name) == %{workers: 2, idle: 2, waiting: 0}
    end

    test "refuses bad arguments in the caller, and lives on" do
      pool = start()
      assert_raise FunctionClauseError, fn -> Pool.transaction(pool, fn -> :no_worker end) end
      assert_raise FunctionClauseError, fn -> Pool.transaction(pool, & &1, 0) end
      assert {:ok, _worker} = Pool.transaction(pool, & &1)

      for wrong <- [[size: 0], [max_waiting: 0.5], [worker: 1], [unknown: 1]] do
        options = Keyword.merge([name: nil, worker: @worker], wrong)
        assert_raise ArgumentError, fn -> Pool.start_link(options) end
      end

      assert_raise ArgumentError, fn -> Pool.start_link(name: nil) end
    end

    test "survives messages it does not know" do
      pool = start(size: 1)
      send(pool, :hello)
      for _exit <- 1..20, do: send(pool, {:EXIT, self(), :unknown})
      GenServer.cast(pool, {:check_in, make_ref()})
      assert Pool.status(pool) == %{workers: 1, idle: 1, waiting: 0}
    end
  end

  def fresh, do: :fresh

  defp start(options \\ []) do
    options = Keyword.merge([name: nil, worker: @worker], options)
    start_supervised!(Supervisor.child_spec({Pool, options}, id: make_ref()))
  end

  # A borrower in a process of its own, with its worker, until it gives it back.
  defp borrow(pool) do
    test = self()

    {pid, monitor} =
      spawn_monitor(fn ->
        Pool.transaction(pool, fn worker ->
          send(test, {:borrowed, self(), worker})
          receive do: (:give_back -> :ok)
        end)
      end)

    assert_receive {:borrowed, ^pid, worker}, @wait
    {pid, monitor, worker}
  end

  defp give_back({pid, monitor, _worker}) do
    send(pid, :give_back)
    assert_receive {:DOWN, ^monitor, :process, ^pid, _reason}, @wait
  end

  # A borrower in a process of its own that waits for a worker already.
  defp wait(pool) do
    test = self()
    waiting = Pool.status(pool).waiting
    pid = spawn(fn -> send(test, {:answer, self(), Pool.transaction(pool, & &1, 60_000)}) end)
    until(fn -> Pool.status(pool).waiting == waiting + 1 end)
    pid
  end

  defp alive?({_pid, _monitor, worker}), do: Process.alive?(worker)

  defp until(condition, deadline \\ System.monotonic_time(:millisecond) + @wait) do
    cond do
      condition.() -> :ok
      System.monotonic_time(:millisecond) > deadline -> flunk("waited in vain")
      true -> Process.sleep(5) && until(condition, deadline)
    end
  end
end
