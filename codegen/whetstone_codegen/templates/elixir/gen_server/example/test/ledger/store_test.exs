defmodule Ledger.StoreTest do
  use ExUnit.Case, async: true

  import ExUnit.CaptureLog

  @moduletag timeout: 10_000

  test "balance gives balance" do
    server = start(initial: [balance: 7])
    assert Ledger.Store.balance(server) == 7
  end

  test "deposit adds to balance" do
    server = start(initial: [balance: 7])
    sum = 7 + 12
    assert Ledger.Store.deposit(server, 12) == sum
    assert :sys.get_state(server).balance == sum
  end

  test "note puts in front of entries" do
    server = start(initial: [entries: [:old]])
    assert Ledger.Store.note(server, :new) == :ok
    assert :sys.get_state(server).entries == [:new, :old]
  end

  test "entries gives entries" do
    server = start(initial: [entries: [1]])
    assert Ledger.Store.entries(server) == [1]
  end

  test "a wrong argument raises in the caller, and the server goes on" do
    server = start()
    state = :sys.get_state(server)

    assert_raise FunctionClauseError, fn ->
      Ledger.Store.deposit(server, :wrong)
    end

    assert :sys.get_state(server) == state
  end

  test "what it is started with is checked in the caller" do
    assert_raise ArgumentError, fn -> start_link(unknown: 1) end
    assert_raise KeyError, fn -> start_link(initial: [unknown: 1]) end

    assert_raise ArgumentError, ~r/balance/, fn ->
      start_link(initial: [balance: :wrong])
    end

    assert_raise ArgumentError, ~r/entries/, fn ->
      start_link(initial: [entries: :wrong])
    end
  end

  test "after a crash it is there again, with what it was started with" do
    initial = [balance: 7]
    supervisor = start_supervised!(tree(initial: initial))
    [{_, server, _, _}] = Supervisor.which_children(supervisor)
    :sys.replace_state(server, &%{&1 | balance: 12})
    Process.exit(server, :kill)

    eventually(fn ->
      assert [{_, again, _, _}] = Supervisor.which_children(supervisor)
      assert is_pid(again) and again != server
      assert :sys.get_state(again).balance == 7
    end)
  end

  test "a message that nobody expects is logged and changes nothing" do
    server = start()
    state = :sys.get_state(server)

    log =
      capture_log(fn ->
        send(server, :surprise)
        assert :sys.get_state(server) == state
      end)

    assert log =~ ":surprise"
  end

  test "its supervisor is told how to restart and stop it" do
    spec = Ledger.Store.child_spec([])
    assert %{restart: :permanent, shutdown: 5_000} = spec
  end

  test "it is found by its name, and others run beside it" do
    server =
      case Process.whereis(Ledger.Store) do
        nil -> start_supervised!(Ledger.Store)
        # The application runs it already.
        server -> server
      end

    assert Process.whereis(Ledger.Store) == server
    assert start() != server
  end

  defp start_link(options) do
    Ledger.Store.start_link(options)
  end

  defp start(options \\ []) do
    start_supervised!(Supervisor.child_spec(child(options), id: make_ref()))
  end

  defp tree(options) do
    start = {Supervisor, :start_link, [[child(options)], [strategy: :one_for_one]]}
    %{id: :tree, start: start, type: :supervisor}
  end

  defp child(options) do
    options = [name: nil] ++ options
    {Ledger.Store, options}
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
