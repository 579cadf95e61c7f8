defmodule Shop.OrderTest do
  use ExUnit.Case, async: true

  alias Shop.Order

  @moduletag capture_log: true
  @moduletag timeout: 30_000

  @wait 5_000
  @table [
    {:pending, :pay, :paid},
    {:paid, :ship, :shipped},
    {:pending, :cancel, :cancelled},
    {:paid, :cancel, :cancelled}
  ]
  @forbidden [
    {:pending, :ship},
    {:paid, :pay},
    {:shipped, :pay},
    {:shipped, :ship},
    {:shipped, :cancel},
    {:cancelled, :pay},
    {:cancelled, :ship},
    {:cancelled, :cancel}
  ]

  describe "an event" do
    test "leads where the table says" do
      assert Order.state(start()) == :pending

      for {state, event, next} <- @table do
        machine = start(state: state)
        assert Order.trigger(machine, event) == {:ok, next}
        assert Order.state(machine) == next
      end
    end

    test "that the state does not allow changes nothing" do
      for {state, event} <- @forbidden do
        machine = start(state: state)
        assert Order.trigger(machine, event) == {:error, {:not_allowed, state}}
        assert Order.state(machine) == state
      end
    end
  end

  describe "a time-out" do
    test "lets its event come by itself" do
      machine = start(state: :pending, timeouts: %{pending: {1, :pay}})
      until(fn -> Order.state(machine) == :paid end)
    end

    test "begins when its state is entered" do
      timeouts = %{pending: {1, :pay}}
      machine = start(timeouts: timeouts)
      until(fn -> Order.state(machine) == :paid end)
    end

    test "is over when its state is left" do
      first = {20, :cancel}
      machine = start(state: :pending, timeouts: %{pending: first})
      assert Order.trigger(machine, :pay) == {:ok, :paid}

      # When a longer time that began later is over, so is the first.
      timeouts = %{pending: {60, :pay}}
      other = start(state: :pending, timeouts: timeouts)
      until(fn -> Order.state(other) == :paid end)
      assert Order.state(machine) == :paid
    end
  end

  describe "the function that is called at each change" do
    test "has been called when the caller has its answer" do
      test = self()

      for {state, event, next} <- @table do
        machine = start(state: state, changed: &send(test, {:changed, &1, &2}))
        assert Order.trigger(machine, event) == {:ok, next}
        assert_received {:changed, ^state, ^next}
      end
    end

    test "ends the machine when it fails, so that nobody gets an answer" do
      machine = start(state: :pending, changed: fn _old, _new -> exit(:full) end)
      assert {:full, _call} = catch_exit(Order.trigger(machine, :pay))
    end

    test "is not called when nothing changes" do
      test = self()

      for {state, event} <- @forbidden do
        machine = start(state: state, changed: &send(test, {:changed, &1, &2}))
        Order.trigger(machine, event)
      end

      refute_received {:changed, _old, _new}
    end
  end

  describe "the process" do
    test "is found by a name, through a registry, or by its pid" do
      start_supervised!({Registry, keys: :unique, name: __MODULE__.Names})

      for name <- [__MODULE__.First, {:via, Registry, {__MODULE__.Names, :second}}] do
        pid = start_supervised!({Order, name: name})
        assert GenServer.whereis(name) == pid
        assert Order.trigger(name, :pay) == {:ok, :paid}
      end

      assert Order.state(start()) == :pending
    end

    test "begins again after a crash, under the same name" do
      name = __MODULE__.Crashed
      pid = start_supervised!({Order, name: name, state: :pending})
      assert Order.trigger(name, :pay) == {:ok, :paid}
      Process.exit(pid, :kill)
      until(fn -> GenServer.whereis(name) not in [nil, pid] end)
      assert Order.state(name) == :pending
    end

    test "is started again when it has stopped by itself" do
      name = __MODULE__.Stopped
      {:ok, supervisor} = Supervisor.start_link([{Order, name: name}], strategy: :one_for_one)
      pid = GenServer.whereis(name)
      :gen_statem.stop(pid)
      until(fn -> GenServer.whereis(name) not in [nil, pid] end)
      Supervisor.stop(supervisor)
    end

    test "refuses bad arguments in the caller, and lives on" do
      machine = start()
      assert_raise FunctionClauseError, fn -> Order.trigger(machine, :no_such_event) end
      assert Order.state(machine) == :pending

      for wrong <- [
            [state: :no_such_state],
            [timeouts: %{pending: {0, :pay}}],
            [timeouts: %{pending: {1, :no_such_event}}],
            [unknown: 1]
          ] do
        assert_raise ArgumentError, fn -> Order.start_link([name: nil] ++ wrong) end
      end
    end

    test "survives messages it does not know" do
      for state <- [:pending, :paid, :shipped, :cancelled] do
        machine = start(state: state)
        send(machine, :hello)
        assert Order.state(machine) == state
      end
    end
  end

  defp start(options \\ []) do
    options = [name: nil] ++ options
    start_supervised!(Supervisor.child_spec({Order, options}, id: make_ref()))
  end

  defp until(condition, deadline \\ System.monotonic_time(:millisecond) + @wait) do
    cond do
      condition.() -> :ok
      System.monotonic_time(:millisecond) > deadline -> flunk("waited in vain")
      true -> Process.sleep(5) && until(condition, deadline)
    end
  end
end
